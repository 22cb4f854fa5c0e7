//! The webhooks that receive a stage's events, and their health.

use crate::components::webhook_health::HealthLine;
use crate::ui::empty::Empty;
use domain::notification::{Occasion, Webhook};
use domain::timestamp::Timestamp;
use leptos::prelude::*;

/// A list of webhooks.
#[component]
pub fn Webhooks(webhooks: Vec<Webhook>, now: Timestamp) -> impl IntoView {
    let is_empty = webhooks.is_empty();
    let items = webhooks.into_iter().map(|webhook| view! { <Item webhook now /> });
    view! {
        <ul class="story">{items.collect::<Vec<_>>()}</ul>
        {is_empty.then(|| view! {
            <Empty>"No webhooks are configured. Add them to the configuration under notifications."</Empty>
        })}
    }
}

#[component]
fn Item(webhook: Webhook, now: Timestamp) -> impl IntoView {
    let Webhook { name, kind, occasions, health } = webhook;
    let events = match occasions.len() == Occasion::ALL.len() {
        true => "all events".to_owned(),
        false => occasions
            .iter()
            .map(|occasion| occasion.word().replace('_', " "))
            .collect::<Vec<_>>()
            .join(", "),
    };
    view! {
        <li>
            <b>{name}</b>
            " "
            <HealthLine health now />
            <p class="detail">{format!("{kind}; receives {events}.")}</p>
        </li>
    }
}
