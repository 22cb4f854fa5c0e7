//! The house rules that can be looked up in the text of the sources.

use std::path::{Path, PathBuf};

const LINES_MAX: usize = 300;
/// Longer files, each with the reason.
const MAY_BE_LONG: [(&str, &str); 1] =
    [("server/emulator/src/arm/assets.rs", "one shape serves four kinds of assets, in one place")];
/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 8] =
    ["util", "utils", "helper", "helpers", "common", "manager", "misc", "service_manager"];

/// Asked while running: the target folder may be shared by clones, and what was compiled in one of them runs
/// in another.
#[expect(clippy::disallowed_methods, reason = "cargo tells tests where they are by this alone")]
fn root() -> PathBuf {
    let server = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs this");
    Path::new(&server).parent().expect("the workspace").to_owned()
}

/// All files with an extension below a folder, by their path in the workspace, with their text.
fn files(folder: &str, extension: &str) -> Vec<(String, String)> {
    let root = root();
    let mut open = vec![root.join(folder)];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy();
            if path.is_dir() {
                if !["target", "node_modules"].contains(&name.as_ref()) && !name.starts_with('.') {
                    open.push(path);
                }
            } else if path.extension().is_some_and(|found| found == extension) {
                let text = std::fs::read_to_string(&path).expect("text");
                let name = path.strip_prefix(&root).expect("it is below").to_string_lossy();
                found.push((name.into_owned(), text));
            }
        }
    }
    assert!(!found.is_empty(), "no .{extension} in {folder}");
    found.sort();
    found
}

fn rust() -> Vec<(String, String)> {
    ["app", "server"].iter().flat_map(|folder| files(folder, "rs")).collect()
}

#[track_caller]
fn nobody(rule: &str, breakers: &[String]) {
    assert!(breakers.is_empty(), "{rule}:\n{}", breakers.join("\n"));
}

#[test]
fn files_are_short_enough_to_read() {
    let long = |name: &str, text: &str| {
        let is_allowed = MAY_BE_LONG.iter().any(|(allowed, _)| *allowed == name);
        text.lines().count() > LINES_MAX && !is_allowed && !name.contains("/tests/")
    };
    let breakers: Vec<_> = rust().into_iter().filter(|(n, t)| long(n, t)).map(|(n, _)| n).collect();
    nobody("at most 300 lines", &breakers);
}

#[test]
fn every_file_says_what_it_is() {
    let silent = rust().into_iter().filter(|(_, text)| !text.starts_with("//!"));
    let breakers: Vec<_> = silent.map(|(name, _)| name).collect();
    nobody("a file starts with //!", &breakers);
}

#[test]
fn what_differs_between_browser_and_server_is_in_three_files() {
    let allowed = ["app/src/lib.rs", "app/src/port.rs", "app/src/error.rs"];
    let mut breakers = Vec::new();
    for (name, text) in files("app/src", "rs") {
        let condition = text.lines().any(|line| {
            let line = line.trim_start();
            (line.starts_with("#[cfg") || line.contains("cfg!(")) && !line.contains("cfg(test)")
        });
        if condition && !allowed.contains(&name.as_str()) {
            breakers.push(name);
        }
    }
    nobody("cfg in lib.rs, port.rs and error.rs only", &breakers);
}

#[test]
fn the_server_does_not_know_that_its_azure_is_emulated() {
    let allowed = ["config", "config/arguments", "embedded", "lib", "main", "overrides"]
        .map(|name| format!("server/src/{name}.rs"));
    let knows = files("server/src", "rs")
        .into_iter()
        .filter(|(name, text)| text.to_lowercase().contains("emulator") && !allowed.contains(name));
    let breakers: Vec<_> = knows.map(|(name, _)| name).collect();
    nobody("“emulator” only in the configuration, and where a server is put together", &breakers);
}

#[test]
fn file_names_say_what_is_inside() {
    let stem = |name: &str| Path::new(name).file_stem().map(|s| s.to_string_lossy().into_owned());
    let empty = |name: &str| {
        Path::new(name)
            .components()
            .any(|part| EMPTY_NAMES.contains(&&*part.as_os_str().to_string_lossy()))
            || stem(name).is_some_and(|stem| EMPTY_NAMES.contains(&stem.as_str()))
    };
    let breakers: Vec<_> = rust().into_iter().map(|(name, _)| name).filter(|n| empty(n)).collect();
    nobody("no util, helper, common, manager", &breakers);
}

#[test]
fn colours_are_named_in_one_file() {
    let mut breakers = Vec::new();
    for (name, text) in files("style", "css") {
        if name == "style/tokens.css" {
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
                breakers.push(format!("{name}:{line}: {}", text.trim()));
            }
        }
    }
    nobody("raw colours in style/tokens.css only", &breakers);
}

#[test]
fn no_source_names_a_place_on_somebodys_machine() {
    let places = ["home", "Users", "work", "root"].map(|folder| format!("/{folder}/"));
    let mut breakers = Vec::new();
    let style = files("style", "css");
    for (name, text) in rust().into_iter().chain(style).chain(files("end2end/tests", "ts")) {
        let named = text.lines().any(|line| {
            // Only where a path can begin: in the middle of one, such a folder is no place.
            places.iter().any(|place| {
                line.match_indices(place.as_str())
                    .any(|(at, _)| line[..at].ends_with(['"', ' ', '\'', '`', '(']) || at == 0)
            })
        });
        if named {
            breakers.push(name);
        }
    }
    nobody("no machine paths", &breakers);
}
