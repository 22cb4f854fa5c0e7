//! GitHub's part of the state folder: a JSON file for names, tokens and environments, one for runs, and git's objects,
//! one file each, in git's own loose format. Without a state folder, everything is lost at the end.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::objects::Objects;
use crate::store::{Unkept, replace};

/// The largest object that is read back: more than the largest body of a request.
const OBJECT_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// The folder, if there is one.
#[derive(Debug)]
pub struct Disk {
    dir: Option<PathBuf>,
    is_closed: AtomicBool,
}

impl Disk {
    /// Uses `dir`, and creates it.
    pub fn open(dir: Option<PathBuf>) -> anyhow::Result<Self> {
        if let Some(dir) = &dir {
            std::fs::create_dir_all(dir.join("objects"))
                .with_context(|| format!("{} cannot be created", dir.display()))?;
        }
        Ok(Self { dir, is_closed: AtomicBool::new(false) })
    }

    /// From now on, work of the stopped emulator that still runs changes nothing.
    pub fn close(&self) {
        self.is_closed.store(true, Ordering::Release);
    }

    fn writable(&self) -> Result<Option<&Path>, Unkept> {
        if self.is_closed.load(Ordering::Acquire) {
            return Err(Unkept::Stopped);
        }
        Ok(self.dir.as_deref())
    }

    /// Reads a JSON file; `None` before the first start.
    pub fn read<T: DeserializeOwned>(&self, name: &str) -> anyhow::Result<Option<T>> {
        let Some(file) = self.dir.as_ref().map(|dir| dir.join(name)) else { return Ok(None) };
        let bytes = match std::fs::read(&file) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("{}", file.display())),
        };
        let read = serde_json::from_slice(&bytes);
        read.map(Some).with_context(|| format!("{} is damaged", file.display()))
    }

    /// Writes a JSON file atomically.
    pub fn write(&self, name: &str, content: &impl Serialize) -> Result<(), Unkept> {
        let Some(dir) = self.writable()? else { return Ok(()) };
        let bytes = serde_json::to_vec(content).map_err(std::io::Error::other);
        let written = bytes.and_then(|bytes| replace(&dir.join(name), &bytes));
        written.map_err(|source| Unkept::Unwritable { dir: dir.to_owned(), source })
    }

    /// Writes the objects that are not yet saved.
    pub fn write_objects(&self, objects: &mut Objects) -> Result<(), Unkept> {
        let dir = self.writable()?;
        if let Some(dir) = dir {
            for sha in objects.fresh() {
                let Some((kind, content)) = objects.raw(sha) else { continue };
                write_object(dir, sha, kind, &content)
                    .map_err(|source| Unkept::Unwritable { dir: dir.to_owned(), source })?;
            }
        }
        objects.clear_fresh();
        Ok(())
    }

    /// Reads all objects.
    pub fn read_objects(&self, objects: &mut Objects) -> anyhow::Result<()> {
        let Some(dir) = &self.dir else { return Ok(()) };
        for folder in std::fs::read_dir(dir.join("objects"))? {
            let folder = folder?;
            for file in std::fs::read_dir(folder.path())? {
                let file = file?;
                let (start, rest) = (folder.file_name(), file.file_name());
                let sha = format!("{}{}", start.to_string_lossy(), rest.to_string_lossy());
                // A crash can leave a temporary file.
                if sha.len() != 40 {
                    continue;
                }
                let read = read_object(&file.path(), objects);
                anyhow::ensure!(
                    read.as_deref() == Some(&sha),
                    "{} is damaged. Remove the folder {} to start with a new repository",
                    file.path().display(),
                    dir.display()
                );
            }
        }
        objects.clear_fresh();
        Ok(())
    }
}

fn write_object(dir: &Path, sha: &str, kind: &str, content: &[u8]) -> std::io::Result<()> {
    let folder = dir.join("objects").join(&sha[..2]);
    std::fs::create_dir_all(&folder)?;
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(format!("{kind} {}\0", content.len()).as_bytes())?;
    encoder.write_all(content)?;
    replace(&folder.join(&sha[2..]), &encoder.finish()?)
}

fn read_object(file: &Path, objects: &mut Objects) -> Option<String> {
    let mut bytes = Vec::new();
    let decoder = ZlibDecoder::new(std::fs::File::open(file).ok()?);
    decoder.take(OBJECT_BYTES_MAX).read_to_end(&mut bytes).ok()?;
    let end = bytes.iter().position(|byte| *byte == 0)?;
    let (kind, _) = std::str::from_utf8(&bytes[..end]).ok()?.split_once(' ')?;
    objects.add_raw(kind, &bytes[end + 1..])
}
