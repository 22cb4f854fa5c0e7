//! What the registry knows only while the emulator runs: who can cancel which run, and which uploads are open.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use parking_lot::Mutex;
use tokio::sync::watch;
use uuid::Uuid;

use super::chatter::Chatter;

/// The number of blob uploads that can be open at the same time.
const UPLOADS_MAX: usize = 200;

#[derive(Debug)]
pub struct Running {
    /// A folder for source code and for unfinished uploads, on the disk of the images.
    folder: PathBuf,
    cancels: Mutex<HashMap<u64, watch::Sender<bool>>>,
    uploads: Mutex<HashMap<String, Upload>>,
    chatter: Mutex<Option<Chatter>>,
}

/// An open upload of a blob. Its file is removed with it, unless it was moved.
#[derive(Debug)]
pub struct Upload {
    pub repository: String,
    pub file: PathBuf,
    /// The bytes received so far.
    pub length: u64,
}

impl Drop for Upload {
    fn drop(&mut self) {
        // A finished upload's file is already elsewhere.
        let _ = std::fs::remove_file(&self.file);
    }
}

impl Running {
    /// Uses a folder, and removes what an emulator that was killed left there.
    pub fn open(folder: PathBuf) -> std::io::Result<Self> {
        match std::fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        std::fs::create_dir_all(&folder)?;
        let (cancels, uploads, chatter) = Default::default();
        Ok(Self { folder, cancels, uploads, chatter })
    }

    /// Makes the next build write more.
    pub fn order_chatter(&self, chatter: Chatter) {
        *self.chatter.lock() = Some(chatter);
    }

    /// What this build must write first, if anything.
    pub fn take_chatter(&self) -> Option<Chatter> {
        self.chatter.lock().take()
    }

    /// A run begins. The receiver becomes true when it is cancelled, and closes when the emulator stops.
    pub fn enter(&self, number: u64) -> watch::Receiver<bool> {
        let (sender, receiver) = watch::channel(false);
        self.cancels.lock().insert(number, sender);
        receiver
    }

    pub fn leave(&self, number: u64) {
        self.cancels.lock().remove(&number);
    }

    pub fn cancel(&self, number: u64) {
        if let Some(sender) = self.cancels.lock().get(&number) {
            sender.send_replace(true);
        }
    }

    /// Ends all builds, without a word to anybody.
    pub fn stop(&self) {
        self.cancels.lock().clear();
    }

    /// A folder for the source code of one run.
    pub fn source(&self, number: u64) -> Source {
        Source(self.folder.join(format!("source-{number}-{}", Uuid::new_v4().simple())))
    }

    /// Opens an upload; `None` if too many are open.
    pub fn open_upload(&self, repository: &str) -> std::io::Result<Option<(String, Upload)>> {
        if self.uploads.lock().len() >= UPLOADS_MAX {
            return Ok(None);
        }
        let id = Uuid::new_v4().to_string();
        let file = self.folder.join(format!("upload-{id}"));
        std::fs::File::create_new(&file)?;
        Ok(Some((id, Upload { repository: repository.to_owned(), file, length: 0 })))
    }

    /// Takes an upload of this repository, so that nobody else can write to it.
    pub fn take(&self, id: &str, repository: &str) -> Option<Upload> {
        let mut uploads = self.uploads.lock();
        uploads.get(id).filter(|upload| upload.repository == repository)?;
        uploads.remove(id)
    }

    /// Makes an upload available to the next request.
    pub fn put_back(&self, id: String, upload: Upload) {
        self.uploads.lock().insert(id, upload);
    }
}

/// A folder with source code, which is removed with this value.
#[derive(Debug)]
pub struct Source(PathBuf);

impl Source {
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        // Nobody needs its contents.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
