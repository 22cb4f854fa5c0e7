//! The page that sends test requests.

use super::bench::TestBench;
use crate::components::address;
use crate::components::load::loaded;
use crate::components::page_head::PageHead;
use crate::components::problem::Refused;
use crate::features::endpoint::api::read_endpoint;
use crate::paths;
use crate::port::EndpointView;
use crate::submission::{Outcome, Submission};
use crate::ui::section::Section;
use domain::scoring::{Answer, SAMPLE};
use leptos::prelude::*;

/// The page that sends test requests.
#[component]
pub fn TestPage() -> impl IntoView {
    let sent = use_context::<Submission>();
    let at = address::endpoint();
    loaded(async { read_endpoint(at?).await }, |view| view! { <Page view sent /> })
}

#[component]
fn Page(view: EndpointView, sent: Option<Submission>) -> impl IntoView {
    let key = view.endpoint.key.clone();
    let trail = vec![(key.endpoint.to_string(), paths::endpoint(&key))];
    let names: Vec<_> = view.endpoint.deployments.iter().map(|d| d.name.clone()).collect();
    let chosen = sent.as_ref().map_or_else(|| vec!["split".to_owned()], targets);
    let body = sent.as_ref().and_then(|sent| sent.field("body")).unwrap_or(SAMPLE).to_owned();
    let answers = sent.map(answers).unwrap_or_default();
    view! {
        <PageHead title=format!("Test {}", key.endpoint) trail here="Test request">
            <p>"The console sends the request with the endpoint's key and never shows the key. Requests to a named deployment are never mirrored."</p>
        </PageHead>
        <Refused />
        <Section id="request" title="Request">
            <TestBench at=key names chosen body answers may_not=view.may_not_test />
        </Section>
    }
}

fn targets(sent: &Submission) -> Vec<String> {
    let of_target = sent.fields.iter().filter(|(name, _)| name == "target");
    of_target.map(|(_, value)| value.clone()).collect()
}

fn answers(sent: Submission) -> Vec<Answer> {
    match sent.outcome {
        Outcome::Answered(answers) => answers,
        Outcome::Refused(_) | Outcome::Verified(_) | Outcome::Looked => Vec::new(),
    }
}
