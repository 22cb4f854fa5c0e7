//! Rolling a run back: the traffic before and after, the plan, then the button. Where the stage requires a proposal,
//! a link leads to the page that proposes the same route.

use super::board::Other;
use crate::components::break_glass::BreakGlassLink;
use crate::components::plan::PlanView;
use crate::components::route_bar::Turn;
use crate::paths;
use crate::ui::section::Section;
use domain::glass::Purpose;
use domain::route_form::BASE;
use domain::run::view::WayBack;
use domain::run::{Decision, RunId};
use leptos::prelude::*;

/// The roll-back's plan and form.
#[component]
pub fn RollBack(action: String, run: RunId, way_back: WayBack) -> impl IntoView {
    let WayBack { endpoint, to, plan, forbidden, why_not, busy, protected, may_break_glass } =
        way_back;
    let base = endpoint.route.to_text();
    let is_as_before = endpoint.route == to;
    let instead = forbidden.is_some() && !is_as_before;
    let glass = (instead && may_break_glass).then(|| {
        let href = paths::break_glass(&endpoint.key, Some(&Purpose::RollBack(run)));
        view! { <BreakGlassLink href /> }
    });
    let instead = instead.then(|| {
        let word =
            if protected { "Propose this traffic instead" } else { "Set this traffic instead" };
        let href = paths::planned_route(&endpoint, &to);
        view! { <a class="button" href=href>{word}</a> }
    });
    let reason = forbidden.or(why_not);
    let is_off = reason.is_some();
    let help = Decision::RollBack.help().to_owned();
    let shown = (!is_as_before).then(|| {
        view! {
            <Turn endpoint to />
            <div class="amounts"><PlanView plan /></div>
        }
    });
    let word = Decision::RollBack.word();
    view! {
        <Section id="roll-back" title="Roll back">
            {shown}
            <form method="post" action=action class="actions">
                <input type="hidden" name="decision" value=word />
                <input type="hidden" name=BASE value=base />
                <button type="submit" class="button" data-variant="danger" disabled=is_off
                    aria-describedby="roll-back-about">
                    {Decision::RollBack.label()}
                </button>
                {instead}
                <p id="roll-back-about" class="reason">{reason.unwrap_or(help)}</p>
            </form>
            {busy.map(|run| view! { <Other says="In progress" run /> })}
            {glass}
        </Section>
    }
}
