//! A small minifier for plain CSS that only removes insignificant text.

use anyhow::{Result, bail};

/// Removes comments, indentation and redundant semicolons. Strings stay unchanged.
pub fn minify(sheet: &str) -> Result<String> {
    let mut minified = String::with_capacity(sheet.len());
    let mut rest = sheet;
    let mut depth = 0_usize;
    let mut is_space_due = false;
    while let Some(character) = rest.chars().next() {
        let length = match character {
            '/' if rest.starts_with("/*") => {
                let Some(end) = rest.find("*/") else { bail!("a comment is never closed") };
                is_space_due = true;
                rest = &rest[end + 2..];
                continue;
            }
            '"' | '\'' => string_length(rest)?,
            '\\' => rest.char_indices().nth(2).map_or(rest.len(), |(index, _)| index),
            _ => character.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        rest = after;
        if character.is_ascii_whitespace() {
            is_space_due = true;
            continue;
        }
        if is_space_due && !is_tight(minified.chars().last(), character) {
            minified.push(' ');
        }
        is_space_due = false;
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => bail!("there is an unmatched closing brace"),
            '}' => {
                depth -= 1;
                if minified.ends_with(';') {
                    minified.pop();
                }
            }
            _ => {}
        }
        minified.push_str(token);
    }
    if depth > 0 {
        bail!("{depth} braces are never closed");
    }
    Ok(minified)
}

/// Whether a space between these two characters is insignificant.
fn is_tight(before: Option<char>, after: char) -> bool {
    matches!(before, None | Some('{' | '}' | ';' | ',')) || matches!(after, '{' | '}')
}

/// The length of the string that a text starts with, quotes included.
fn string_length(text: &str) -> Result<usize> {
    let mut characters = text.char_indices();
    let quote = characters.next().map(|(_, quote)| quote);
    let mut is_escaped = false;
    for (index, character) in characters {
        if !is_escaped && Some(character) == quote {
            return Ok(index + character.len_utf8());
        }
        is_escaped = character == '\\' && !is_escaped;
    }
    bail!("a string is never closed")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sheet: &str, expected: &str) {
        assert_eq!(minify(sheet).unwrap(), expected);
    }

    #[test]
    fn comments_and_layout_are_removed() {
        check(
            "/* a */\n.a ,\n.b {\n  color : red;\n\n  margin: 0 auto;\n}\n",
            ".a ,.b{color : red;margin: 0 auto}",
        );
        check("a/* */b{}", "a b{}");
    }

    #[test]
    fn significant_spaces_stay() {
        check("a :hover { & > b { c: calc(1px + 2px) } }", "a :hover{& > b{c: calc(1px + 2px)}}");
        check("@media (a) and (b) { }", "@media (a) and (b){}");
        check("a { --empty: ; }", "a{--empty: }");
    }

    #[test]
    fn strings_and_escapes_are_kept() {
        check(
            "a::before { content: \"/* ; } \\\" */  x\" ; }",
            "a::before{content: \"/* ; } \\\" */  x\" }",
        );
        check(".a\\{b { c: d; }", ".a\\{b{c: d}");
        check("a { b: '→' }", "a{b: '→'}");
    }

    #[test]
    fn an_invalid_sheet_is_rejected() {
        for sheet in ["a {", "a } b", "/* a", "a { b: \"c }"] {
            assert!(minify(sheet).is_err(), "{sheet}");
        }
    }
}
