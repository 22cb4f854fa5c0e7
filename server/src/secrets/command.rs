//! `understudy secrets`: makes a key file, and adds a key to one.

use super::file::{self, KeyFile};
use super::keyring::Keyring;
use anyhow::Context as _;
use clap::{Args, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// What to do with a key file.
#[derive(Debug, Subcommand)]
pub enum SecretsCommand {
    /// Make a key file, which must not exist, for `secrets: { key_file }` of all replicas.
    Make(FileArgs),
    /// Add a new key behind the others: it opens and does not seal yet. Give the file to all replicas and restart them;
    /// then put the new key's line first and restart them again. server/docs/operating.md says when the old one may go.
    Add(FileArgs),
    /// Print the ids of a file's keys, the one that seals first.
    Show(FileArgs),
}

/// Which file.
#[derive(Debug, Args)]
pub struct FileArgs {
    /// The key file.
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
}

/// Carries a command out.
#[must_use]
pub fn run(command: &SecretsCommand) -> ExitCode {
    let done = match command {
        SecretsCommand::Make(args) => make(args),
        SecretsCommand::Add(args) => add(args),
        SecretsCommand::Show(args) => read(args),
    };
    match done {
        Ok(ring) => {
            let mut ids = ring.ids();
            println!("{} seals", ids.next().unwrap_or_default());
            ids.for_each(|id| println!("{id} opens"));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("understudy: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn make(args: &FileArgs) -> anyhow::Result<Keyring> {
    let ring = Keyring::random();
    file::make(&args.file, &ring)?;
    Ok(ring)
}

fn read(args: &FileArgs) -> anyhow::Result<Keyring> {
    let read = KeyFile::at(args.file.clone()).read()?;
    read.with_context(|| format!("there is no file {}", args.file.display()))
}

fn add(args: &FileArgs) -> anyhow::Result<Keyring> {
    let text = format!("{}{}", read(args)?.text(), Keyring::random().text());
    let ring = Keyring::parse(&text).map_err(|why| anyhow::anyhow!(why))?;
    file::replace(&args.file, &ring)?;
    Ok(ring)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_added_behind_the_others() {
        let folder = tempfile::tempdir().expect("a folder");
        let args = FileArgs { file: folder.path().join("keys") };
        add(&args).expect_err("there is none");
        let first = make(&args).expect("it is made");
        make(&args).expect_err("it is there");
        let both = add(&args).expect("it is added");
        assert_eq!(both.sealing(), first.sealing());
        assert_eq!(both.ids().count(), 2);
        assert_eq!(read(&args).expect("it is read"), both);
    }
}
