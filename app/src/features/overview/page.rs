//! The overview page.

use super::api;
use super::board::OverviewBoard;
use crate::components::address;
use crate::components::load::loaded;
use crate::components::problem::Refusal;
use crate::error::ConsoleError;
use crate::paths;
use crate::port::Overview;
use domain::find::Find;
use leptos::prelude::*;
use leptos_meta::Title;

/// Up to this many endpoints the page shows no search.
const FEW: usize = 12;

/// The overview page.
#[component]
pub fn OverviewPage() -> impl IntoView {
    let (find, refused) = match Find::read(address::query_field) {
        Ok(find) => (find, None),
        Err(problems) => (Find::default(), Some(ConsoleError::from(problems))),
    };
    loaded(api::read_overview(find), |overview| {
        view! {
            <Title text="Overview" />
            <header class="head">
                <h1>"Overview"</h1>
                {many(&overview).then(|| view! { <Search find=overview.find.clone() /> })}
            </header>
            {refused.map(|error| view! { <Refusal error /> })}
            <OverviewBoard overview />
        }
    })
}

fn many(overview: &Overview) -> bool {
    let total: usize = overview.stages.iter().map(|view| view.total).sum();
    total > FEW || !overview.find.is_empty()
}

/// The search for endpoints by part of the name.
#[component]
fn Search(find: Find) -> impl IntoView {
    let all = (!find.is_empty()).then(|| view! { <a href=paths::OVERVIEW>"Show all"</a> });
    view! {
        <form class="find" role="search" method="get" action=paths::OVERVIEW>
            <label for="find">"Find an endpoint"</label>
            <input id="find" name="find" type="search" autocomplete="off" value=find.as_str().to_owned() />
            <button type="submit" class="button">"Find"</button>
            {all}
        </form>
    }
}
