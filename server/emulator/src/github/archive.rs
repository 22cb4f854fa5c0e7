//! A commit as a gzipped tar, as `git archive` writes it: the same bytes for the same commit. It is written while it is
//! sent, so that a large repository needs no more memory than a small one.

use std::io::{self, Write};

use axum::body::Body;
use bytes::Bytes;
use flate2::{Compression, GzBuilder};
use tar::{Builder, EntryType, Header};
use tokio::sync::mpsc;

use super::objects::Mode;
use super::repository::{Files, Repository};

/// How much is compressed before it is sent.
const CHUNK_BYTES: usize = 64 * 1024;
/// How many chunks may wait for a slow reader.
const CHUNKS_WAITING: usize = 4;

/// What an archive contains. The contents are shared with the repository.
#[derive(Debug)]
pub struct Archive {
    commit: String,
    folder: String,
    at: u64,
    files: Files,
}

impl Archive {
    /// The archive of a commit; `None` if there is no such commit.
    pub fn new(repo: &Repository, sha: &str) -> Option<Self> {
        let commit = repo.objects.commit(sha)?;
        Some(Self {
            commit: sha.to_owned(),
            folder: format!("{}-{}-{}", repo.owner, repo.name, sha.get(..7)?),
            at: u64::try_from(commit.author.at).unwrap_or(0),
            files: repo.files(&commit.tree),
        })
    }

    /// The name under which browsers save it.
    pub fn file_name(&self) -> String {
        format!("{}.tar.gz", self.folder)
    }

    /// The body of an answer.
    pub fn into_body(self) -> Body {
        let (sender, receiver) = mpsc::channel(CHUNKS_WAITING);
        tokio::task::spawn_blocking(move || {
            let mut out = Sending { sender: sender.clone(), chunk: Vec::new() };
            let written = self.write(&mut out).and_then(|()| out.flush());
            if let Err(error) = written {
                // If the reader is gone, nobody needs the error.
                let _ = sender.blocking_send(Err(error));
            }
        });
        let next = |mut receiver: mpsc::Receiver<io::Result<Bytes>>| async move {
            receiver.recv().await.map(|chunk| (chunk, receiver))
        };
        Body::from_stream(futures::stream::unfold(receiver, next))
    }

    fn write(&self, out: &mut Sending) -> io::Result<()> {
        let gzip = GzBuilder::new().mtime(0).write(out, Compression::fast());
        let mut tar = Builder::new(gzip);
        // git writes the commit's id as the comment of a global header.
        let comment = format!(" comment={}\n", self.commit);
        // The length counts its own two digits.
        let comment = format!("{}{comment}", comment.len() + 2);
        let mut global = self.header(EntryType::XGlobalHeader, 0o666, comment.len());
        tar.append_data(&mut global, "pax_global_header", comment.as_bytes())?;
        let mut folder = self.header(EntryType::Directory, 0o775, 0);
        tar.append_data(&mut folder, format!("{}/", self.folder), io::empty())?;
        let mut open = Vec::new();
        for (path, mode, content) in &self.files {
            self.open_folders(&mut tar, path, &mut open)?;
            let path = format!("{}/{path}", self.folder);
            if *mode == Mode::Link {
                let target = String::from_utf8_lossy(content).into_owned();
                let mut link = self.header(EntryType::Symlink, 0o777, 0);
                tar.append_link(&mut link, path, target)?;
            } else {
                let mut file = self.header(EntryType::Regular, 0o664, content.len());
                tar.append_data(&mut file, path, &**content)?;
            }
        }
        tar.into_inner()?.finish()?;
        Ok(())
    }

    /// Writes the folders above a path that were not yet written.
    fn open_folders<'a>(
        &self,
        tar: &mut Builder<impl Write>,
        path: &'a str,
        open: &mut Vec<&'a str>,
    ) -> io::Result<()> {
        let above = path.rsplit_once('/').map_or("", |(above, _)| above);
        let names: Vec<&str> = above.split('/').filter(|name| !name.is_empty()).collect();
        let common = names.iter().zip(open.iter()).take_while(|(a, b)| a == b).count();
        for depth in common..names.len() {
            let folder = format!("{}/{}/", self.folder, names[..=depth].join("/"));
            let mut header = self.header(EntryType::Directory, 0o775, 0);
            tar.append_data(&mut header, folder, io::empty())?;
        }
        *open = names;
        Ok(())
    }

    fn header(&self, kind: EntryType, mode: u32, size: usize) -> Header {
        let mut header = Header::new_ustar();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_mtime(self.at);
        header.set_uid(0);
        header.set_gid(0);
        // The names that git archive writes; they always fit.
        let _ = header.set_username("root");
        let _ = header.set_groupname("root");
        header.set_size(size as u64);
        header
    }
}

/// Sends what is written, in chunks. Blocks while the reader is slow.
struct Sending {
    sender: mpsc::Sender<io::Result<Bytes>>,
    chunk: Vec<u8>,
}

impl Write for Sending {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.chunk.extend_from_slice(bytes);
        if self.chunk.len() >= CHUNK_BYTES {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.chunk.is_empty() {
            return Ok(());
        }
        let chunk = Bytes::from(std::mem::take(&mut self.chunk));
        let gone = |_| io::Error::from(io::ErrorKind::BrokenPipe);
        self.sender.blocking_send(Ok(chunk)).map_err(gone)
    }
}
