//! Sessions: people list and end their own, administrators everybody's.

use super::api;
use crate::components::address;
use crate::components::load::loaded;
use crate::components::page_head::PageHead;
use crate::components::problem::Refused;
use crate::paths;
use crate::port::{Everybody, SessionView, SessionsView};
use crate::ui::badge::{Badge, Tone};
use crate::ui::empty::Empty;
use crate::ui::section::Section;
use crate::ui::time::Time;
use domain::session::form::{ALL, END, ONE, OTHERS, SESSION};
use domain::timestamp::Timestamp;
use leptos::prelude::*;

/// The page of sessions.
#[component]
pub fn SessionsPage() -> impl IntoView {
    let find = address::query_field("find").unwrap_or_default();
    let trail = vec![("Account".to_owned(), paths::ACCOUNT.to_owned())];
    loaded(api::read_sessions(find), |view| {
        let SessionsView { now, own, everybody } = view;
        view! {
            <PageHead title="Sessions" trail here="Sessions">
                <p>"A session starts when somebody signs in. It ends when they sign out or stay idle too long, or when it is ended here."</p>
            </PageHead>
            <Refused />
            <Section id="own" title="Your sessions" note="End any session that you do not recognize.">
                <Own own now />
            </Section>
            {everybody.map(|everybody| view! {
                <Section id="everybody" title="Everybody's sessions" note="A person whose role was removed in Entra ID keeps the role until their session ends. End the session to remove it now.">
                    <All everybody now />
                </Section>
            })}
        }
    })
}

#[component]
fn Own(own: Vec<SessionView>, now: Timestamp) -> impl IntoView {
    let has_others = own.iter().any(|session| !session.is_this);
    view! {
        <Table sessions=own now with_person=false />
        {has_others.then(|| view! {
            <form method="post" action=paths::SESSIONS>
                <button class="button" type="submit" name=END value=OTHERS>"End all others"</button>
            </form>
        })}
    }
}

#[component]
fn All(everybody: Everybody, now: Timestamp) -> impl IntoView {
    let Everybody { find, shown, found } = everybody;
    let count = match (found, shown.len() as u64) {
        (0, _) => None,
        (found, count) if found == count => Some(format!("{found} sessions")),
        (found, count) => Some(format!(
            "{count} of {found} sessions, most recently seen first. Search by name to find the others."
        )),
    };
    let is_empty = shown.is_empty();
    let is_filtered = !find.is_empty();
    view! {
        <form class="filter" method="get" action=paths::SESSIONS>
            <label>
                <span>"Person"</span>
                <input type="text" name="find" value=find maxlength="100" />
            </label>
            <p class="actions">
                <button class="button" type="submit">"Find"</button>
                {is_filtered.then(|| view! { <a href=paths::SESSIONS>"Show all"</a> })}
            </p>
        </form>
        {count.map(|count| view! { <p>{count}</p> })}
        {is_empty.then(|| view! { <Empty>"No signed-in person matches this name."</Empty> })}
        {(!is_empty).then(|| view! { <Table sessions=shown now with_person=true /> })}
    }
}

#[component]
fn Table(sessions: Vec<SessionView>, now: Timestamp, with_person: bool) -> impl IntoView {
    let rows: Vec<_> =
        sessions.into_iter().map(|session| view! { <Row session now with_person /> }).collect();
    let label = if with_person { "Everybody's sessions" } else { "Your sessions" };
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label=label>
            <table class="sessions">
                <thead>
                    <tr>
                        {with_person.then(|| view! { <th scope="col">"Person"</th> })}
                        <th scope="col">"Browser"</th>
                        <th scope="col">"Address"</th>
                        <th scope="col">"Signed in"</th>
                        <th scope="col">"Last seen"</th>
                        <th scope="col"><span class="unseen">"End"</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

#[component]
fn Row(session: SessionView, now: Timestamp, with_person: bool) -> impl IntoView {
    let SessionView { handle, user, browser, address, signed_in, seen, is_this } = session;
    let whose = if with_person { format!(" of {}", user.name) } else { String::new() };
    let person = with_person.then(|| {
        let roles: Vec<_> = user.roles.iter().map(|role| role.label()).collect();
        let roles = if roles.is_empty() { "no role".to_owned() } else { roles.join(", ") };
        view! { <td><strong>{user.name.clone()}</strong><br />{user.username.clone()}<br />{roles}</td> }
    });
    let unseen = format!(" the session{whose}: {browser}");
    let all = with_person.then(|| {
        let unseen = format!(" of {}", user.name);
        view! {
            <button class="button" type="submit" name=END value=ALL>
                "End all"<span class="unseen">{unseen}</span>
            </button>
        }
    });
    view! {
        <tr>
            {person}
            <td>{browser} {is_this.then(|| view! { " " <Badge tone=Tone::Good word="this session" /> })}</td>
            <td>{address}</td>
            <td><Time at=signed_in now /></td>
            <td><Time at=seen now /></td>
            <td>
                <form class="actions" method="post" action=paths::SESSIONS>
                    <input type="hidden" name=SESSION value=handle.to_string() />
                    <button class="button" type="submit" name=END value=ONE>
                        "End"<span class="unseen">{unseen}</span>
                    </button>
                    {all}
                </form>
            </td>
        </tr>
    }
}
