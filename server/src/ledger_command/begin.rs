//! `understudy ledger begin`: accepts a ledger that does not continue the checkpoint beside its key, such as a restored
//! backup. An entry records who accepted it and why.

use super::stored::Stored;
use crate::entries;
use crate::history::History;
use crate::history::check::{self, CheckError};
use crate::store::directory;
use anyhow::Context as _;
use clap::Args;
use domain::text::{is_blank, visible};
use ledger::entry::Facts;
use std::process::ExitCode;
use std::sync::Arc;

/// Longest reason and name, in characters.
const WORDS_MAX: usize = 1_000;

/// `understudy ledger begin`
#[derive(Debug, Args)]
pub struct BeginArgs {
    /// Your name. The command cannot verify it; the ledger records that it was given on the command line.
    #[arg(long, value_name = "NAME", value_parser = words)]
    by: String,
    /// Why the ledger does not continue the checkpoint. Example: which backup was restored.
    #[arg(long, value_name = "TEXT", value_parser = words)]
    reason: String,
    #[command(flatten)]
    stored: Stored,
}

fn words(text: &str) -> Result<String, String> {
    if is_blank(text) {
        return Err("it is blank".to_owned());
    }
    if text.chars().count() > WORDS_MAX {
        return Err(format!("it is longer than {WORDS_MAX} characters"));
    }
    Ok(visible(text.trim()))
}

/// Accepts the ledger as it is.
pub(super) async fn run(args: &BeginArgs) -> anyhow::Result<ExitCode> {
    // A running console would overwrite the checkpoint.
    let _claim = directory::claim(&args.stored.data)
        .context("stop the console first, and every replica of it")?;
    let history = args.stored.open().await?;
    match check::whole(&history).await {
        Err(CheckError::NotContinued(why)) => begin(&history, args, &why.to_string()).await,
        Ok(_) => anyhow::bail!(
            "the ledger continues the checkpoint beside its key, so there is nothing to accept; nothing was changed"
        ),
        Err(error) => Err(anyhow::Error::from(error).context(
            "the ledger itself is not intact, and this command cannot repair it; nothing was changed. Restore a \
             backup, or start with an empty database, and then run this command again",
        )),
    }
}

async fn begin(history: &Arc<History>, args: &BeginArgs, why: &str) -> anyhow::Result<ExitCode> {
    let anchor = history.anchor().context("there is no place for the newest checkpoint")?;
    let kept = anchor.read(history.signer().verifier()).ok().flatten();
    let before = kept.map(|kept| tree(kept.checkpoint.size, &kept.checkpoint.root.to_string()));
    let size = history.table.size().await?;
    let after = tree(size, &history.table.root(size).await?.to_string());
    let draft = entries::begun_again(
        &args.by,
        &args.reason,
        why,
        [before.unwrap_or_default(), after],
        history.now(),
    );
    // Recorded first, so that nothing changes without an entry.
    history.record(draft).await.context("the ledger cannot be written; nothing was changed")?;
    let aside = anchor.put_aside(&format!("before-{size}"))?;
    history.seal().await.context("the ledger cannot be signed; run this command again")?;
    println!("The ledger was accepted, as entry {size} records. You can start the console.");
    if let Some(aside) = aside {
        println!("The previous checkpoint was moved to {}.", aside.display());
    }
    Ok(ExitCode::SUCCESS)
}

fn tree(size: u64, root: &str) -> Facts {
    [("entries".to_owned(), size.to_string()), ("root".to_owned(), root.to_owned())].into()
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn a_blank_reason_is_refused() {
        for blank in ["", " ", "\t\n", "\u{200b}", "\u{a0}"] {
            assert!(words(blank).is_err(), "{blank:?}");
        }
        assert_eq!(words(" The disk died. "), Ok("The disk died.".to_owned()));
    }
}
