//! What keeps changes from being made now: a freeze, the stage's hours, a run that is under way. Shown wherever
//! something could be changed.

use crate::domain::guard::facts::{Facts, Gate, InFlight};
use crate::domain::name::StageName;
use crate::domain::operation::Operation;
use crate::paths;
use crate::port::EndpointView;
use crate::ui::badge::Tone;
use crate::ui::notice::Notice;
use leptos::prelude::*;

/// That a stage takes no changes now; nothing while it does.
#[component]
pub fn GateNotice(
    /// Whether it does.
    gate: Gate,
    /// The stage.
    stage: StageName,
) -> impl IntoView {
    let (title, sentence) = match gate {
        Gate::Open => return None,
        Gate::Frozen { by, reason } => (
            format!("{stage} is frozen by {by}"),
            format!(
                "“{reason}” No change starts until it is unfrozen; rolling back stays possible."
            ),
        ),
        Gate::Outside { opens } => (
            format!("{stage} takes no changes at this hour"),
            format!("It opens {opens}. Rolling back stays possible."),
        ),
    };
    Some(view! {
        <Notice tone=Tone::Warn title>
            <p>{sentence} " " <a href=paths::stage(&stage)>"Open the stage"</a></p>
        </Notice>
    })
}

/// The run that is under way on an endpoint, with the way to it.
#[component]
pub fn UnderWay(
    /// The run.
    operation: Operation,
) -> impl IntoView {
    view! {
        <Notice tone=Tone::Busy title="A run is under way">
            <p>
                <a href=paths::run(&operation.id)>{operation.action.title()}</a> ", started by " {operation.by}
                ". Another change of this endpoint can start when it has ended."
            </p>
        </Notice>
    }
}

/// Both, for a page about an endpoint.
#[component]
pub fn Hindrances(
    /// What the page knows.
    gate: Option<Gate>,
    /// The stage.
    stage: StageName,
    /// The run that is under way.
    run: Option<Operation>,
) -> impl IntoView {
    view! {
        {gate.map(|gate| view! { <GateNotice gate stage /> })}
        {run.map(|operation| view! { <UnderWay operation /> })}
    }
}

impl EndpointView {
    /// The run that is under way on it.
    #[must_use]
    pub fn under_way(&self) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.is_open())
    }

    /// What guards may know from this page, beside the endpoint.
    #[must_use]
    pub fn known(&self) -> Facts {
        let run = |run: &Operation| InFlight { what: run.action.title(), by: run.by.clone() };
        Facts {
            gate: Some(self.gate.clone().unwrap_or(Gate::Open)),
            in_flight: Some(self.under_way().map(run).into_iter().collect()),
            ..Facts::default()
        }
    }

    /// What keeps changes of the endpoint from being made now.
    #[must_use]
    pub fn hindrances(&self) -> (Option<Gate>, Option<Operation>) {
        (self.gate.clone(), self.under_way().cloned())
    }
}
