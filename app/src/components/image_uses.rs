//! The deployments that use an image, with their shares of traffic.

use crate::paths;
use crate::port::ImageUse;
use crate::ui::badge::{Badge, Tone};
use crate::ui::empty::Empty;
use leptos::either::Either;
use leptos::prelude::*;

/// The deployments that use an image.
#[component]
pub fn ImageUses(
    uses: Vec<ImageUse>,
    /// The text for an empty list.
    none: &'static str,
) -> impl IntoView {
    if uses.is_empty() {
        return Either::Left(view! { <Empty>{none}</Empty> });
    }
    let item = |one| view! { <Use one /> };
    Either::Right(view! {
        <ul class="image-uses">{uses.into_iter().map(item).collect::<Vec<_>>()}</ul>
    })
}

#[component]
fn Use(one: ImageUse) -> impl IntoView {
    let share = share(&one);
    let ImageUse { at, deployment, live, follows_latest, .. } = one;
    let name = match deployment.parse() {
        Ok(name) => {
            let href = paths::deployment(&at, &name);
            Either::Left(view! { <a href=href>{deployment}</a> })
        }
        Err(_) => Either::Right(deployment),
    };
    let tone = if live > 0 { Tone::Good } else { Tone::Quiet };
    let latest = follows_latest.then(|| {
        view! { <Badge tone=Tone::Warn word="new instances pull the newest image" /> }
    });
    view! {
        <li>
            <span>{name} " on " {at.endpoint.to_string()} " in " {at.stage.to_string()}</span>
            <Badge tone word=share />
            {latest}
        </li>
    }
}

/// `90% live`, `20% mirrored`, `no traffic`
fn share(one: &ImageUse) -> String {
    match (one.live, one.mirror) {
        (0, 0) => "no traffic".to_owned(),
        (0, mirror) => format!("{mirror}% mirrored"),
        (live, 0) => format!("{live}% live"),
        (live, mirror) => format!("{live}% live, {mirror}% mirrored"),
    }
}
