//! The way back from a run: the traffic before and after, the plan, and only then the button that acts. Where the
//! rules ask for a proposal, the same route leads to the page on which it is proposed.

use crate::domain::glass::Deed;
use crate::domain::route_form::BASE;
use crate::domain::run::view::WayBack;
use crate::domain::run::{Decision, RunId};
use crate::features::glass::Offer;
use crate::features::plan::PlanView;
use crate::features::route::RouteBar;
use crate::paths;
use crate::ui::section::Section;
use leptos::prelude::*;

/// The way back; a plain form.
#[component]
pub fn RollBack(
    /// Where it is posted to.
    action: String,
    /// The run.
    run: RunId,
    /// The way back.
    way_back: WayBack,
) -> impl IntoView {
    let WayBack { endpoint, to, plan, forbidden, why_not, protected, may_break_glass } = way_back;
    let from = endpoint.route.clone();
    let (is, becomes, base) = (from.to_string(), to.to_string(), from.to_text());
    let is_as_before = from == to;
    let instead = forbidden.is_some() && !is_as_before;
    let glass = (instead && may_break_glass).then(|| {
        let href = paths::break_glass(&endpoint.key, Some(&Deed::RollBack(run)));
        view! { <Offer href /> }
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
            <div class="turn">
                <p>"Is: " <b>{is}</b></p>
                <RouteBar endpoint=endpoint.clone() route=from />
                <p>"Becomes: " <b>{becomes}</b></p>
                <RouteBar endpoint=endpoint route=to />
            </div>
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
            {glass}
        </Section>
    }
}
