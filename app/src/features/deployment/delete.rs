//! Deleting a deployment: the plan, and the button.

use super::api::read_deployment;
use crate::components::address;
use crate::components::break_glass::BreakGlassLink;
use crate::components::hindrance::Hindrances;
use crate::components::load::loaded;
use crate::components::page_head::PageHead;
use crate::components::plan::PlanView;
use crate::components::problem::Refused;
use crate::components::propose::ApplyOrPropose;
use crate::features::document::api::read_plan_document;
use crate::features::document::{DIRECT, TakeAway};
use crate::paths;
use crate::port::DeploymentView;
use crate::submission::said;
use crate::ui::section::Section;
use domain::change::proposal::{REASON, START};
use domain::document::{Document, Form};
use domain::endpoint::MadeOf;
use domain::glass::Purpose;
use domain::intent::Intent;
use domain::run::warrant::{SAW, mark};
use leptos::prelude::*;

/// The page that deletes a deployment.
#[component]
pub fn DeleteDeploymentPage() -> impl IntoView {
    let at = address::deployment();
    let load = async {
        let (at, name) = at?;
        let of = Intent::DeleteDeployment { at: at.clone(), name: name.clone() };
        let commands = read_plan_document(of, Form::Commands).await?;
        Ok((read_deployment(at, name).await?, commands))
    };
    loaded(load, |(view, commands)| view! { <Page view commands /> })
}

#[component]
fn Page(view: DeploymentView, commands: Document) -> impl IntoView {
    let said = [REASON, START].map(said);
    let hindering = view.on.hindering();
    let at = view.on.endpoint.key.clone();
    let name = view.deployment.name.clone();
    let saw = mark(&[(name.clone(), MadeOf::from(&view.deployment))].into());
    let back = paths::deployment(&at, &name);
    let trail =
        vec![(at.endpoint.to_string(), paths::endpoint(&at)), (name.to_string(), back.clone())];
    let action = paths::delete_deployment(&at, &name);
    let hash = view.deletion.hash.clone();
    let of = Intent::DeleteDeployment { at: at.clone(), name: name.clone() };
    let purpose = Purpose::Intent(of.clone());
    let glass = view.on.may_break_glass.then(|| paths::break_glass(&at, Some(&purpose)));
    let protected = view.on.stage.protected;
    let reason = view.on.may_not_change.or_else(|| view.deletion.hindered(view.on.stage.protected));
    view! {
        <PageHead title=format!("Delete {name}") trail here="Delete">
            <p>"Deletes the deployment's instances and log. The model and the environment stay registered."</p>
        </PageHead>
        <Refused />
        <Hindrances of=hindering />
        <Section id="plan" title="Plan">
            <PlanView plan=view.deletion />
            <form method="post" action=action class="apply">
                <input type="hidden" name=SAW value=saw />
                <ApplyOrPropose word=format!("Delete {name}") variant="danger" reason protected said cancel=back />
            </form>
            {glass.map(|href| view! { <BreakGlassLink href /> })}
            <TakeAway of hash forms=DIRECT.to_vec() documents=vec![commands] />
        </Section>
    }
}
