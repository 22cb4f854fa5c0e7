//! Words as Docker and the shell read them.

use super::*;

fn known(name: &str) -> Option<String> {
    match name {
        "A" => Some("one two".to_owned()),
        "EMPTY" => Some(String::new()),
        _ => None,
    }
}

#[test]
fn variables_quotes_and_escapes_are_read_as_docker_reads_them() {
    for (text, value) in [
        ("$A", "one two"),
        ("x${A}y", "xone twoy"),
        (r#""$A" '$A' \$A"#, "one two $A $A"),
        ("${B:-fallback}${B-other}", "fallbackother"),
        ("[${EMPTY:-is empty}][${EMPTY-}]", "[is empty][]"),
        ("${A:+set}${B:+set}", "set"),
        ("${B:-${C:-$A}}", "one two"),
        ("$", "$"),
        ("${A", "one two"),
    ] {
        assert_eq!(expand(text, &known), value, "{text}");
    }
    let deep = format!("{}x{}", "${B:-".repeat(100), "}".repeat(100));
    assert_eq!(expand(&deep, &known), "");
}

#[test]
fn pairs_may_be_quoted_or_in_the_old_form() {
    let pair = |k: &str, v: &str| (k.to_owned(), v.to_owned());
    assert_eq!(
        pairs(r#"A=1 B="two words" C=$A D=a\ b"#, &known),
        [pair("A", "1"), pair("B", "two words"), pair("C", "one two"), pair("D", "a b")]
    );
    assert_eq!(pairs("NAME a value  here", &known), [pair("NAME", "a value  here")]);
}

#[test]
fn shell_lines_are_split_into_commands() {
    let word = |text: &str| Token::Word(text.to_owned());
    let found = commands("pip install $A \\\n  'x>=1' && echo \"a;b\"; ls # all\n", &known);
    assert_eq!(
        found,
        [
            vec![word("pip"), word("install"), word("one"), word("two"), word("x>=1")],
            vec![word("echo"), word("a;b")],
            vec![word("ls")],
        ]
    );
    for (text, shown) in [("a | b", "|"), ("a $(b)", "$(…)"), ("a 2>&1", ">"), ("`a`", "`…`")] {
        let all = commands(text, &known).concat();
        assert!(all.contains(&Token::Shell(shown)), "{text}: {all:?}");
    }
}
