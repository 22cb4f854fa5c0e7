//! The webhooks that are told what happens on a stage, and how they are doing.

use crate::domain::notification::{Occasion, Webhook};
use crate::domain::timestamp::Timestamp;
use crate::features::health::HealthLine;
use crate::ui::empty::Empty;
use leptos::prelude::*;

/// All of them.
#[component]
pub fn Webhooks(
    /// Those that are told of this stage.
    webhooks: Vec<Webhook>,
    /// The server's clock.
    now: Timestamp,
) -> impl IntoView {
    let is_empty = webhooks.is_empty();
    let items = webhooks.into_iter().map(|webhook| view! { <Item webhook now /> });
    view! {
        <ul class="story">{items.collect::<Vec<_>>()}</ul>
        {is_empty.then(|| view! {
            <Empty>"No webhook is told. The configuration names them under notifications."</Empty>
        })}
    }
}

#[component]
fn Item(webhook: Webhook, now: Timestamp) -> impl IntoView {
    let Webhook { name, kind, occasions, health } = webhook;
    let told = match occasions.len() == Occasion::ALL.len() {
        true => "everything".to_owned(),
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
            <p class="detail">{format!("{kind}; told of {told}.")}</p>
        </li>
    }
}
