//! The served folder: hashed files in `pkg/`, and the files from `public/`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::compress::{self, Effort};
use crate::manifest::{self, File};
use crate::wasm::Module;
use crate::workspace::files_below;
use crate::{OUTPUT_NAME, glue};

/// The parts of a site.
pub struct Parts {
    pub module: Module,
    pub style: String,
    /// The folder whose files are served unchanged, `public/`.
    pub public: PathBuf,
}

/// Writes the site and returns the sizes of its files.
///
/// Writes to a temporary folder first and moves it into place at the end, so that a running server never serves half
/// a bundle.
pub fn assemble(site: &Path, parts: &Parts, effort: Effort) -> Result<Vec<File>> {
    let staging = site.with_extension("new");
    remove(&staging)?;
    let mut writer = Writer { folder: &staging, effort, files: Vec::new() };
    write_package(&mut writer, parts)?;
    for path in files_below(&parts.public)? {
        let name = path.strip_prefix(&parts.public)?.to_string_lossy().into_owned();
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        writer.write(name, &bytes, false)?;
    }
    let files = writer.files;
    remove(site)?;
    fs::rename(&staging, site)
        .with_context(|| format!("cannot move the bundle to {}", site.display()))?;
    Ok(files)
}

fn write_package(writer: &mut Writer<'_>, parts: &Parts) -> Result<()> {
    let hashed = |hash: &str, extension: &str| format!("{OUTPUT_NAME}.{hash}.{extension}");
    let module = &parts.module;

    let wasm = manifest::hash(&module.wasm);
    let script = glue::point_at(&module.glue, &hashed(&wasm, "wasm"))?;
    let js = manifest::hash(script.as_bytes());
    let css = manifest::hash(parts.style.as_bytes());

    writer.write(format!("pkg/{}", hashed(&wasm, "wasm")), &module.wasm, true)?;
    writer.write(format!("pkg/{}", hashed(&js, "js")), script.as_bytes(), true)?;
    writer.write(format!("pkg/{}", hashed(&css, "css")), parts.style.as_bytes(), true)?;
    for (path, script) in &module.snippets {
        let name = format!("pkg/snippets/{}", path.display());
        writer.write(name, script.as_bytes(), true)?;
    }
    let hashes = manifest::hash_file(&js, &wasm, &css);
    let path = writer.folder.join("pkg").join("hash.txt");
    fs::write(&path, hashes).with_context(|| format!("cannot write {}", path.display()))
}

/// Writes files with their compressed variants, and records their sizes.
struct Writer<'a> {
    folder: &'a Path,
    effort: Effort,
    files: Vec<File>,
}

impl Writer<'_> {
    fn write(&mut self, name: String, bytes: &[u8], is_first_load: bool) -> Result<()> {
        let path = self.folder.join(&name);
        let parent = path.parent().context("a file has no folder")?;
        fs::create_dir_all(parent)
            .with_context(|| format!("cannot create {}", parent.display()))?;
        let put = |suffix: &str, bytes: &[u8]| {
            let path = self.folder.join(format!("{name}{suffix}"));
            fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))
        };
        put("", bytes)?;
        let (mut gzip, mut brotli) = (None, None);
        if compress::is_worthwhile(&name) {
            let compressed = compress::compress(bytes, self.effort)?;
            put(".gz", &compressed.gzip)?;
            put(".br", &compressed.brotli)?;
            gzip = Some(compressed.gzip.len());
            brotli = Some(compressed.brotli.len());
        }
        self.files.push(File { name, raw: bytes.len(), gzip, brotli, is_first_load });
        Ok(())
    }
}

fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn parts(public: &Path) -> Parts {
        Parts {
            module: Module {
                wasm: b"\0asm".to_vec(),
                glue: "new URL('understudy_bg.wasm', import.meta.url)".to_owned(),
                snippets: BTreeMap::from([("a/inline0.js".into(), "export {}".to_owned())]),
            },
            style: "a{color:red}".to_owned(),
            public: public.to_path_buf(),
        }
    }

    #[test]
    fn a_site_has_hashed_compressed_files_that_refer_to_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let public = folder.path().join("public");
        fs::create_dir_all(public.join("icons")).unwrap();
        fs::write(public.join("icons/a.svg"), "<svg/>").unwrap();
        fs::write(public.join("b.png"), "png").unwrap();
        let site = folder.path().join("site");
        let files = assemble(&site, &parts(&public), Effort::Best).unwrap();

        let hashes = fs::read_to_string(site.join("pkg/hash.txt")).unwrap();
        let of = |key: &str| {
            let line = hashes.lines().find(|line| line.starts_with(key)).unwrap();
            line.split_once(": ").unwrap().1.to_owned()
        };
        let (js, wasm, css) = (of("js"), of("wasm"), of("css"));
        for (hash, extension) in [(&js, "js"), (&wasm, "wasm"), (&css, "css")] {
            for suffix in ["", ".br", ".gz"] {
                let path = site.join(format!("pkg/understudy.{hash}.{extension}{suffix}"));
                assert!(path.is_file(), "{}", path.display());
            }
        }
        let script = fs::read_to_string(site.join(format!("pkg/understudy.{js}.js"))).unwrap();
        assert!(script.contains(&format!("understudy.{wasm}.wasm")), "{script}");
        assert!(site.join("pkg/snippets/a/inline0.js.br").is_file());
        assert!(site.join("icons/a.svg.gz").is_file());
        assert!(site.join("b.png").is_file() && !site.join("b.png.br").exists());
        assert_eq!(files.iter().filter(|file| file.is_first_load).count(), 4);
    }

    #[test]
    fn a_new_bundle_replaces_all_files_of_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let site = folder.path().join("site");
        let mut parts = parts(&folder.path().join("absent"));
        assemble(&site, &parts, Effort::Quick).unwrap();
        parts.style = "a{color:blue}".to_owned();
        assemble(&site, &parts, Effort::Quick).unwrap();
        let styles = files_below(&site).unwrap();
        let styles = styles.iter().filter(|path| path.extension().is_some_and(|e| e == "css"));
        assert_eq!(styles.count(), 1);
        assert!(!site.with_extension("new").exists());
    }
}
