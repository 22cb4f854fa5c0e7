//! What GitHub remembers apart from runs: the repository, tokens, environments. A change is saved before its request is
//! answered; a change that cannot be saved is taken back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::answer::Refusal;
use super::demo;
use super::disk::Disk;
use super::environments::Environment;
use super::objects::Sha;
use super::repository::Repository;
use super::tokens::Tokens;
use crate::entra::random_text;
use crate::store::Unkept;

const FILE: &str = "github.json";

/// The repository and what belongs to it.
#[derive(Debug)]
pub struct Kept {
    pub repo: Repository,
    pub extra: Extra,
}

/// Everything except the repository.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Extra {
    /// The first token, which may do everything.
    pub token: String,
    /// Earlier names of the repository.
    pub former: Vec<String>,
    pub tokens: Tokens,
    /// By name.
    pub environments: BTreeMap<String, Environment>,
}

/// The contents of the file. Objects have files of their own.
#[derive(Serialize, Deserialize)]
struct Record {
    owner: String,
    name: String,
    refs: BTreeMap<String, Sha>,
    #[serde(flatten)]
    extra: Extra,
}

impl Kept {
    /// Reads what an earlier run saved, or sets up the demo's repository and saves it.
    pub fn open(disk: &Disk) -> anyhow::Result<Self> {
        if let Some(record) = disk.read::<Record>(FILE)? {
            let mut repo = Repository::new(&record.owner, &record.name, demo::DESCRIPTION);
            disk.read_objects(&mut repo.objects)?;
            let is_whole = |sha: &Sha| repo.objects.commit(sha).is_some();
            anyhow::ensure!(record.refs.values().all(is_whole), "a branch names a missing commit");
            repo.refs = record.refs;
            return Ok(Self { repo, extra: record.extra });
        }
        let mut kept = Self {
            repo: demo::repository(),
            extra: Extra {
                token: format!("ghp_{}", random_text()),
                former: Vec::new(),
                tokens: Tokens::default(),
                environments: demo::environments(),
            },
        };
        kept.save(disk)?;
        Ok(kept)
    }

    fn record(&self) -> Record {
        Record {
            owner: self.repo.owner.clone(),
            name: self.repo.name.clone(),
            refs: self.repo.refs.clone(),
            extra: self.extra.clone(),
        }
    }

    /// Changes something and saves it, or changes nothing.
    pub fn change<T>(
        &mut self,
        disk: &Disk,
        change: impl FnOnce(&mut Self) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let before = self.record();
        let outcome = change(self).and_then(|outcome| {
            self.save(disk)?;
            Ok(outcome)
        });
        if outcome.is_err() {
            // Objects that nothing names do no harm.
            (self.repo.owner, self.repo.name) = (before.owner, before.name);
            (self.repo.refs, self.extra) = (before.refs, before.extra);
        }
        outcome
    }

    fn save(&mut self, disk: &Disk) -> Result<(), Unkept> {
        // Objects first: a branch must never name a commit that is not there.
        disk.write_objects(&mut self.repo.objects)?;
        disk.write(FILE, &self.record())
    }
}
