//! House rules about single files: length, names, colours, paths.

use crate::sources::{Source, assert_none, below, is_test, rust};
use std::path::Path;

const LINES_MAX: usize = 300;
/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 8] =
    ["util", "utils", "helper", "helpers", "common", "manager", "misc", "service_manager"];

fn paths(sources: Vec<Source>, breaks: impl Fn(&Source) -> bool) -> Vec<String> {
    sources.into_iter().filter(breaks).map(|source| source.path).collect()
}

#[test]
fn files_are_short_enough_to_read() {
    let is_long = |file: &Source| file.text.lines().count() > LINES_MAX && !is_test(&file.path);
    assert_none("at most 300 lines", &paths(rust(), is_long));
}

#[test]
fn every_file_says_what_it_is() {
    assert_none("a file starts with //!", &paths(rust(), |file| !file.text.starts_with("//!")));
}

#[test]
fn what_differs_between_browser_and_server_is_in_three_files() {
    let allowed = ["app/src/lib.rs", "app/src/port.rs", "app/src/error.rs"];
    let has_condition = |file: &Source| {
        file.text.lines().map(str::trim_start).any(|line| {
            (line.starts_with("#[cfg") || line.contains("cfg!(")) && !line.contains("cfg(test)")
        })
    };
    let breaks = |file: &Source| has_condition(file) && !allowed.contains(&file.path.as_str());
    assert_none(
        "cfg in lib.rs, port.rs and error.rs only",
        &paths(below("app/src", &["rs"]), breaks),
    );
}

#[test]
fn the_server_does_not_know_that_its_azure_is_emulated() {
    let allowed = ["config", "config/arguments", "embedded", "lib", "main", "overrides"]
        .map(|name| format!("server/src/{name}.rs"));
    let knows = |Source { path, text }: &Source| {
        text.to_lowercase().contains("emulator") && !allowed.contains(path)
    };
    let breaking = paths(below("server/src", &["rs"]), knows);
    assert_none(
        "“emulator” only in the configuration, and where a server is put together",
        &breaking,
    );
}

#[test]
fn file_names_say_what_is_inside() {
    let is_empty = |source: &Source| {
        let path = Path::new(&source.path).with_extension("");
        path.iter().any(|part| EMPTY_NAMES.contains(&&*part.to_string_lossy()))
    };
    assert_none("no util, helper, common, manager", &paths(rust(), is_empty));
}

#[test]
fn colours_are_named_in_one_file() {
    let mut breakers = Vec::new();
    for Source { path, text } in below("style", &["css"]) {
        if path == "style/tokens.css" {
            continue;
        }
        for (line, text) in (1..).zip(text.lines()) {
            let functions = ["rgb(", "rgba(", "hsl(", "oklch(", "oklab(", "lch("];
            let has_function = functions.iter().any(|function| {
                text.match_indices(function).any(|(at, _)| {
                    !text[..at].ends_with(|before: char| before.is_ascii_alphanumeric())
                })
            });
            let has_number = text.split('#').skip(1).any(|after| {
                let digits = after.chars().take_while(char::is_ascii_hexdigit).count();
                let value = text.split_once(':').is_some_and(|(_, value)| value.contains('#'));
                [3, 4, 6, 8].contains(&digits) && value
            });
            if has_function || has_number {
                breakers.push(format!("{path}:{line}: {}", text.trim()));
            }
        }
    }
    assert_none("raw colours in style/tokens.css only", &breakers);
}

#[test]
fn no_source_names_a_place_on_somebodys_machine() {
    let places = ["home", "Users", "work", "root"].map(|folder| format!("/{folder}/"));
    let names_one = |source: &Source| {
        source.text.lines().any(|line| {
            // Only where a path can begin: in the middle of one, such a folder is no place.
            places.iter().any(|place| {
                line.match_indices(place.as_str())
                    .any(|(at, _)| line[..at].ends_with(['"', ' ', '\'', '`', '(']) || at == 0)
            })
        })
    };
    let mut sources = rust();
    sources.extend(below("style", &["css"]));
    sources.extend(below("end2end", &["ts", "mjs", "py"]));
    sources.extend(below("server/docs", &["md"]));
    assert_none("no machine paths", &paths(sources, names_one));
}
