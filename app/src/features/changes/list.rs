//! The page of changes: those that need this person's action, pending, in progress, closed.

use super::api;
use super::item::ChangeList;
use crate::components::ages::Ages;
use crate::components::auto_reload::Fresh;
use crate::components::load::loaded;
use crate::components::page_head::PageHead;
use crate::paths;
use crate::port::ChangesView;
use crate::ui::section::Section;
use leptos::prelude::*;

/// All open changes, and the newest closed ones.
#[component]
pub fn ChangesPage() -> impl IntoView {
    loaded(api::read_changes(), |view| view! { <Page view /> })
}

#[component]
fn Page(view: ChangesView) -> impl IntoView {
    let ChangesView { now, for_me, waiting, running, recent, stamp } = view;
    let count = for_me.len();
    let sentence = match count {
        0 => "No change needs your review.".to_owned(),
        1 => "One change needs your review.".to_owned(),
        count => format!("{count} changes need your review."),
    };
    view! {
        <PageHead title="Changes" trail=vec![] here="Changes">
            <p>{sentence} " On a protected stage, one person proposes a change and another approves it before it starts."</p>
            <Ages now />
            <Fresh url=paths::EVENTS_CHANGES.to_owned() page=paths::CHANGES.to_owned() stamp />
        </PageHead>
        <Section id="for-me" title="Needs your action" note="Oldest first.">
            <ChangeList changes=for_me now none="There is nothing for you to approve." />
        </Section>
        <Section id="waiting" title="Pending" note="Waiting for other people, or for the scheduled start.">
            <ChangeList changes=waiting now none="No other change is pending." />
        </Section>
        <Section id="running" title="In progress" note="Running, or stopped and in need of attention.">
            <ChangeList changes=running now none="No change is in progress." />
        </Section>
        <Section id="recent" title="Closed" note="The newest 50. The audit log has all of them.">
            <ChangeList changes=recent now none="No change has been closed yet." />
        </Section>
    }
}
