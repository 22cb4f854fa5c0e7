//! Deleting a deployment: the plan, and the button.

use super::api::read_deployment;
use crate::domain::change::proposal::{REASON, START};
use crate::domain::document::{Document, Form};
use crate::domain::glass::Deed;
use crate::domain::plan::asked::PlanOf;
use crate::error::ConsoleError;
use crate::features::address;
use crate::features::changes::Carry;
use crate::features::document::api::read_plan_document;
use crate::features::document::{DIRECT, TakeAway};
use crate::features::frame::Crumbs;
use crate::features::glass::Offer;
use crate::features::hindrance::Hindrances;
use crate::features::load::loaded;
use crate::features::plan::PlanView;
use crate::features::problem::Refusal;
use crate::paths;
use crate::port::DeploymentView;
use crate::submission::Submission;
use crate::ui::section::Section;
use leptos::prelude::*;
use leptos_meta::Title;

/// Deleting a deployment.
#[component]
pub fn DeleteDeploymentPage() -> impl IntoView {
    let sent = use_context::<Submission>();
    let refusal = sent.as_ref().and_then(|sent| sent.refusal().cloned());
    let said = [REASON, START]
        .map(|name| sent.as_ref().and_then(|sent| sent.field(name)).unwrap_or_default().to_owned());
    let at = address::deployment();
    let load = async {
        let (at, name) = at?;
        let of = PlanOf::Deletion { at: at.clone(), name: name.clone() };
        let commands = read_plan_document(of, Form::Commands).await?;
        Ok((read_deployment(at, name).await?, commands))
    };
    loaded(load, |(view, commands)| view! { <Page view commands refusal said /> })
}

#[component]
fn Page(
    view: DeploymentView,
    commands: Document,
    refusal: Option<ConsoleError>,
    said: [String; 2],
) -> impl IntoView {
    let ((gate, run), stage) = (view.on.hindrances(), view.on.stage.name.clone());
    let at = view.on.endpoint.key.clone();
    let name = view.deployment.name;
    let back = paths::deployment(&at, &name);
    let trail =
        vec![(at.endpoint.to_string(), paths::endpoint(&at)), (name.to_string(), back.clone())];
    let action = paths::delete_deployment(&at, &name);
    let hash = view.deletion.hash.clone();
    let deed = Deed::Delete(name.clone());
    let glass = view.on.may_break_glass.then(|| paths::break_glass(&at, Some(&deed)));
    let of = PlanOf::Deletion { at, name: name.clone() };
    let protected = view.on.stage.protected;
    let reason = view.on.may_not_change.or_else(|| view.deletion.hindered(view.on.stage.protected));
    view! {
        <Title text=format!("Delete {name}") />
        <Crumbs trail here="Delete" />
        <header class="head">
            <h1>{format!("Delete {name}")}</h1>
            <p>"Its machines and its log go with it. The model and the environment stay registered."</p>
        </header>
        {refusal.map(|error| view! { <Refusal error /> })}
        <Hindrances gate stage run />
        <Section id="plan" title="Plan">
            <PlanView plan=view.deletion />
            <form method="post" action=action class="apply">
                <Carry word=format!("Delete {name}") variant="danger" reason protected said cancel=back />
            </form>
            {glass.map(|href| view! { <Offer href /> })}
            <TakeAway of hash forms=DIRECT.to_vec() documents=vec![commands] />
        </Section>
    }
}
