//! Phrases that people stumbled over, in whatever they read: screens, errors, logs, documentation, comments and the
//! names of tests. A phrase is here because somebody read it twice; what to write instead stands beside it.

use crate::sources::{assert_none, below};

/// Whole words, in lower case, and what to write instead.
const PHRASES: [(&str, &str); 24] = [
    ("is told", "say who says it to whom: “the page shows”, “Azure answers”, “receives”"),
    ("are told", "“receive”, “get”"),
    ("was told", "“received”, “got”"),
    ("were told", "“received”, “got”"),
    ("be told", "“receive”, “get”"),
    ("been told", "“received”"),
    ("being told", "“receiving”"),
    ("anew", "“again”"),
    ("whoever", "“who”, “anybody who”, or name them"),
    ("is none", "“there is no …”, “is not a …”"),
    ("are none", "“there are no …”"),
    ("by then", "say which time"),
    ("heed", "“follow”, “obey”"),
    ("heeds", "“follows”"),
    ("heeded", "“followed”"),
    ("amounts to", "“is”, “means”"),
    ("amount to", "“are”, “mean”"),
    ("falls away", "“is revoked”, “ends”"),
    ("fall away", "“are revoked”, “end”"),
    ("fell away", "“was revoked”, “ended”"),
    ("brought to mind", "“reminded”"),
    // Screens use GitHub's words. URLs and stored words are older, and stay.
    ("github refuses", "“GitHub rejects”"),
    ("azure refuses", "“Azure rejects”"),
    ("thaws", "“unfreezes”"),
];

/// A line as people read it: the name of a function reads with spaces for `_`. Other identifiers, such as the
/// standard library's `is_none`, do not.
fn as_read(line: &str) -> String {
    // Python's and Rust's `None` is a value.
    let line = line.replace("None", "nothing");
    let line = line.trim_start().trim_start_matches(['/', '!', '*', '#', '>']).trim();
    let line = line.to_lowercase();
    match line.split_once("fn ") {
        Some((before, after)) => format!("{before}fn {}", after.replace('_', " ")),
        None => line,
    }
}

/// Each phrase in a text with the number of its line. A phrase may continue in the next line of a comment.
fn found(text: &str) -> Vec<(usize, &'static str)> {
    let mut flat = String::with_capacity(text.len());
    let mut starts = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        starts.push((flat.len(), number));
        flat.push_str(&as_read(line));
        flat.push(' ');
    }
    let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let mut all = Vec::new();
    for (phrase, _) in PHRASES {
        for (at, _) in flat.match_indices(phrase) {
            let (before, after) =
                (flat[..at].chars().next_back(), flat[at + phrase.len()..].chars().next());
            if !is_word(before) && !is_word(after) {
                let line = starts.iter().rev().find(|(start, _)| *start <= at);
                all.push((line.map_or(0, |(_, number)| *number), phrase));
            }
        }
    }
    all
}

#[test]
fn nothing_that_people_read_has_one_of_the_phrases() {
    let mut breaking = Vec::new();
    let sources = ["app", "server", "end2end", "style", "README.md", "Cargo.toml"];
    let extensions = ["rs", "md", "ts", "mjs", "css", "py", "toml"];
    for source in sources.iter().flat_map(|folder| below(folder, &extensions)) {
        if source.path == "server/house/src/phrases.rs" {
            continue;
        }
        for (line, phrase) in found(&source.text) {
            let instead =
                PHRASES.iter().find(|(one, _)| *one == phrase).map_or("", |(_, instead)| instead);
            breaking.push(format!("{}:{line}: “{phrase}”. Instead: {instead}", source.path));
        }
    }
    assert_none("plain English", &breaking);
}

#[test]
fn a_phrase_is_found_across_lines_and_in_names_and_only_as_whole_words() {
    let phrases = |text| {
        found(text).into_iter().map(|(line, phrase)| format!("{line} {phrase}")).collect::<Vec<_>>()
    };
    assert_eq!(phrases("/// Nobody is\n/// told."), ["1 is told"]);
    assert_eq!(phrases("fn a_route_that_is_none() {}"), ["1 is none"]);
    assert!(phrases("if route.is_none() {}").is_empty());
    assert!(phrases("this none, lanew, is toldest").is_empty());
}
