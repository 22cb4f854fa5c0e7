//! The console's stored ledger.

use crate::clock::Clock;
use crate::config;
use crate::history::History;
use crate::history::anchor::Anchor;
use crate::history::key;
use crate::store::Database;
use crate::store::ledger::Ledger;
use anyhow::Context as _;
use clap::Args;
use std::path::PathBuf;
use std::sync::Arc;

/// Arguments that locate the stored ledger.
#[derive(Debug, Args)]
pub struct Stored {
    /// The configuration file of the console.
    #[arg(long, env = "UNDERSTUDY_CONFIG")]
    config: Option<PathBuf>,
    /// The data directory of the console.
    #[arg(long, env = "UNDERSTUDY_DATA", default_value = ".understudy")]
    pub(super) data: PathBuf,
}

impl Stored {
    fn file(&self) -> anyhow::Result<Option<config::File>> {
        self.config.as_deref().map(config::read).transpose()
    }

    pub(super) fn key_file(&self) -> anyhow::Result<PathBuf> {
        let named = self.file()?.and_then(|file| file.ledger.key_file);
        Ok(named.unwrap_or_else(|| key::file_in(&self.data)))
    }

    pub(super) async fn open(&self) -> anyhow::Result<Arc<History>> {
        let key_file = self.key_file()?;
        let signer = key::read(&key_file)?;
        let url = self.file()?.and_then(|file| file.database_url_file);
        let database = match url {
            Some(file) => {
                let url = std::fs::read_to_string(&file);
                let url = url.with_context(|| format!("{} cannot be read", file.display()))?;
                Database::at_server(url.trim()).await?
            }
            None => Database::locked_in(&self.data).await?,
        };
        let history = History::new(Ledger::new(database), signer, Clock::system());
        Ok(Arc::new(history.anchored(Anchor::of(&key_file, &self.data))))
    }
}
