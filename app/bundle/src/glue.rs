//! Shrinks the JavaScript from wasm-bindgen and points it at the hashed module.

use anyhow::{Result, ensure};

use crate::OUTPUT_NAME;

/// Removes comment lines, indentation and empty lines.
///
/// Works line by line, because a full minifier would save less than half a kilobyte more after
/// compression. Lines inside a multi-line template literal stay unchanged.
pub fn strip(script: &str) -> String {
    let mut stripped = String::with_capacity(script.len());
    let (mut in_comment, mut in_template) = (false, false);
    for line in script.lines() {
        let trimmed = line.trim();
        if in_template {
            stripped.push_str(line);
            stripped.push('\n');
        } else if in_comment {
            in_comment = !trimmed.ends_with("*/");
            continue;
        } else if trimmed.starts_with("/*") && (!trimmed.contains("*/") || trimmed.ends_with("*/"))
        {
            in_comment = !trimmed.contains("*/");
            continue;
        } else if !trimmed.is_empty() && !trimmed.starts_with("//") {
            stripped.push_str(trimmed);
            stripped.push('\n');
        } else {
            continue;
        }
        in_template ^= unescaped_backticks(line) % 2 == 1;
    }
    stripped
}

/// Replaces the module's default name with its served name.
pub fn point_at(script: &str, module: &str) -> Result<String> {
    let default = format!("{OUTPUT_NAME}_bg.wasm");
    ensure!(script.contains(&default), "the glue no longer mentions {default}");
    Ok(script.replace(&default, module))
}

fn unescaped_backticks(line: &str) -> usize {
    let (mut count, mut escaped) = (0, false);
    for character in line.chars() {
        count += usize::from(character == '`' && !escaped);
        escaped = character == '\\' && !escaped;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_indentation_are_removed() {
        let script = "/* head */\n/**\n * @param {number} a\n */\nexport function f(a) {\n    \
                      // why\n    return a; // kept: not worth a parser\n}\n\n";
        assert_eq!(
            strip(script),
            "export function f(a) {\nreturn a; // kept: not worth a parser\n}\n"
        );
    }

    #[test]
    fn code_after_a_comment_on_one_line_stays() {
        assert_eq!(strip("/* @__PURE__ */ call();\nlast();"), "/* @__PURE__ */ call();\nlast();\n");
    }

    #[test]
    fn template_literals_keep_their_lines() {
        let script = "const a = `one\n    // two\n\n  three`;\n    done();\n";
        assert_eq!(strip(script), "const a = `one\n    // two\n\n  three`;\ndone();\n");
        assert_eq!(strip("  f('\\`');\n  g();"), "f('\\`');\ng();\n");
    }

    #[test]
    fn the_script_loads_the_module_by_its_served_name() {
        let script = "new URL('understudy_bg.wasm', import.meta.url)";
        let pointed = point_at(script, "understudy.0a1b.wasm").unwrap();
        assert_eq!(pointed, "new URL('understudy.0a1b.wasm', import.meta.url)");
        assert!(point_at("nothing", "x.wasm").is_err());
    }
}
