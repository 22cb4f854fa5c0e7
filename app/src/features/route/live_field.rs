//! One deployment's live share: a slider and a number that move each other.

use super::editing::{Editing, live_field};
use super::fields::{Reason, Written, settle, slid};
use crate::ui::chart::Swatch;
use domain::name::DeploymentName;
use leptos::prelude::*;

/// One deployment's live share.
#[component]
pub fn LiveField(name: DeploymentName, editing: Editing) -> impl IntoView {
    let name = StoredValue::new(name);
    let share = Memo::new(move |_| {
        name.with_value(|name| editing.draft.with(|draft| draft.route().split().share(name)))
    });
    let reason = Memo::new(move |_| {
        let locked = name.with_value(|name| editing.draft.with(|draft| draft.live_locked(name)));
        locked.filter(|_| editing.scripted.get()).map(|blocked| blocked.to_string())
    });
    let locked = Memo::new(move |_| reason.with(Option::is_some));
    let slide = move |event: web_sys::Event| {
        if let Some(to) = slid(&event) {
            name.with_value(|name| editing.slide_live(name, to));
        }
    };
    let write =
        Callback::new(move |text: String| name.with_value(|name| editing.type_live(name, &text)));
    let settled = move |event: web_sys::Event| settle(&event, share.get_untracked());
    let seat = Signal::derive(move || seat(editing, name));
    let label = name.with_value(|name| format!("Live traffic to {name}"));
    let field = name.with_value(live_field);
    let why = format!("{field}-reason");
    let shown = name.with_value(ToString::to_string);
    view! {
        <div class="handle" data-locked=move || locked.get().then_some("true")>
            <label for=field.clone()>
                <Swatch seat />
                {shown}
            </label>
            <input type="range" class="scripted" id=format!("{field}-range") min="0" max="100" aria-label=label.clone()
                data-seat=seat value=share.get_untracked().to_string()
                prop:value=move || share.get().to_string() disabled=locked aria-describedby=why.clone()
                on:input=slide on:change=settled />
            <Written field label range=(0, 100) value=share locked about=why.clone() editing write />
            <Reason reason id=why />
        </div>
    }
}

fn seat(editing: Editing, name: StoredValue<DeploymentName>) -> usize {
    editing.endpoint.with(|endpoint| {
        let mut deployments = endpoint.deployments.iter();
        deployments.position(|d| name.with_value(|name| d.name == *name)).unwrap_or(0)
    })
}
