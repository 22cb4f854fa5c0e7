//! `understudy secrets`: creates a key file, and adds a key to one.

use super::file::{self, KeyFile};
use super::keyring::Keyring;
use anyhow::Context as _;
use clap::{Args, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Subcommands for a key file. The variants' comments are the help texts.
#[derive(Debug, Subcommand)]
pub enum SecretsCommand {
    /// Create a key file for `secrets: { key_file }` of all replicas. The file must not exist.
    Make(FileArgs),
    /// Append a new key, which can open secrets but does not seal new ones yet. Copy the file to all replicas and
    /// restart them; then move the new key's line to the top and restart them again. server/docs/operating.md describes
    /// when you can remove the old key.
    Add(FileArgs),
    /// Print the IDs of a file's keys, starting with the one that seals.
    Show(FileArgs),
}

/// The arguments of all subcommands.
#[derive(Debug, Args)]
pub struct FileArgs {
    /// The key file.
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
}

/// Runs a subcommand.
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
    read.with_context(|| format!("{} does not exist", args.file.display()))
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
    fn a_key_is_appended() {
        let folder = tempfile::tempdir().expect("a folder");
        let args = FileArgs { file: folder.path().join("keys") };
        add(&args).expect_err("no file");
        let first = make(&args).expect("created");
        make(&args).expect_err("the file exists");
        let both = add(&args).expect("added");
        assert_eq!(both.sealing(), first.sealing());
        assert_eq!(both.ids().count(), 2);
        assert_eq!(read(&args).expect("it is read"), both);
    }
}
