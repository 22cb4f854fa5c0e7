//! The page of changes: what waits for me, for others, what runs, what is over.

use super::api;
use super::item::ChangeList;
use crate::features::ages::Ages;
use crate::features::frame::Crumbs;
use crate::features::fresh::Fresh;
use crate::features::load::loaded;
use crate::paths;
use crate::port::ChangesView;
use crate::ui::section::Section;
use leptos::prelude::*;
use leptos_meta::Title;

/// All changes that matter now.
#[component]
pub fn ChangesPage() -> impl IntoView {
    loaded(api::read_changes(), |view| view! { <Page view /> })
}

#[component]
fn Page(view: ChangesView) -> impl IntoView {
    let ChangesView { now, for_me, waiting, running, recent, stamp } = view;
    let count = for_me.len();
    let sentence = match count {
        0 => "Nothing waits for you.".to_owned(),
        1 => "One change waits for you.".to_owned(),
        count => format!("{count} changes wait for you."),
    };
    view! {
        <Title text="Changes" />
        <Crumbs trail=vec![] here="Changes" />
        <header class="head">
            <h1>"Changes"</h1>
            <p>{sentence} " On a protected stage a change is proposed, approved by a second person, and then carried out."</p>
            <Ages now />
            <Fresh url=paths::EVENTS_CHANGES.to_owned() page=paths::CHANGES.to_owned() stamp />
        </header>
        <Section id="for-me" title="Waits for you" note="The oldest first.">
            <ChangeList changes=for_me now none="Nothing that you could approve." />
        </Section>
        <Section id="waiting" title="Waits" note="For others, or for their time.">
            <ChangeList changes=waiting now none="No other change waits." />
        </Section>
        <Section id="running" title="Runs" note="Or stopped, and needs attention.">
            <ChangeList changes=running now none="No change is being carried out." />
        </Section>
        <Section id="recent" title="Over" note="The newest 50; all of them are in the history.">
            <ChangeList changes=recent now none="No change has ended yet." />
        </Section>
    }
}
