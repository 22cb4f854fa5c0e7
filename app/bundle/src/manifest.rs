//! Content hashes, the hash file for leptos, and the table of sizes.

use std::fmt;

use sha2::{Digest, Sha256};

/// 64 bits: enough to make collisions between bundles implausible.
const HASH_BYTES: usize = 8;

/// The sizes of one served file, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The path relative to the site's root.
    pub name: String,
    pub raw: usize,
    /// `None` if the file is served uncompressed only.
    pub gzip: Option<usize>,
    pub brotli: Option<usize>,
    /// Whether the first page of a visit loads the file.
    pub is_first_load: bool,
}

/// The shortened content hash of some bytes, for file names.
pub fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(HASH_BYTES).map(|byte| format!("{byte:02x}")).collect()
}

/// The hash file that leptos's `HydrationScripts` and `HashedStylesheet` read.
pub fn hash_file(js: &str, wasm: &str, css: &str) -> String {
    format!("js: {js}\nwasm: {wasm}\ncss: {css}\n")
}

/// A table of sizes, with the total transfer of a first visit without HTML.
pub struct Table<'a>(pub &'a [File]);

impl fmt::Display for Table<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = "first load, without HTML";
        let width = self.0.iter().map(|file| file.name.len()).chain([total.len()]).max();
        let width = width.unwrap_or_default();
        let mut line = |name: &str, sizes: [String; 3]| {
            let [raw, gzip, brotli] = sizes;
            writeln!(out, "{name:<width$}  {raw:>11}  {gzip:>9}  {brotli:>9}")
        };
        line("file", ["raw", "gzip", "brotli"].map(str::to_owned))?;
        for file in self.0 {
            let encoded = |size: Option<usize>| size.map_or_else(|| "-".to_owned(), thousands);
            line(&file.name, [thousands(file.raw), encoded(file.gzip), encoded(file.brotli)])?;
        }
        let sum = |size: fn(&File) -> usize| {
            thousands(self.0.iter().filter(|file| file.is_first_load).map(size).sum())
        };
        let gzip = sum(|file| file.gzip.unwrap_or(file.raw));
        let brotli = sum(|file| file.brotli.unwrap_or(file.raw));
        line(total, [sum(|file| file.raw), gzip, brotli])
    }
}

fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_short_and_depends_on_the_content() {
        assert_eq!(hash(b"").len(), 2 * HASH_BYTES);
        assert_eq!(hash(b"a"), hash(b"a"));
        assert_ne!(hash(b"a"), hash(b"b"));
    }

    #[test]
    fn leptos_can_read_each_hash() {
        // Parses the file as leptos 0.8 does.
        let text = hash_file("1", "2", "3");
        let read = |key: &str| {
            text.lines()
                .filter_map(|line| line.trim().split_once(':'))
                .find(|(file, _)| *file == key)
                .map(|(_, hash)| hash.trim().to_owned())
        };
        assert_eq!(read("js").as_deref(), Some("1"));
        assert_eq!(read("wasm").as_deref(), Some("2"));
        assert_eq!(read("css").as_deref(), Some("3"));
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([0, 999, 1000, 1_234_567].map(thousands), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn only_first_load_files_are_totalled() {
        let file = |name: &str, raw, brotli, is_first_load| File {
            name: name.to_owned(),
            raw,
            gzip: brotli,
            brotli,
            is_first_load,
        };
        let files = [file("a.wasm", 2000, Some(700), true), file("b.png", 50, None, true), {
            file("c.txt", 9000, Some(9), false)
        }];
        let table = Table(&files).to_string();
        let last = table.lines().last().unwrap();
        let cells: Vec<&str> = last.split_whitespace().rev().take(3).collect();
        assert_eq!(cells, ["750", "750", "2,050"], "{table}");
        assert!(table.contains("b.png") && table.contains(" - "), "{table}");
    }
}
