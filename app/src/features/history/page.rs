//! The page of the audit log. Its state lives in the URL, and every form is a plain one.

use super::api;
use super::filter::FilterForm;
use super::list::Records;
use super::live::LiveAtForm;
use super::proof::{CheckpointWebhook, Proof};
use super::verification::Verification;
use crate::components::address;
use crate::components::load::loaded;
use crate::components::page_head::PageHead;
use crate::components::problem::Refusal;
use crate::error::ConsoleError;
use crate::port::HistoryView;
use crate::submission::{Outcome, Submission, field};
use crate::ui::section::Section;
use domain::history::LiveAt;
use domain::history_filter::Filter;
use domain::stage::EndpointKey;
use domain::timestamp::Timestamp;
use leptos::prelude::*;

/// The URL's query fields.
pub(super) type Fields = Vec<(String, String)>;

/// What the page shows.
struct Loaded {
    view: HistoryView,
    filter: Filter,
    fields: Fields,
    refused: Option<ConsoleError>,
    live: Option<Result<LiveAt, ConsoleError>>,
    sent: Option<Outcome>,
}

/// The page of the audit log.
#[component]
pub fn HistoryPage() -> impl IntoView {
    let fields = address::query();
    let sent = use_context::<Submission>().map(|sent| sent.outcome);
    loaded(load(fields, sent), |loaded| view! { <Page loaded /> })
}

async fn load(fields: Fields, sent: Option<Outcome>) -> Result<Loaded, ConsoleError> {
    let (filter, refused) = match Filter::parse(&fields) {
        Ok(filter) => (filter, None),
        Err(problems) => (Filter::default(), Some(problems.into())),
    };
    let view = api::read_history(filter.clone()).await?;
    let live = match asked_for(&fields) {
        None => None,
        Some(Ok((at, time))) => Some(api::read_live_at(at, time).await),
        Some(Err(error)) => Some(Err(error)),
    };
    Ok(Loaded { view, filter, fields, refused, live, sent })
}

/// The submitted endpoint and time of “What was live”, if any.
fn asked_for(fields: &Fields) -> Option<Result<(EndpointKey, Timestamp), ConsoleError>> {
    let value = |name: &str| field(fields, name).map(str::trim).filter(|value| !value.is_empty());
    let (place, time) = (value("live")?, value("at").unwrap_or_default());
    let invalid = |field: &str, message: &str| ConsoleError::Invalid {
        field: Some(field.to_owned()),
        message: message.to_owned(),
    };
    let key = place.split_once('/').and_then(|(stage, endpoint)| {
        Some(EndpointKey { stage: stage.parse().ok()?, endpoint: endpoint.parse().ok()? })
    });
    Some(match (key, Timestamp::parse_utc(time)) {
        (Some(key), Some(time)) => Ok((key, time)),
        (None, _) => Err(invalid("live", "Choose an endpoint from the list.")),
        (_, None) => Err(invalid("at", "Enter a time in UTC. Example: 2026-11-23T09:47.")),
    })
}

#[component]
fn Page(loaded: Loaded) -> impl IntoView {
    let Loaded { view, filter, fields, refused, live, sent } = loaded;
    let HistoryView { now, endpoints, records, has_more, size, may_not_export, webhook, checked } =
        view;
    let (places, asked) = (endpoints.clone(), fields.clone());
    let is_filtered = filter != Filter::default();
    view! {
        <PageHead title="Audit log" trail=vec![] here="Audit log">
            <p>
                {format!("{size} entries. ")}
                "They are stored in a ledger: hash-chained and covered by a signed Merkle tree, so no entry can be changed or removed without detection."
            </p>
            <Verification checked now />
        </PageHead>
        <Section id="live" title="What was live" note="From the console's records. Times are UTC.">
            <LiveAtForm places fields=asked live now />
        </Section>
        <Section id="entries" title="Entries" note="Newest first. Times are UTC.">
            {refused.map(|error| view! { <Refusal error /> })}
            <FilterForm endpoints fields is_filtered />
            <Records records now filter has_more />
        </Section>
        <Section id="proof" title="Proof" note="For leads, auditors and administrators.">
            <Proof size may_not_export sent />
            {webhook.map(|health| view! { <CheckpointWebhook health now /> })}
        </Section>
    }
}
