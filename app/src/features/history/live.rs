//! “What was live at …”: the question that audits start with.

use super::list::{Ways, When};
use super::page::Fields;
use super::verification::Verification;
use crate::components::problem::Refusal;
use crate::error::ConsoleError;
use crate::paths;
use crate::submission::field;
use crate::ui::badge::Tone;
use crate::ui::notice::Notice;
use domain::history::{LiveAt, Record};
use domain::stage::EndpointKey;
use domain::timestamp::Timestamp;
use leptos::either::Either;
use leptos::prelude::*;

/// The form and its result.
#[component]
pub fn LiveAtForm(
    places: Vec<EndpointKey>,
    fields: Fields,
    live: Option<Result<LiveAt, ConsoleError>>,
    now: Timestamp,
) -> impl IntoView {
    let value = |name: &str| field(&fields, name).unwrap_or_default().to_owned();
    let (asked, at) = (value("live"), value("at"));
    let at = if at.is_empty() { now.field() } else { at };
    let chosen = chosen(&asked, &value("stage"), &value("endpoint"), &places);
    // A deleted endpoint still has records.
    let gone = chosen.clone().filter(|key| !places.contains(key));
    let is_open = chosen.is_none();
    let option = move |key: EndpointKey| {
        let place = format!("{}/{}", key.stage, key.endpoint);
        let selected = chosen.as_ref() == Some(&key);
        view! { <option value=place selected=selected>{format!("{} on {}", key.endpoint, key.stage)}</option> }
    };
    let options = gone.into_iter().chain(places).map(option).collect::<Vec<_>>();
    view! {
        <form class="filter" method="get" action=paths::HISTORY>
            <label>
                <span>"Endpoint"</span>
                <select name="live" required>
                    <option value="" selected=is_open>"Choose an endpoint"</option>
                    {options}
                </select>
            </label>
            <label>
                <span>"At"</span>
                <input type="datetime-local" name="at" value=at max=now.field() step="1" required />
            </label>
            <p class="actions"><button class="button" type="submit">"Show what was live"</button></p>
        </form>
        {live.map(|live| match live {
            Ok(live) => Either::Left(view! { <Answer live now /> }),
            Err(error) => Either::Right(view! { <Refusal error /> }),
        })}
    }
}

/// The endpoint to select: the submitted one, else the filter's, else the only one.
fn chosen(asked: &str, stage: &str, endpoint: &str, places: &[EndpointKey]) -> Option<EndpointKey> {
    let key = |stage: &str, endpoint: &str| {
        Some(EndpointKey { stage: stage.parse().ok()?, endpoint: endpoint.parse().ok()? })
    };
    let of_place = asked.split_once('/').and_then(|(stage, endpoint)| key(stage, endpoint));
    let on_any_stage = || {
        let name = endpoint.parse().ok()?;
        let mut found = places.iter().filter(|place| place.endpoint == name);
        found.next().filter(|_| found.next().is_none()).cloned()
    };
    let only = || if let [only] = places { Some(only.clone()) } else { None };
    of_place.or_else(|| key(stage, endpoint)).or_else(on_any_stage).or_else(only)
}

#[component]
fn Answer(live: LiveAt, now: Timestamp) -> impl IntoView {
    let LiveAt { endpoint, time, route, since, until, checked } = live;
    let standing = view! { <Verification checked now /> };
    let name = format!("{} on {}", endpoint.endpoint, endpoint.stage);
    let Some((route, since)) = route.zip(since) else {
        let first = until.map(|record| view! { <p>"First record: " <Source record now /></p> });
        return Either::Left(view! {
            <Notice tone=Tone::Warn title="Not recorded">
                <p>{format!("The console has no record of {name}'s traffic split at {}, so what was live is unknown.", time.utc())}</p>
                {first}
                {standing}
            </Notice>
        });
    };
    let headline = format!("{name} at {}: {route}", time.utc());
    let until = until.map(|record| view! { <p>"Until: " <Source record now /></p> });
    Either::Right(view! {
        <div class="live-at" role="status">
            <p class="title">{headline}</p>
            <p>"Since: " <Source record=since now /></p>
            {until}
            <p class="reason">
                "The console records an external change when it observes the change, so the traffic split may have differed briefly between two records."
            </p>
            {standing}
        </div>
    })
}

/// A link to the entry that the result is based on.
#[component]
fn Source(record: Record, now: Timestamp) -> impl IntoView {
    let href = paths::history_entry(record.index);
    let (change, run) = (record.change.clone(), record.run());
    view! {
        <When at=record.at now />
        ", "
        <a href=href>{record.what}</a>
        ", "
        {record.by}
        <Ways change run />
    }
}
