//! What prevents changes at the moment: a freeze, the stage's change windows, a run in progress. Shown wherever
//! something could be changed.

use crate::paths;
use crate::port::EndpointView;
use crate::ui::badge::Tone;
use crate::ui::notice::Notice;
use domain::guard::inputs::{Gate, GuardInputs, InFlight};
use domain::name::StageName;
use domain::run::operation::Operation;
use leptos::prelude::*;

/// Says why a stage does not accept changes; nothing while it does.
#[component]
pub fn GateNotice(gate: Gate, stage: StageName) -> impl IntoView {
    let (title, sentence) = match gate {
        Gate::Open => return None,
        Gate::Frozen { by, reason } => (
            format!("{stage} is frozen by {by}"),
            format!(
                "“{reason}” No change starts until the stage is unfrozen. You can still roll back."
            ),
        ),
        Gate::Outside { opens } => (
            format!("{stage} is outside its change window"),
            format!("The next window opens {opens}. You can still roll back."),
        ),
    };
    Some(view! {
        <Notice tone=Tone::Warn title>
            <p>{sentence} " " <a href=paths::stage(&stage)>"Open the stage"</a></p>
        </Notice>
    })
}

/// The run in progress on an endpoint, with a link to it.
#[component]
pub fn UnderWay(operation: Operation) -> impl IntoView {
    view! {
        <Notice tone=Tone::Busy title="A run is in progress">
            <p>
                <a href=paths::run(&operation.id)>{operation.intent.title()}</a> ", started by " {operation.by}
                ". Another change to this endpoint can start when this run has ended."
            </p>
        </Notice>
    }
}

/// What prevents changes to an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hindering {
    stage: StageName,
    gate: Option<Gate>,
    run: Option<Operation>,
}

impl Hindering {
    /// The facts that these give the guards.
    #[must_use]
    pub fn known(&self) -> GuardInputs {
        let run = |run: &Operation| InFlight { what: run.intent.title(), by: run.by.clone() };
        GuardInputs {
            gate: Some(self.gate.clone().unwrap_or(Gate::Open)),
            in_flight: Some(self.run.iter().map(run).collect()),
            ..GuardInputs::default()
        }
    }
}

/// The stage's gate and the run in progress, for a page about an endpoint.
#[component]
pub fn Hindrances(of: Hindering) -> impl IntoView {
    let Hindering { stage, gate, run } = of;
    view! {
        {gate.map(|gate| view! { <GateNotice gate stage /> })}
        {run.map(|operation| view! { <UnderWay operation /> })}
    }
}

impl EndpointView {
    /// The run in progress on the endpoint.
    #[must_use]
    pub fn under_way(&self) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.is_open())
    }

    /// What prevents changes at the moment.
    #[must_use]
    pub fn hindering(&self) -> Hindering {
        Hindering {
            stage: self.stage.name.clone(),
            gate: self.gate.clone(),
            run: self.under_way().cloned(),
        }
    }
}
