//! The History page's data, from the ledger.

use super::SignedIn;
use crate::entries::ROUTE;
use crate::error::{OrInternal as _, internal};
use crate::history::SealError;
use crate::history::check::CheckError;
use crate::history::verification;
use crate::limits::Holding;
use crate::store::ledger::{LedgerError, PAGE, Search};
use app::error::ConsoleError;
use app::port::{HistoryEntry, HistoryView, Result};
use domain::change::ChangeId;
use domain::history::{Kind, LiveAt, Outcome, Record, Verdict};
use domain::history_filter::Filter;
use domain::stage::EndpointKey;
use domain::timestamp::Timestamp;
use domain::user::Right;
use ledger::entry::{self, Entry};
use ledger::tree::{Question, leaf};

fn unreadable(error: &LedgerError) -> ConsoleError {
    internal("the ledger cannot be read", error)
}

impl SignedIn {
    pub(super) async fn view_history(&self, filter: &Filter) -> Result<HistoryView> {
        let table = &self.services.history.table;
        let found = table.search(&Search { filter }).await.map_err(|error| unreadable(&error))?;
        let page = usize::try_from(PAGE).unwrap_or(usize::MAX);
        let has_more = found.len() > page;
        let endpoints = self.services.stages.iter().flat_map(|place| {
            let seen = place.observer.now();
            seen.endpoints.values().map(|endpoint| endpoint.key.clone()).collect::<Vec<_>>()
        });
        let webhook = self.services.notify.checkpoints().await;
        Ok(HistoryView {
            now: self.services.clock.now(),
            endpoints: endpoints.collect(),
            records: found.iter().take(page).map(record).collect(),
            has_more,
            size: table.size().await.map_err(|error| unreadable(&error))?,
            may_not_export: self.principal.why_not(Right::Export),
            webhook: webhook.or_internal("the outbox cannot be read")?,
            checked: verification::latest(&self.services.history).await,
        })
    }

    pub(super) async fn view_history_entry(&self, index: u64) -> Result<HistoryEntry> {
        let table = &self.services.history.table;
        let found = table.entry(index).await.map_err(|error| unreadable(&error))?;
        let Some((entry, line)) = found else {
            return Err(ConsoleError::NotFound(format!(
                "There is no entry {index} in the audit log. The page of the audit log lists those that exist."
            )));
        };
        let size = table.size().await.map_err(|error| unreadable(&error))?;
        let root = table.root(size).await.map_err(|error| unreadable(&error))?;
        let path = table.ask(Question::Inclusion { index, size }).await;
        let path = path.map_err(|error| unreadable(&error))?;
        Ok(HistoryEntry {
            now: self.services.clock.now(),
            record: record(&entry),
            leaf: leaf(line.as_bytes()).to_string(),
            line,
            size,
            root: root.to_string(),
            path: path.iter().map(ToString::to_string).collect(),
        })
    }

    pub(super) async fn view_live_at(&self, at: &EndpointKey, time: Timestamp) -> Result<LiveAt> {
        self.place(at)?;
        let now = self.services.clock.now();
        if time > now {
            let message =
                format!("{} is in the future. Choose a time up to now, {}.", time.utc(), now.utc());
            return Err(ConsoleError::Invalid { field: Some("at".to_owned()), message });
        }
        let table = &self.services.history.table;
        let since = table.route_at(at, Some(time)).await.map_err(|error| unreadable(&error))?;
        let until = match &since {
            Some(since) => table.route_after(at, Some(since.index)).await,
            None => table.route_after(at, None).await,
        };
        let until = until.map_err(|error| unreadable(&error))?;
        let route = since.as_ref().and_then(|entry| entry.after.get(ROUTE)?.parse().ok());
        Ok(LiveAt {
            endpoint: at.clone(),
            time,
            route,
            since: since.as_ref().map(record),
            until: until.as_ref().map(record),
            checked: verification::latest(&self.services.history).await,
        })
    }

    /// Limits concurrent verifications.
    fn may_verify(&self) -> Result<Holding<String>> {
        self.services.limits.ledger(&self.principal.id()).ok_or_else(|| {
            ConsoleError::TooMany(
                "The limit of concurrent verifications and exports of the audit log is reached. Wait until one of them \
                 has ended, then try again."
                    .to_owned(),
            )
        })
    }

    pub(super) async fn check_history(&self) -> Result<Verdict> {
        let _turn = self.may_verify()?;
        match verification::verified(&self.services.history).await {
            Ok(proof) => Ok(Verdict::Intact {
                size: proof.checkpoint.size,
                root: proof.checkpoint.root.to_string(),
                signer: proof.key.short().to_owned(),
            }),
            Err(CheckError::Seal(SealError::Ledger(error @ LedgerError::Store(_)))) => {
                Err(unreadable(&error))
            }
            Err(bad) if bad.is_finding() => Ok(Verdict::Bad { fault: format!("{bad}.") }),
            Err(_) => Err(ConsoleError::Unavailable(
                "The verification could not be completed. Try again in a moment.".to_owned(),
            )),
        }
    }
}

/// Converts an entry for screens.
fn record(entry: &Entry) -> Record {
    let about = &entry.about;
    let endpoint = about.stage.as_ref().zip(about.endpoint.as_ref());
    let endpoint = endpoint.and_then(|(stage, endpoint)| {
        Some(EndpointKey { stage: stage.parse().ok()?, endpoint: endpoint.parse().ok()? })
    });
    Record {
        index: entry.index,
        at: Timestamp(entry.at.ms()),
        kind: kind(entry.kind),
        what: entry.what.clone(),
        by: entry.by.name.clone(),
        by_id: entry.by.id.clone(),
        roles: entry.by.roles.clone(),
        endpoint,
        deployment: about.deployment.clone(),
        change: about.change.clone().map(ChangeId),
        operation: about.operation.clone(),
        job: about.job.as_ref().and_then(|job| job.parse().ok()),
        before: entry.before.clone(),
        after: entry.after.clone(),
        reason: entry.reason.clone(),
        request: entry.request.clone(),
        outcome: match entry.result.outcome {
            entry::Outcome::Done => Outcome::Done,
            entry::Outcome::Failed => Outcome::Failed,
            entry::Outcome::Pending => Outcome::Pending,
            entry::Outcome::Refused => Outcome::Refused,
        },
        message: entry.result.message.clone(),
    }
}

/// Maps the ledger's kind to the screen's.
fn kind(kind: entry::Kind) -> Kind {
    match kind {
        entry::Kind::Configured => Kind::Configured,
        entry::Kind::Decided => Kind::Decided,
        entry::Kind::Denied => Kind::Denied,
        entry::Kind::Intended => Kind::Intended,
        entry::Kind::KeyChanged => Kind::KeyChanged,
        entry::Kind::Observed => Kind::Observed,
        entry::Kind::Settled => Kind::Settled,
        entry::Kind::SignInRefused => Kind::SignInRefused,
        entry::Kind::SignedIn => Kind::SignedIn,
        entry::Kind::SignedOut => Kind::SignedOut,
        entry::Kind::Proposed => Kind::Proposed,
        entry::Kind::Approved => Kind::Approved,
        entry::Kind::Refused => Kind::Refused,
        entry::Kind::Withdrawn => Kind::Withdrawn,
        entry::Kind::Commented => Kind::Commented,
        entry::Kind::Replanned => Kind::Replanned,
        entry::Kind::Expired => Kind::Expired,
        entry::Kind::Started => Kind::Started,
        entry::Kind::Frozen => Kind::Frozen,
        entry::Kind::Thawed => Kind::Thawed,
        entry::Kind::Captured => Kind::Captured,
        entry::Kind::Lapsed => Kind::Lapsed,
        entry::Kind::BegunAgain => Kind::BegunAgain,
        entry::Kind::BrokeGlass => Kind::BrokeGlass,
        entry::Kind::GlassAcknowledged => Kind::GlassAcknowledged,
        entry::Kind::Superseded => Kind::Superseded,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn screen_and_ledger_use_the_same_words() {
        for found in entry::Kind::ALL {
            assert_eq!(kind(found).word(), found.word());
        }
        assert_eq!(Kind::ALL.len(), entry::Kind::ALL.len());
    }
}
