//! Tests of `spec::yaml`: places, anchors, merges, limits, and no panics.

use proptest::prelude::*;
use spec::problem::Problem;
use spec::yaml::{Limits, Node, Typed, Value, parse};

fn read(text: &str) -> Result<Node, Problem> {
    parse("a.yml", text.as_bytes(), Limits::default())
}

#[track_caller]
fn good(text: &str) -> Node {
    read(text).expect("good YAML")
}

/// A tree in a line: `{a: 1, b: [x]}`.
fn line(node: &Node) -> String {
    match &node.value {
        Value::Scalar(scalar) => scalar.text.clone(),
        Value::List(items) => {
            format!("[{}]", items.iter().map(line).collect::<Vec<_>>().join(", "))
        }
        Value::Map(map) => {
            let entries = map.entries.iter();
            let entries =
                entries.map(|entry| format!("{}: {}", entry.key.text, line(&entry.value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}

#[test]
fn nodes_have_their_places_and_source_texts() {
    let node = good("a: 0001\nb:\n  - yes\n  - \"é\"\n");
    let list = node.map().and_then(|map| map.get("b")).and_then(Node::list).expect("a list");
    assert_eq!((list[0].at.line, list[0].at.column), (3, 5));
    assert_eq!((list[1].at.line, list[1].at.column), (4, 5));
    let a = node.map().and_then(|map| map.get("a")).expect("a");
    assert_eq!(a.text(), Some("0001"));
    assert_eq!(a.scalar().map(spec::yaml::Scalar::typed), Some(Ok(Typed::Int(1))));
}

#[test]
fn anchors_aliases_and_merges_are_expanded() {
    for (text, tree) in [
        ("a: &x {k: 1}\nb: *x\n", "{a: {k: 1}, b: {k: 1}}"),
        ("a: &x {k: 1, l: 2}\nb:\n  <<: *x\n  l: 3\n", "{a: {k: 1, l: 2}, b: {k: 1, l: 3}}"),
        ("b:\n  l: 3\n  <<: {k: 1, l: 2}\n", "{b: {k: 1, l: 3}}"),
        ("b: {<<: [{k: 1}, {k: 2, l: 3}]}", "{b: {k: 1, l: 3}}"),
        ("b: {<<: {k: 1}, <<: {k: 2}}", "{b: {k: 2}}"),
        ("b: {\"<<\": {k: 1}}", "{b: {<<: {k: 1}}}"),
        ("a: &x 1\nb: [*x, *x]", "{a: 1, b: [1, 1]}"),
        ("# &x\na: &x 1 # &x\nb: &y \"&x\"", "{a: 1, b: &x}"),
    ] {
        assert_eq!(line(&good(text)), tree, "{text}");
    }
}

#[test]
fn line_ends_and_marks_of_editors_are_read() {
    for text in [
        "\u{feff}a: 1\n",
        "a: 1\r\n",
        "a: 1\r",
        "--- \na: 1\n...\n",
        "# x\n\na: 1",
        "%YAML 1.1\n---\na: 1",
    ] {
        assert_eq!(line(&good(text)), "{a: 1}", "{text:?}");
    }
    assert_eq!(
        line(&good("a: \"x\ty\" # \tz\nb: |\n  c\td\n#\t\ne: 'f\tg'")),
        "{a: x\ty, b: c\td\n, e: f\tg}"
    );
    for text in ["", "\n", "# only words\n", "---\n"] {
        assert!(good(text).is_null(), "{text:?}");
    }
}

#[test]
fn refusals_name_line_and_column() {
    for (text, at, part) in [
        ("a: 1\nb: 2\na: 3", (3, 1), "first in line 1, again in line 3"),
        ("a: 1\n---\nb: 2", (2, 1), "second document"),
        ("a:\n\tb: 1", (2, 1), "tab"),
        ("a: b\n\tc: 1", (2, 1), "tab"),
        ("a: 1\t\nb: 2", (1, 5), "tab"),
        ("a:\t1", (1, 3), "tab"),
        ("a: b\tc", (1, 5), "tab"),
        ("a: [1", (1, 4), "not YAML"),
        ("a: 'x", (1, 4), "not YAML"),
        ("a: *x", (1, 4), "not YAML"),
        ("a: &x [*x]", (1, 8), "never end"),
        ("a: &x 1\nb: &x 2", (2, 4), "defined twice"),
        ("{a: &x [1], b: *x, c: &x 2}", (1, 23), "defined twice"),
        ("a: {<<: 1}", (1, 5), "only mappings"),
        ("[a]: 1", (1, 1), "cannot be a key"),
        ("a: !custom 1", (1, 4), "!custom"),
        ("a: !!set {x}", (1, 4), "!!set"),
        ("a: \u{7}", (1, 4), "U+0007"),
    ] {
        let problem = read(text).expect_err(text);
        assert!(problem.message.contains(part), "{text:?}: {problem}");
        assert_eq!((problem.line, problem.column), at, "{text:?}: {problem}");
    }
    for (text, part) in [
        ("a: {b: http://h/x?y=1}", "Quote the value"),
        ("a: [?b]", "Quote the value"),
        ("a: {b: |-}", "not allowed within"),
        ("a: b\u{2028}c", "ends a line"),
        ("a: {{NAME}}", "“{{NAME}}” is a placeholder without a value"),
        ("a: {{ NAME }}", "“{{NAME}}” is a placeholder without a value"),
        ("a: {{b: c}: d}", "cannot be a key"),
        ("a: !!binary aGk=", "is valid YAML, but"),
        ("a: !!omap [b: 1]", "is valid YAML, but"),
        ("a: !mine b", "is not supported by Azure's tools"),
    ] {
        let problem = read(text).expect_err(text);
        assert!(problem.line == 1 && problem.message.contains(part), "{text:?}: {problem}");
    }
    assert!(read("c: 'a\u{2028}b'\na: http://h/x?y=1\nb: {c: 'd?e', ? f : g}\n").is_ok());
    let problem = parse("a.yml", b"a: 1\nb: \xff", Limits::default()).expect_err("not UTF-8");
    assert_eq!((problem.line, problem.column), (2, 4));
}

#[test]
fn surrogate_pairs_are_one_character_in_double_quotes_only() {
    let text = |source: &str| {
        good(source).map().expect("a mapping").get("a").and_then(Node::text).map(str::to_owned)
    };
    for (source, meant) in [
        (r#"a: "\ud83d\ude00""#, "😀"),
        (r#"a: "x\uD83D\uDE00y\ud83d\ude01""#, "x😀y😁"),
        (r#"a: '\ud83d\ude00'"#, r"\ud83d\ude00"),
        (r"a: \ud83d\ude00", r"\ud83d\ude00"),
        (
            r#"b: '\ud83d\ude01' # \ud83d\ude02
a: "\ud83d\ude00""#,
            "😀",
        ),
        (r#"a: "\\ud83d""#, r"\ud83d"),
    ] {
        assert_eq!(text(source).as_deref(), Some(meant), "{source}");
    }
    assert!(read(r#"a: "\ud83d""#).is_err(), "half a character");
    let problem = read(r#"{a: "\ud83d\ude00", b: *c}"#).expect_err("no anchor");
    assert_eq!((problem.line, problem.column), (1, 24), "{problem}");
}

#[test]
fn size_and_depth_are_limited() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x]\n".to_owned();
    for n in 1..40 {
        let p = n - 1;
        bomb += &format!("a{n}: &a{n} [*a{p}, *a{p}, *a{p}, *a{p}, *a{p}, *a{p}, *a{p}, *a{p}]\n");
    }
    assert!(read(&bomb).expect_err("a bomb").message.contains("aliases expanded"));
    let mut merges = "a0: &a0 {k: 1}\n".to_owned();
    for n in 1..60 {
        merges += &format!("a{n}: &a{n}\n  <<: *a{}\n  k{n}: 1\n", n - 1);
    }
    assert!(read(&merges).is_ok());
    assert!(read(&"[".repeat(5000)).is_err());
    assert!(read(&"{a: ".repeat(5000)).is_err());
    assert!(read(&"- ".repeat(5000)).expect_err("deep").message.contains("levels deep"));
    let large = "x".repeat(Limits::default().bytes + 1);
    assert!(read(&large).expect_err("large").message.contains("which is the limit"));
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic_and_refusals_have_a_line(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Err(problem) = parse("a.yml", &bytes, Limits::default()) {
            prop_assert!(problem.line >= 1 && problem.column >= 1);
        }
    }

    #[test]
    fn yaml_like_texts_never_panic(text in "([a-c&*!?<:, |>'\"#%@\\[\\]{}~=.0-9\t\n-]|<<: |: |- |\n  |&a |\\*a ){0,60}") {
        if let Err(problem) = read(&text) {
            prop_assert!(problem.line >= 1 && problem.column >= 1);
        }
    }

    #[test]
    fn every_scalar_keeps_its_text(text in "[ -~\u{e0}-\u{ff}]{0,40}") {
        let quoted = text.replace('\'', "''");
        let node = good(&format!("a: '{quoted}'"));
        prop_assert_eq!(node.map().and_then(|map| map.get("a")).and_then(Node::text), Some(text.as_str()));
    }
}
