//! `understudy ledger begin`: lets the console go on with a ledger that does not continue the checkpoint beside its
//! key, such as a restored backup. Who did so and why becomes an entry.

use super::stored::Stored;
use crate::history::check::{self, CheckError};
use crate::history::{History, facts};
use crate::store::directory;
use anyhow::Context as _;
use app::domain::text::{is_blank, visible};
use clap::Args;
use ledger::entry::Facts;
use std::process::ExitCode;
use std::sync::Arc;

/// Longest reason and name, in characters.
const WORDS_MAX: usize = 1_000;

/// `understudy ledger begin`
#[derive(Debug, Args)]
pub struct BeginArgs {
    /// Who begins again. The command cannot know; the ledger says that it was named at the command line.
    #[arg(long, value_name = "NAME", value_parser = words)]
    by: String,
    /// Why the ledger does not continue what was kept, such as which backup was restored.
    #[arg(long, value_name = "TEXT", value_parser = words)]
    reason: String,
    #[command(flatten)]
    stored: Stored,
}

/// A text with something to read in it.
fn words(text: &str) -> Result<String, String> {
    if is_blank(text) {
        return Err("it is blank".to_owned());
    }
    if text.chars().count() > WORDS_MAX {
        return Err(format!("it is longer than {WORDS_MAX} characters"));
    }
    Ok(visible(text.trim()))
}

/// Begins again.
pub(super) async fn run(args: &BeginArgs) -> anyhow::Result<ExitCode> {
    // A console that runs would keep what it signs meanwhile.
    let _claim = directory::claim(&args.stored.data)
        .context("stop the console first, and every replica of it")?;
    let history = args.stored.open().await?;
    match check::whole(&history).await {
        Err(CheckError::NotContinued(why)) => begin(&history, args, &why.to_string()).await,
        Ok(_) => anyhow::bail!(
            "the ledger continues the checkpoint that is kept beside its key, so there is nothing to begin again; \
             nothing was changed"
        ),
        Err(error) => Err(anyhow::Error::from(error).context(
            "the ledger itself is not intact, and beginning again would not make it so. Restore a backup, or start with \
             an empty database and then begin again; nothing was changed",
        )),
    }
}

async fn begin(history: &Arc<History>, args: &BeginArgs, why: &str) -> anyhow::Result<ExitCode> {
    let anchor = history.anchor().context("there is no place for the newest checkpoint")?;
    let kept = anchor.read(history.signer().verifier()).ok().flatten();
    let before = kept.map(|kept| tree(kept.checkpoint.size, &kept.checkpoint.root.to_string()));
    let size = history.table.size().await?;
    let after = tree(size, &history.table.root(size).await?.to_string());
    let draft = facts::begun_again(
        &args.by,
        &args.reason,
        why,
        [before.unwrap_or_default(), after],
        history.now(),
    );
    // Recorded first: what is not recorded is not done.
    history.record(draft).await.context("the ledger cannot be written; nothing was changed")?;
    let aside = anchor.put_aside(&format!("before-{size}"))?;
    history.seal().await.context("the ledger cannot be signed; run this command again")?;
    println!(
        "The ledger begins again with entry {size}, which says so. The console can be started."
    );
    if let Some(aside) = aside {
        println!("The checkpoint that it does not continue is kept in {}.", aside.display());
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
