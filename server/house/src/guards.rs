//! The server sets every fact that guards judge by, and makes every move. A guard whose input nothing produces can
//! only pass, and nobody would notice.

use crate::sources::{assert_none, below, shipped};

/// The code of the server that is shipped, without comments and without tests.
fn server() -> String {
    let mut all = String::new();
    for source in shipped(below("server/src", &["rs"])) {
        let text = source.text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        for line in text.lines() {
            all.push_str(line.split("//").next().unwrap_or_default());
            all.push('\n');
        }
    }
    all
}

/// The lines between an item's first line and its closing brace, without comments, attributes and nested fields.
fn inside<'a>(text: &'a str, first: &str) -> Vec<&'a str> {
    let (_, after) = text.split_once(first).expect(first);
    let lines = after.lines().skip(1).take_while(|line| *line != "}");
    let own = |line: &&str| {
        line.starts_with("    ") && line.chars().nth(4).is_some_and(char::is_alphabetic)
    };
    lines.filter(own).map(str::trim).collect()
}

/// The names that expressions `GuardInputs { … }` set, and those that are assigned as `facts.…`.
fn facts_set(code: &str) -> Vec<String> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut names = Vec::new();
    for (at, open) in code.match_indices("GuardInputs {") {
        if code[..at].trim_end().ends_with("->") {
            continue;
        }
        let body = code[at + open.len()..].split('}').next().unwrap_or_default();
        let fields = body.split([',', '\n']).filter_map(|field| field.split(':').next());
        names.extend(fields.map(|field| field.trim().to_owned()));
    }
    for (at, start) in code.match_indices("facts.") {
        let rest = &code[at + start.len()..];
        let name: String = rest.chars().take_while(|c| is_word(*c)).collect();
        let after = rest[name.len()..].trim_start();
        let is_set =
            after.starts_with("= ") || after.starts_with("=\n") || after.starts_with(".extend(");
        names.extend(is_set.then_some(name));
    }
    names
}

#[test]
fn the_server_sets_every_fact_that_guards_judge_by() {
    let code = server();
    let set = facts_set(&code);
    let sources = below("app/domain/src/guard", &["rs"]);
    let facts =
        sources.iter().find(|source| source.path.ends_with("/guard/inputs.rs")).expect("inputs");
    let fields = inside(&facts.text, "pub struct GuardInputs {");
    assert!(fields.len() > 10, "{fields:?}");
    let names = fields.iter().filter_map(|line| line.strip_prefix("pub ")?.split(':').next());
    let never: Vec<_> =
        names.filter(|name| !set.iter().any(|one| one == name)).map(str::to_owned).collect();
    assert_none("no code of the server sets these facts", &never);
}

#[test]
fn the_server_makes_every_move_that_guards_judge() {
    let code = server();
    let sources = below("app/domain/src/guard", &["rs"]);
    let case =
        sources.iter().find(|source| source.path.ends_with("/guard/context.rs")).expect("moves");
    let variants = inside(&case.text, "pub enum Move {");
    assert!(variants.len() > 5, "{variants:?}");
    let name = |line: &&str| line.split([',', '(']).next().unwrap_or_default().to_owned();
    let never: Vec<_> =
        variants.iter().map(name).filter(|name| !code.contains(&format!("Move::{name}"))).collect();
    assert_none("no code of the server makes these moves", &never);
}

#[test]
fn a_fact_is_set_by_an_expression_or_an_assignment_and_not_by_reading_it() {
    let code = "fn f() -> GuardInputs { gate }\nlet x = GuardInputs { quota, image: None,\n    ..Facts::default() };\n\
                facts.nowhere = around;\nfacts.unanswered.extend(all);\nif facts.protected == true {}";
    let set = facts_set(code);
    for (name, is_set) in [
        ("quota", true),
        ("image", true),
        ("nowhere", true),
        ("unanswered", true),
        ("gate", false),
        ("protected", false),
    ] {
        assert_eq!(set.iter().any(|one| one == name), is_set, "{name}");
    }
}
