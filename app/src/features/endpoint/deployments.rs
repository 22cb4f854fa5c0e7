//! The endpoint's deployments as a table.

use super::row::Row;
use crate::domain::endpoint::Endpoint;
use crate::domain::timestamp::Timestamp;
use crate::domain::traffic::Traffic;
use crate::live::pick;
use crate::ui::empty::Empty;
use leptos::prelude::*;

/// The endpoint's deployments as a table; on narrow screens, as cards.
#[component]
pub fn Deployments(
    /// The endpoint.
    endpoint: Memo<Endpoint>,
    /// What was measured.
    traffic: RwSignal<Traffic>,
    /// The clock from which ages are computed.
    now: Signal<Timestamp>,
) -> impl IntoView {
    let names = pick(endpoint, Endpoint::names);
    let empty = pick(names, Vec::is_empty);
    view! {
        <table class="deployments" aria-labelledby="deployments-heading" hidden=empty>
            <thead>
                <tr>
                    <th scope="col">"Deployment"</th>
                    <th scope="col">"Part"</th>
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
            <Empty>"No deployment yet. “New deployment” makes one; it starts without live traffic."</Empty>
        })}
    }
}
