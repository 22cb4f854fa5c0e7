//! Joins `style/main.scss` and its partials into one style sheet.
//!
//! Sass only reads the load list. The partials are plain CSS whose nesting grass would reject and whose colours it
//! would compute, so grass gets a placeholder for each partial, which is then replaced with the partial's text.

use std::cell::RefCell;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};

use crate::css;

/// An at-rule that exists in neither Sass nor CSS.
const PLACEHOLDER: &str = "@partial-";

/// Compiles a style sheet with the partials in its folder.
pub fn compile(main: &Path) -> Result<String> {
    ensure!(main.is_file(), "{} is missing", main.display());
    let folder = main.parent().context("the style sheet's path has no parent folder")?;
    let partials = Partials::default();
    let options = grass::Options::default()
        .style(grass::OutputStyle::Compressed)
        .load_path(folder)
        .fs(&partials);
    let frame = grass::from_path(main, &options).map_err(|error| anyhow!("{error}"))?;
    partials.fill(&frame)
}

/// The file system for grass, which replaces plain CSS with placeholders.
#[derive(Debug, Default)]
struct Partials(RefCell<Vec<PathBuf>>);

impl Partials {
    fn placeholder(&self, path: &Path) -> String {
        let mut partials = self.0.borrow_mut();
        let index = partials.iter().position(|known| known == path).unwrap_or_else(|| {
            partials.push(path.to_path_buf());
            partials.len() - 1
        });
        format!("{PLACEHOLDER}{index};")
    }

    fn fill(&self, frame: &str) -> Result<String> {
        let partials = self.0.borrow();
        let mut pieces = frame.trim().split(PLACEHOLDER);
        let mut sheet = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let digits = piece.find(|c: char| !c.is_ascii_digit()).unwrap_or(piece.len());
            let (index, rest) = piece.split_at(digits);
            let path = index.parse().ok().and_then(|index: usize| partials.get(index));
            let path = path.with_context(|| format!("no style sheet is numbered {index:?}"))?;
            let text = fs::read_to_string(path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            let text = css::minify(&text).with_context(|| path.display().to_string())?;
            sheet.push_str(&text);
            sheet.push_str(rest.strip_prefix(';').unwrap_or(rest));
        }
        Ok(sheet)
    }
}

impl grass::Fs for Partials {
    fn is_dir(&self, path: &Path) -> bool {
        path.is_dir()
    }

    fn is_file(&self, path: &Path) -> bool {
        path.is_file()
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if path.extension().is_some_and(|extension| extension == "css") {
            return Ok(self.placeholder(path).into_bytes());
        }
        fs::read(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CSS features that the partials use and older tools do not support.
    const MODERN: &str = "\
:root { --ink: light-dark(oklch(20% 0.02 250), oklch(95% 0.01 250)); --empty: ; }
.a {
  color: oklch(from var(--ink) l c h / 50%); width: calc(1px + 2px);
  &:has(> svg) { margin: 0; }
  @container card (inline-size > 30rem) { display: grid; }
  @media (width >= 40rem) { padding: rgb(from red r g b / .5); }
}
@property --hue { syntax: \"<angle>\"; inherits: true; initial-value: 0deg; }
@starting-style { .a { opacity: 0 } }
";

    fn compiled(main: &str, partials: &[(&str, &str)]) -> Result<String> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in partials.iter().chain(&[("main.scss", main)]) {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        compile(&folder.path().join("main.scss"))
    }

    #[test]
    fn partials_are_placed_in_their_layers_unchanged() {
        let main = "@use 'sass:meta';\n@layer base, parts;\n\
                    @layer base { @include meta.load-css('base'); }\n\
                    @layer parts { @include meta.load-css('parts/a'); @import 'parts/b'; }\n";
        let sheet = compiled(
            main,
            &[("base.css", MODERN), ("parts/a.css", "a { b: c; }"), ("parts/b.css", "d{e:f}")],
        )
        .unwrap();
        let expected = format!(
            "@layer base,parts;@layer base{{{}}}@layer parts{{a{{b: c}}d{{e:f}}}}",
            css::minify(MODERN).unwrap()
        );
        assert_eq!(sheet.replace("base, parts", "base,parts"), expected);
        for feature in ["light-dark(", "&:has(", "@container card", "calc(1px + 2px)", "rgb(from"] {
            assert!(sheet.contains(feature), "{feature} is gone: {sheet}");
        }
    }

    #[test]
    fn partials_without_a_layer_are_joined_in_order() {
        let sheet = compiled("@use 'a';\n@use 'b';\n", &[("a.css", "a{}"), ("b.css", "b{}")]);
        assert_eq!(sheet.unwrap(), "a{}b{}");
    }

    #[test]
    fn a_missing_partial_is_named() {
        let error = compiled("@use 'absent';", &[]).unwrap_err().to_string();
        assert!(error.contains("absent"), "{error}");
    }
}
