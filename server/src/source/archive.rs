//! Reads a tarball whose author is not trusted. Long names are read with a limit, which the `tar` crate lacks, so its raw
//! entries are used.

use super::error::PackError;
use super::pack::Limits;
use crate::outside::line;
use flate2::read::GzDecoder;
use std::io::{self, Read};
use tar::{Archive, Entry, EntryType, PaxExtensions};

/// Longest extended header, in bytes. Source: two paths of 4,096 bytes and a few numbers.
const EXTENDED_BYTES_MAX: u64 = 64 * 1024;

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Folder,
    /// With its target.
    Link(String),
    /// What it is instead, in words.
    Special(&'static str),
}

/// An entry below the top folder.
pub(super) struct Item<'e, 'a, R: Read> {
    /// From the repository's root, without `.`, `..` and empty parts.
    pub(super) path: String,
    pub(super) kind: Kind,
    pub(super) is_executable: bool,
    pub(super) mtime: u64,
    /// In bytes.
    pub(super) size: u64,
    pub(super) content: &'e mut Entry<'a, R>,
}

/// The tarball is larger than allowed.
#[derive(Debug, thiserror::Error)]
#[error("the tarball is too large")]
struct TooLarge;

/// Counts the unpacked bytes.
pub(super) struct Counted<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        self.left =
            self.left.checked_sub(count as u64).ok_or_else(|| io::Error::other(TooLarge))?;
        Ok(count)
    }
}

/// Long names and targets, which precede the entry.
#[derive(Debug, Default)]
struct Extended {
    path: Option<Vec<u8>>,
    target: Option<Vec<u8>>,
}

pub(super) fn damaged(error: &io::Error, limits: &Limits) -> PackError {
    if error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<TooLarge>) {
        return limits.repository();
    }
    PackError::Damaged(line::part(&error.to_string()))
}

/// What entries are read from.
pub(super) type Decoded<R> = Counted<GzDecoder<R>>;

/// Calls `each` for every entry of a tar.gz below its top folder, and checks the tarball to its end.
pub(super) fn walk<R: Read>(
    reader: R,
    limits: &Limits,
    mut each: impl FnMut(Item<'_, '_, Decoded<R>>) -> Result<(), PackError>,
) -> Result<(), PackError> {
    let reader = Counted { inner: GzDecoder::new(reader), left: limits.archive_bytes };
    let mut archive = Archive::new(reader);
    let entries = archive.entries().map_err(|error| damaged(&error, limits))?.raw(true);
    let (mut extended, mut top, mut count) = (Extended::default(), None, 0_u64);
    for entry in entries {
        let mut entry = entry.map_err(|error| damaged(&error, limits))?;
        if extends(&mut entry, &mut extended, limits)? {
            continue;
        }
        count += 1;
        if count > limits.archive_files {
            return Err(limits.repository());
        }
        let Extended { path, target } = std::mem::take(&mut extended);
        let path = path.unwrap_or_else(|| entry.header().path_bytes().into_owned());
        let Some(path) = below_top(&path, &mut top, limits)? else { continue };
        let header = entry.header().clone();
        let kind = kind(header.entry_type(), || {
            target.or_else(|| header.link_name_bytes().map(std::borrow::Cow::into_owned))
        });
        let kind = kind.ok_or_else(|| name(&path, "its target is not UTF-8"))?;
        let number = |value: io::Result<u64>| value.map_err(|error| damaged(&error, limits));
        each(Item {
            path,
            kind,
            is_executable: header.mode().is_ok_and(|mode| mode & 0o111 != 0),
            mtime: header.mtime().unwrap_or_default(),
            size: number(header.entry_size())?,
            content: &mut entry,
        })?;
    }
    // The checksum follows the last block.
    let mut rest = archive.into_inner();
    io::copy(&mut rest, &mut io::sink()).map_err(|error| damaged(&error, limits))?;
    if count == 0 {
        return Err(PackError::Damaged("it is empty".to_owned()));
    }
    Ok(())
}

/// Reads an entry that only describes the next one. Returns whether it was such an entry.
fn extends<R: Read>(
    entry: &mut Entry<'_, R>,
    extended: &mut Extended,
    limits: &Limits,
) -> Result<bool, PackError> {
    let kind = entry.header().entry_type();
    match kind {
        // The commit's hash.
        EntryType::XGlobalHeader => return Ok(true),
        EntryType::XHeader | EntryType::GNULongName | EntryType::GNULongLink => {}
        _ => return Ok(false),
    }
    let mut bytes = Vec::new();
    let mut content = entry.take(EXTENDED_BYTES_MAX + 1);
    content.read_to_end(&mut bytes).map_err(|error| damaged(&error, limits))?;
    if bytes.len() as u64 > EXTENDED_BYTES_MAX {
        return Err(PackError::Damaged("a name is too long".to_owned()));
    }
    match kind {
        EntryType::GNULongName => extended.path = Some(until_zero(bytes)),
        EntryType::GNULongLink => extended.target = Some(until_zero(bytes)),
        _ => {
            for one in PaxExtensions::new(&bytes) {
                let one = one.map_err(|error| damaged(&error, limits))?;
                match one.key_bytes() {
                    b"path" => extended.path = Some(one.value_bytes().to_vec()),
                    b"linkpath" => extended.target = Some(one.value_bytes().to_vec()),
                    // It replaces the size in the header, which only files over 8 GB need.
                    b"size" => return Err(limits.repository()),
                    _ => {}
                }
            }
        }
    }
    Ok(true)
}

fn until_zero(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len()));
    bytes
}

/// The path below the top folder, which all entries share; `None` for the top folder itself.
fn below_top(
    bytes: &[u8],
    top: &mut Option<String>,
    limits: &Limits,
) -> Result<Option<String>, PackError> {
    let shown = || line::part(&String::from_utf8_lossy(bytes));
    let path = std::str::from_utf8(bytes).map_err(|_| name(&shown(), "it is not UTF-8"))?;
    if path.len() > limits.path_bytes {
        return Err(name(&shown(), "it is too long"));
    }
    let path = path.strip_suffix('/').unwrap_or(path);
    let is_part = |part: &str| !part.is_empty() && part != "." && part != "..";
    if path.contains('\0') || !path.split('/').all(is_part) {
        return Err(name(&shown(), "it leads out of its folder"));
    }
    let (first, rest) =
        path.split_once('/').map_or((path, None), |(first, rest)| (first, Some(rest)));
    if top.get_or_insert_with(|| first.to_owned()) != first {
        return Err(PackError::Damaged("it has more than one top folder".to_owned()));
    }
    Ok(rest.map(str::to_owned))
}

fn name(path: &str, reason: &'static str) -> PackError {
    PackError::Name { path: line::part(path), reason }
}

/// `None` for a link whose target is not UTF-8.
fn kind(of: EntryType, target: impl FnOnce() -> Option<Vec<u8>>) -> Option<Kind> {
    Some(match of {
        EntryType::Regular | EntryType::Continuous => Kind::File,
        EntryType::Directory => Kind::Folder,
        EntryType::Symlink => Kind::Link(String::from_utf8(target().unwrap_or_default()).ok()?),
        EntryType::Link => Kind::Special("a hard link"),
        EntryType::Char | EntryType::Block => Kind::Special("a device"),
        EntryType::Fifo => Kind::Special("a named pipe"),
        EntryType::GNUSparse => Kind::Special("a sparse file"),
        _ => Kind::Special("no file"),
    })
}
