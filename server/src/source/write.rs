//! Writes the context.

use super::archive::{self, Item, Kind};
use super::error::PackError;
use super::ignore::Ignore;
use super::links;
use super::pack::{Context, Limits, Warning};
use super::spool::{Spool, disk};
use crate::outside::line;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs::File;
use std::io::{self, BufWriter, Read};
use std::path::Path;
use tar::{Builder, EntryType, Header};

/// Most warnings with a name.
const WARNINGS_MAX: usize = 50;
/// How a file in LFS begins. Source: the specification of Git LFS, version 1.
const LFS: &[u8] = b"version https://git-lfs.github.com/spec/v1\n";
/// Largest pointer, in bytes. Source: the same specification.
const LFS_BYTES_MAX: u64 = 1_024;

/// The written context.
#[derive(Debug)]
pub(super) struct Written {
    /// Size of the tar.gz.
    pub(super) bytes: u64,
    pub(super) files: u64,
    pub(super) warnings: Vec<Warning>,
}

/// The folders of submodules, from the repository's root.
pub(super) fn submodules(modules: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(modules);
    let path = |line: &str| {
        let (key, value) = line.split_once('=')?;
        let value = value.trim().trim_matches('"').trim_end_matches('/');
        (key.trim() == "path" && !value.is_empty()).then(|| value.to_owned())
    };
    text.lines().filter_map(path).collect()
}

struct Writer<'a> {
    builder: Builder<GzEncoder<BufWriter<File>>>,
    context: &'a Context,
    ignore: &'a Ignore,
    limits: &'a Limits,
    unpacked: u64,
    files: u64,
    warnings: Vec<Warning>,
    more: u64,
}

/// Writes the context to `out`.
pub(super) fn context(
    spool: &Spool,
    context: &Context,
    ignore: &Ignore,
    modules: &[String],
    out: &Path,
    limits: &Limits,
) -> Result<Written, PackError> {
    let file = File::create(out).map_err(|error| disk(&error))?;
    let packed = GzEncoder::new(BufWriter::new(file), Compression::default());
    let builder = Builder::new(packed);
    let (warnings, more) = (Vec::new(), 0);
    let mut writer =
        Writer { builder, context, ignore, limits, unpacked: 0, files: 0, warnings, more };
    for path in modules {
        let is_sent = context.inside(path).is_some_and(|inside| !ignore.is_ignored(inside));
        if is_sent {
            writer.warn(Warning::Submodule(line::part(path)));
        }
    }
    archive::walk(spool.open()?, limits, |item| writer.add(item))?;
    let Writer { builder, files, mut warnings, more, .. } = writer;
    let packed = builder.into_inner().map_err(|error| disk(&error))?;
    let file = packed.finish().map_err(|error| disk(&error))?;
    let file = file.into_inner().map_err(|error| disk(error.error()))?;
    let bytes = file.metadata().map_err(|error| disk(&error))?.len();
    if more > 0 {
        warnings.push(Warning::More(more));
    }
    Ok(Written { bytes, files, warnings })
}

impl Writer<'_> {
    fn warn(&mut self, warning: Warning) {
        match self.warnings.len() < WARNINGS_MAX {
            true => self.warnings.push(warning),
            false => self.more += 1,
        }
    }

    fn add<R: Read>(&mut self, item: Item<'_, '_, R>) -> Result<(), PackError> {
        let Some(path) = self.context.inside(&item.path).map(str::to_owned) else { return Ok(()) };
        if !self.context.needs(&path) && self.ignore.is_ignored(&path) {
            return Ok(());
        }
        self.files += 1;
        if self.files > self.limits.files {
            return Err(PackError::TooMany { max: self.limits.files });
        }
        let mut header = Header::new_gnu();
        header.set_mtime(item.mtime);
        header.set_uid(0);
        header.set_gid(0);
        header.set_size(0);
        header.set_mode(0o755);
        match &item.kind {
            Kind::File => self.add_file(&path, &mut header, item),
            Kind::Folder => {
                header.set_entry_type(EntryType::Directory);
                let path = format!("{path}/");
                self.builder
                    .append_data(&mut header, path, io::empty())
                    .map_err(|error| disk(&error))
            }
            Kind::Link(target) if links::stays(&path, target) => {
                header.set_entry_type(EntryType::Symlink);
                header.set_mode(0o777);
                self.builder.append_link(&mut header, path, target).map_err(|error| disk(&error))
            }
            Kind::Link(target) => {
                Err(PackError::Link { path: line::part(&path), target: line::part(target) })
            }
            Kind::Special(kind) => Err(PackError::Special { path: line::part(&path), kind }),
        }
    }

    fn add_file<R: Read>(
        &mut self,
        path: &str,
        header: &mut Header,
        item: Item<'_, '_, R>,
    ) -> Result<(), PackError> {
        let bytes_max = self.limits.unpacked_bytes;
        self.unpacked = self.unpacked.saturating_add(item.size);
        if self.unpacked > bytes_max {
            return Err(PackError::TooLarge { bytes_max });
        }
        header.set_entry_type(EntryType::Regular);
        header.set_mode(if item.is_executable { 0o755 } else { 0o644 });
        header.set_size(item.size);
        let mut begun = Vec::new();
        if item.size <= LFS_BYTES_MAX {
            let read = item.content.read_to_end(&mut begun);
            read.map_err(|error| archive::damaged(&error, self.limits))?;
            if begun.starts_with(LFS) {
                self.warn(Warning::LfsPointer(line::part(path)));
            }
        }
        let mut content = Source { content: begun.as_slice().chain(item.content), failed: None };
        let appended = self.builder.append_data(header, path, &mut content);
        match (appended, content.failed) {
            (Ok(()), _) => Ok(()),
            (Err(_), Some(failed)) => Err(archive::damaged(&failed, self.limits)),
            (Err(error), None) => Err(disk(&error)),
        }
    }
}

/// Distinguishes a tarball that cannot be read from a disk that cannot be written.
struct Source<R> {
    content: R,
    failed: Option<io::Error>,
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.content.read(into).map_err(|error| {
            let kind = error.kind();
            self.failed = Some(error);
            io::Error::from(kind)
        })
    }
}
