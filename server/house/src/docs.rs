//! What other modules may use has a doc comment. Fields and variants need one only where their name does not say
//! all: units, ranges, sources. The compiler's own lint knows no such difference, so it is off.

use crate::sources::{assert_none, rust, shipped};

const ITEMS: [&str; 8] = ["fn", "struct", "enum", "trait", "const", "static", "type", "mod"];

/// Whether a line begins an item that is public beyond its crate.
fn is_public_item(line: &str) -> bool {
    let Some(rest) = line.trim_start().strip_prefix("pub ") else { return false };
    let mut words = rest.split_whitespace().filter(|word| !["async", "unsafe"].contains(word));
    let Some(first) = words.next() else { return false };
    // A module has its doc comment inside.
    let is_module_file = first == "mod" && line.trim_end().ends_with(';');
    ITEMS.contains(&first) && !is_module_file
}

/// Whether the lines before one end in a doc comment, attributes aside.
fn is_documented(before: &[&str]) -> bool {
    let mut is_inside = false;
    for line in before.iter().rev().map(|line| line.trim()) {
        let is_doc = line.starts_with("#[doc") || line.starts_with("$(#[");
        let begins = line.starts_with("#[") && !is_doc;
        is_inside = !begins && (is_inside || line == ")]");
        if !is_inside && !begins {
            return is_doc || line.starts_with("///");
        }
    }
    false
}

#[test]
fn what_is_public_has_a_doc_comment() {
    let mut breaking = Vec::new();
    // The emulator's modules are private to it.
    for source in shipped(rust()).into_iter().filter(|source| !source.path.contains("/emulator/")) {
        let text = source.text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let lines: Vec<_> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            if is_public_item(line) && !is_documented(&lines[..at]) {
                breaking.push(format!("{}:{}: {}", source.path, at + 1, line.trim()));
            }
        }
    }
    assert_none("a doc comment on each public item", &breaking);
}

#[test]
fn attributes_may_stand_between_an_item_and_its_doc_comment() {
    let lines = ["/// Does it.", "#[expect(", "    lint,", "    reason = \"one [of] them\"", ")]"];
    assert!(is_documented(&lines));
    assert!(!is_documented(&["}", "", "#[must_use]"]));
    assert!(is_public_item("    pub async fn go() {") && !is_public_item("    pub name: String,"));
}
