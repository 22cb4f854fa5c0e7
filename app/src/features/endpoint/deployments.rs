//! The table of an endpoint's deployments.

use super::row::Row;
use crate::live::pick;
use crate::ui::empty::Empty;
use domain::endpoint::Endpoint;
use domain::timestamp::Timestamp;
use domain::traffic::Traffic;
use leptos::prelude::*;

/// The endpoint's deployments as a table; on narrow screens, as cards.
#[component]
pub fn Deployments(
    endpoint: Memo<Endpoint>,
    traffic: RwSignal<Traffic>,
    now: Signal<Timestamp>,
) -> impl IntoView {
    let names = pick(endpoint, Endpoint::names);
    let empty = pick(names, Vec::is_empty);
    view! {
        <table class="deployments" aria-labelledby="deployments-heading" hidden=empty>
            <thead>
                <tr>
                    <th scope="col">"Deployment"</th>
                    <th scope="col">"Role"</th>
                    <th scope="col">"State"</th>
                    <th scope="col">"Model"</th>
                    <th scope="col">"Environment"</th>
                    <th scope="col">"Instances"</th>
                    <th scope="col">"Requests/min"</th>
                </tr>
            </thead>
            <tbody>
                <For each=move || names.get() key=ToString::to_string let:name>
                    <Row name endpoint traffic now />
                </For>
            </tbody>
        </table>
        {move || empty.get().then(|| view! {
            <Empty>"No deployments yet. Create one with “New deployment”. It starts without live traffic."</Empty>
        })}
    }
}
