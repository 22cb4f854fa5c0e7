//! `understudy ledger`: verifies an export without the console, exports the ledger, and prints its key.
//!
//! Exit status: 0 if the ledger is intact, 1 if it is not, 2 if the command failed.

mod begin;
mod stored;

use crate::history::anchor::Anchor;
use crate::history::check::{self, CheckError};
use crate::history::export::{Form, write};
use crate::history::key;
use anyhow::Context as _;
use clap::{Args, Subcommand, ValueEnum};
use domain::timestamp::Timestamp;
use ledger::checkpoint::{Checkpoint, NOTE_BYTES_MAX};
use ledger::key::VerifierKey;
use ledger::verify::{Fault, Proof, VerifyError, verify};
use std::fs::File;
use std::io::{BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub use begin::BeginArgs;
pub use stored::Stored;

/// Buffer for reading an export, in bytes.
const READ_AHEAD: usize = 1024 * 1024;

/// What the verification of the stored ledger covers in addition to the entries.
const STORED: &str = "Search columns, tree hashes and stored checkpoints agree with the entries, and the ledger \
                      continues the checkpoint beside its key.";

/// Subcommands for the ledger. The comments below are the help texts.
#[derive(Debug, Subcommand)]
pub enum LedgerCommand {
    /// Verify an export offline, or the stored ledger with --database.
    Verify(VerifyArgs),
    /// Export the stored ledger.
    Export(ExportArgs),
    /// Print the verifier key, which verifies the ledger's signatures.
    Key(KeyArgs),
    /// Accept a ledger that does not continue the checkpoint beside its key, such as a restored backup.
    Begin(BeginArgs),
}

/// `understudy ledger verify`
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The export, as JSON lines.
    #[arg(required_unless_present = "database", conflicts_with = "database")]
    file: Option<PathBuf>,
    /// A checkpoint that was stored elsewhere. The export must start with exactly its entries. May be given several
    /// times.
    #[arg(long, value_name = "FILE")]
    checkpoint: Vec<PathBuf>,
    /// A trusted verifier key, or a file with one per line. May be given several times, for older keys. Default: the
    /// key in the export itself.
    #[arg(long, value_name = "KEY|FILE")]
    key: Vec<String>,
    /// Verify the stored ledger instead of an export.
    #[arg(long)]
    database: bool,
    #[command(flatten)]
    stored: Stored,
}

/// The format of an export.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum FormArg {
    /// One entry per line, with a signed checkpoint at the end.
    Jsonl,
    /// For spreadsheets.
    Csv,
}

/// `understudy ledger export`
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The file to write. Default: standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The format.
    #[arg(long, value_enum, default_value = "jsonl")]
    form: FormArg,
    /// Export only this many entries, from the first.
    #[arg(long, value_name = "COUNT")]
    size: Option<u64>,
    #[command(flatten)]
    stored: Stored,
}

/// `understudy ledger key`
#[derive(Debug, Args)]
pub struct KeyArgs {
    /// Create a new key in this file, which must not exist. Use it for several replicas, or to change keys.
    #[arg(long, value_name = "FILE", requires = "name")]
    make: Option<PathBuf>,
    /// The ledger's name in the new key, such as `understudy.example.org/understudy`.
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    stored: Stored,
}

/// Runs a subcommand.
pub async fn run(command: &LedgerCommand) -> ExitCode {
    let outcome = match command {
        LedgerCommand::Verify(args) if args.database => verify_stored(&args.stored).await,
        LedgerCommand::Verify(args) => verify_file(args),
        LedgerCommand::Export(args) => export(args).await,
        LedgerCommand::Key(args) => print_key(args),
        LedgerCommand::Begin(args) => begin::run(args).await,
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("understudy: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn verify_file(args: &VerifyArgs) -> anyhow::Result<ExitCode> {
    let Some(path) = &args.file else { anyhow::bail!("name the export to verify") };
    let keys = keys(&args.key)?;
    let shown = path.display();
    let file = File::open(path).with_context(|| format!("{shown} cannot be read"))?;
    // Without given keys, checkpoints must be signed with the export's own key.
    let believed = if keys.is_empty() { own_key(path)? } else { keys.clone() };
    let anchors = args.checkpoint.iter().map(|path| anchor(path, &believed));
    let anchors = match anchors.collect::<anyhow::Result<Result<Vec<_>, _>>>()? {
        Ok(anchors) => anchors,
        Err(why) => {
            println!("{why}");
            return Ok(ExitCode::FAILURE);
        }
    };
    match verify(BufReader::with_capacity(READ_AHEAD, file), &keys, &anchors) {
        Ok(proof) => {
            println!("{}", sentence(&proof, anchors.len()));
            Ok(ExitCode::SUCCESS)
        }
        Err(VerifyError::Fault(fault)) => Ok(bad(&shown.to_string(), &fault)),
        Err(VerifyError::Io(error)) => {
            Err(error).with_context(|| format!("{shown} cannot be read"))
        }
    }
}

fn bad(what: &str, fault: &Fault) -> ExitCode {
    println!("{what} is NOT intact. First bad entry: {fault}.");
    ExitCode::FAILURE
}

fn sentence(proof: &Proof, anchors: usize) -> String {
    let Proof { checkpoint, key, is_believed, span } = proof;
    let time = |at: ledger::entry::Instant| Timestamp(at.ms()).utc();
    let span = match span {
        Some((first, last)) => format!(", from {} to {}", time(*first), time(*last)),
        None => String::new(),
    };
    let whose = if *is_believed {
        String::new()
    } else {
        " The export itself contains this key. Use --key to verify that you trust it.".to_owned()
    };
    let kept = match anchors {
        0 => String::new(),
        count => format!(" The export starts with the entries of {count} given checkpoint(s)."),
    };
    format!(
        "Intact: {} entries{span}. Root {}, signed by {}.{kept}{whose}",
        checkpoint.size,
        checkpoint.root,
        key.short()
    )
}

/// Reads keys, each given as text or as a file with one per line.
fn keys(given: &[String]) -> anyhow::Result<Vec<VerifierKey>> {
    let mut keys = Vec::new();
    for text in given {
        if let Ok(key) = VerifierKey::parse(text) {
            keys.push(key);
            continue;
        }
        let file = std::fs::read_to_string(text)
            .with_context(|| format!("--key {text} is neither a verifier key nor a file"))?;
        for line in file.lines().filter(|line| !line.trim().is_empty()) {
            let key = VerifierKey::parse(line.trim());
            keys.push(key.with_context(|| format!("--key {text}"))?);
        }
    }
    Ok(keys)
}

/// The key in an export's last line, if that line is valid. The verification reports errors later.
fn own_key(path: &Path) -> anyhow::Result<Vec<VerifierKey>> {
    let file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let key = ledger::export::key_at_end(file)
        .with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(key.into_iter().collect())
}

/// Reads a checkpoint, or returns why it is invalid.
fn anchor(path: &Path, keys: &[VerifierKey]) -> anyhow::Result<Result<Checkpoint, String>> {
    let shown = path.display();
    let mut note = String::new();
    let limit = u64::try_from(NOTE_BYTES_MAX).unwrap_or(u64::MAX) + 1;
    let file = File::open(path).with_context(|| format!("{shown} cannot be read"))?;
    file.take(limit)
        .read_to_string(&mut note)
        .with_context(|| format!("{shown} cannot be read"))?;
    let opened = Checkpoint::open(&note, keys).map(|(checkpoint, _)| checkpoint);
    Ok(opened.map_err(|error| format!("{shown}: {error}.")))
}

async fn verify_stored(stored: &Stored) -> anyhow::Result<ExitCode> {
    let history = stored.open().await?;
    match check::whole(&history).await {
        Ok(proof) => {
            println!("{} {STORED}", sentence(&proof, 0));
            Ok(ExitCode::SUCCESS)
        }
        Err(CheckError::Fault(fault)) => Ok(bad("The stored ledger", &fault)),
        Err(error) if error.is_finding() => {
            println!("The stored ledger is NOT intact: {error}.");
            Ok(ExitCode::FAILURE)
        }
        Err(error) => Err(error.into()),
    }
}

async fn export(args: &ExportArgs) -> anyhow::Result<ExitCode> {
    let history = args.stored.open().await?;
    let there = history.table.size().await?;
    let size = args.size.unwrap_or(there);
    anyhow::ensure!(size <= there, "the ledger has {there} entries, not {size}");
    let form = match args.form {
        FormArg::Jsonl => Form::Lines,
        FormArg::Csv => Form::Table,
    };
    let mut to: Box<dyn std::io::Write> = match &args.output {
        Some(path) => {
            let file = File::create_new(path);
            Box::new(file.with_context(|| format!("{} cannot be created", path.display()))?)
        }
        None => Box::new(std::io::stdout()),
    };
    let mut pieces = write(&history, size, form);
    while let Some(piece) = pieces.recv().await {
        to.write_all(&piece?).context("the export cannot be written")?;
    }
    to.flush().context("the export cannot be written")?;
    Ok(ExitCode::SUCCESS)
}

fn print_key(args: &KeyArgs) -> anyhow::Result<ExitCode> {
    let signer = match (&args.make, &args.name) {
        (Some(file), Some(name)) => {
            anyhow::ensure!(!file.exists(), "{} exists; choose another file", file.display());
            key::read_or_make(file, name, &Anchor::at(file.with_extension("checkpoint")))?
        }
        _ => key::read(&args.stored.key_file()?)?,
    };
    println!("{}", signer.verifier());
    Ok(ExitCode::SUCCESS)
}
