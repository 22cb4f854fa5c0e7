//! History as a page: state lives in the URL, and every form is a plain one.

use super::api;
use super::filter::FilterForm;
use super::list::Records;
use super::live::LiveAtForm;
use super::proof::{CheckpointWebhook, Proof};
use super::standing::Standing;
use crate::domain::history::LiveAt;
use crate::domain::history_filter::Filter;
use crate::domain::stage::EndpointKey;
use crate::domain::timestamp::Timestamp;
use crate::error::ConsoleError;
use crate::features::address;
use crate::features::frame::Crumbs;
use crate::features::load::loaded;
use crate::features::problem::Refusal;
use crate::port::HistoryView;
use crate::submission::{Outcome, Submission};
use crate::ui::section::Section;
use leptos::prelude::*;
use leptos_meta::Title;

/// The fields as the URL has them.
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

/// What was recorded.
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

/// The endpoint and the time of “what was live”, when they are asked for.
fn asked_for(fields: &Fields) -> Option<Result<(EndpointKey, Timestamp), ConsoleError>> {
    let value = |name: &str| {
        let found = fields.iter().find(|(field, _)| field == name);
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    };
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
        (_, None) => Err(invalid("at", "Say when, like 2026-11-23T09:47 (UTC).")),
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
        <Title text="History" />
        <Crumbs trail=vec![] here="History" />
        <header class="head">
            <h1>"History"</h1>
            <p>
                {format!("{size} entries. ")}
                "Each is chained to the one before it and proved by a signed tree; none can be changed or taken out unnoticed."
            </p>
            <Standing checked now />
        </header>
        <Section id="live" title="What was live" note="From what the console recorded; times are UTC.">
            <LiveAtForm places fields=asked live now />
        </Section>
        <Section id="entries" title="Entries" note="Newest first; times are UTC.">
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
