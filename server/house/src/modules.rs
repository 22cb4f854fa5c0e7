//! Which folder imports which. Folders form no circle: what a folder imports can be read before it.

use crate::sources::{Source, assert_none, below, shipped};
use std::collections::{BTreeMap, BTreeSet};

/// A crate, or a folder of one, whose parts must form no circle.
struct Scope {
    folder: &'static str,
    /// How paths within it begin.
    prefix: &'static str,
    /// Parts that put the others together, and may import all of them.
    roots: &'static [&'static str],
}

const SCOPES: [Scope; 10] = [
    Scope { folder: "server/src", prefix: "crate::", roots: &["lib", "main", "embedded", "check"] },
    Scope { folder: "server/emulator/src", prefix: "crate::", roots: &["lib"] },
    Scope { folder: "server/emulator/dataplane/src", prefix: "crate::", roots: &["lib"] },
    Scope { folder: "server/emulator/analytics/src", prefix: "crate::", roots: &["lib"] },
    Scope { folder: "server/emulator/load/src", prefix: "crate::", roots: &["lib"] },
    Scope { folder: "server/ledger/src", prefix: "crate::", roots: &["lib"] },
    Scope { folder: "server/spec/src", prefix: "crate::", roots: &["lib"] },
    Scope { folder: "app/domain/src", prefix: "crate::", roots: &["lib"] },
    Scope { folder: "app/src", prefix: "crate::", roots: &["lib"] },
    Scope { folder: "app/src/features", prefix: "crate::features::", roots: &["mod"] },
];

/// Where one part imports another, in words.
type Imports = BTreeMap<(String, String), Vec<String>>;

/// The source without comments and without its tests.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join(" ")
}

/// All paths that a use tree names: `a::{b, c::{d}}` is `a::b` and `a::c::d`.
fn paths(tree: &str) -> Vec<String> {
    let Some((head, rest)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or_default();
        return vec![path.split_whitespace().collect()];
    };
    let inner = rest.rsplit_once('}').map_or(rest, |(inner, _)| inner);
    let (mut depth, mut parts, mut part) = (0, Vec::new(), String::new());
    for letter in inner.chars() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(std::mem::take(&mut part));
                continue;
            }
            _ => {}
        }
        part.push(letter);
    }
    parts.push(part);
    let full = |part: &String| paths(&format!("{}{}", head.trim(), part.trim()));
    parts.iter().filter(|part| !part.trim().is_empty()).flat_map(full).collect()
}

/// The module of a file, from the crate's root: `a::b` for `server/src/a/b.rs`.
fn module(path: &str) -> Vec<&str> {
    let inside = path.rsplit_once("src/").map_or(path, |(_, inside)| inside);
    let mut parts: Vec<_> = inside.trim_end_matches(".rs").split('/').collect();
    if parts.last().is_some_and(|last| ["mod", "lib", "main"].contains(last)) {
        parts.pop();
    }
    parts
}

/// The source with `super::` written out from the crate's root.
fn absolute(path: &str, text: &str) -> String {
    let module = module(path);
    let mut text = text.to_owned();
    for up in (1..=module.len()).rev() {
        let parent = module[..module.len() - up].iter().map(|part| format!("{part}::"));
        let full = format!("crate::{}", parent.collect::<String>());
        text = text.replace(&"super::".repeat(up), &full);
    }
    text
}

/// Every path in a file that begins with a prefix, in `use` and elsewhere.
fn named(path: &str, text: &str, prefix: &str) -> Vec<String> {
    let code = code(&absolute(path, text));
    let mut found = Vec::new();
    let mut rest = code.as_str();
    while let Some((at, _)) = rest.match_indices("use ").next() {
        let (before, after) = rest.split_at(at);
        found.extend(inline(before, prefix));
        let tree = after["use ".len()..].split(';').next().unwrap_or_default();
        found.extend(paths(tree).into_iter().filter(|path| path.starts_with(prefix)));
        rest = &after["use ".len() + tree.len()..];
    }
    found.extend(inline(rest, prefix));
    found
}

fn inline(code: &str, prefix: &str) -> Vec<String> {
    let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let starts = code.match_indices(prefix).map(|(at, _)| at);
    starts.map(|at| code[at..].chars().take_while(|c| is_path(*c)).collect()).collect()
}

fn imports(scope: &Scope, sources: &[Source]) -> Imports {
    let mut all = Imports::new();
    for Source { path, text } in sources {
        let inside = path.strip_prefix(scope.folder).map(|rest| rest.trim_start_matches('/'));
        let Some(first) = inside.and_then(|inside| inside.split('/').next()) else { continue };
        let from = first.trim_end_matches(".rs");
        if scope.roots.contains(&from) || text.contains("#![cfg(test)]") {
            continue;
        }
        for full in named(path, text, scope.prefix) {
            let rest = &full[scope.prefix.len()..];
            let to = rest.split("::").next().unwrap_or_default();
            if to != from && !to.is_empty() {
                let key = (from.to_owned(), to.to_owned());
                all.entry(key).or_default().push(format!("{path} imports {full}"));
            }
        }
    }
    all
}

/// What a part reaches, itself only if it is in a circle.
fn reached<'a>(from: &'a str, imports: &'a Imports) -> BTreeSet<&'a str> {
    let (mut open, mut seen) = (vec![from], BTreeSet::new());
    while let Some(part) = open.pop() {
        for (_, to) in imports.keys().filter(|(one, _)| one == part) {
            if seen.insert(to.as_str()) {
                open.push(to);
            }
        }
    }
    seen
}

/// The imports that lie on a circle.
fn circles(imports: &Imports) -> Vec<String> {
    let parts: BTreeSet<_> = imports.keys().flat_map(|(from, to)| [from, to]).collect();
    let reach: BTreeMap<_, _> =
        parts.iter().map(|part| (part.as_str(), reached(part, imports))).collect();
    let returns = |from: &str, to: &str| reach[to].contains(from);
    let on_circle = imports.iter().filter(|((from, to), _)| returns(from, to));
    on_circle.map(|((from, to), places)| format!("{from} → {to}: {}", places.join("; "))).collect()
}

#[test]
fn folders_form_no_circle() {
    let mut breaking = Vec::new();
    for scope in &SCOPES {
        let found = circles(&imports(scope, &shipped(below(scope.folder, &["rs"]))));
        breaking.extend(found.into_iter().map(|line| format!("{}: {line}", scope.folder)));
    }
    assert_none("these imports lie on a circle", &breaking);
}

/// What may not be imported, and from where.
const LAYERS: [(&str, &[&str], &str); 3] = [
    ("app/domain/src", &["leptos", "axum", "reqwest", "app", "server"], "the domain is pure"),
    (
        "server/src/planner",
        &["crate::observe", "crate::azure", "crate::store"],
        "the planner reads nothing",
    ),
    ("server/ledger/src", &["app", "server", "domain"], "any program can verify a ledger"),
];

#[test]
fn lower_layers_import_no_upper_ones() {
    let mut breaking = Vec::new();
    for (folder, forbidden, reason) in LAYERS {
        for Source { path, text } in below(folder, &["rs"]) {
            for prefix in forbidden {
                let hits = named(&path, &text, &format!("{prefix}::"));
                breaking
                    .extend(hits.into_iter().map(|hit| format!("{path} imports {hit}: {reason}")));
            }
        }
    }
    assert_none("layers", &breaking);
}

#[test]
fn a_circle_is_found_through_nested_use_trees_and_inline_paths() {
    let source = |path: &str, text: &str| Source { path: path.to_owned(), text: text.to_owned() };
    let sources = [
        source("server/src/a/x.rs", "use crate::{\n    b::{self, y::Z},\n    c as d,\n};"),
        source("server/src/b.rs", "fn f() { crate::c::g(); } // crate::d::h"),
        source(
            "server/src/c/mod.rs",
            "use crate::a::x;\n#[cfg(test)]\nmod tests { use crate::e; }",
        ),
        source("server/src/lib.rs", "use crate::a;"),
    ];
    let found = circles(&imports(&SCOPES[0], &sources));
    let arrows: Vec<_> = found.iter().filter_map(|line| line.split(':').next()).collect();
    assert_eq!(arrows, ["a → b", "a → c", "b → c", "c → a"]);
}
