//! The HTML document and the route table.

use crate::components::problem::{NoSuchPage, WordsOnly};
use crate::features::activity::ActivityPage;
use crate::features::build::BuildPage;
use crate::features::changes::{ChangePage, ChangesPage};
use crate::features::deployment::{DeleteDeploymentPage, DeploymentPage};
use crate::features::endpoint::{EndpointPage, RoutePage};
use crate::features::evidence::{EvidenceListPage, EvidencePage};
use crate::features::export::ExportPage;
use crate::features::frame::Frame;
use crate::features::glass::{BreakGlassPage, BrokenGlassPage};
use crate::features::history::{HistoryEntryPage, HistoryPage};
use crate::features::images::{ImagePage, ImagesPage};
use crate::features::job::JobPage;
use crate::features::new_deployment::NewDeploymentPage;
use crate::features::overview::OverviewPage;
use crate::features::releases::{PlanReleasePage, ReleasePage, ReleasesPage};
use crate::features::run::RunPage;
use crate::features::run_book::RunBookPage;
use crate::features::session::{AccountPage, SessionsPage, SignInPage};
use crate::features::stage::StagePage;
use crate::features::test::TestPage;
use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags, provide_meta_context};
use leptos_router::components::{Route, Router, Routes};
use leptos_router::{MatchNestedRoutes, SsrMode, path};

/// The whole document around [`App`].
pub fn shell(options: LeptosOptions) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <HashedStylesheet options=options.clone() />
                <HydrationScripts options islands=true />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// A document for errors outside the pages, without scripts.
pub fn refusal_shell(
    options: LeptosOptions,
    status: u16,
    title: &'static str,
    message: String,
) -> impl IntoView {
    provide_meta_context();
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <HashedStylesheet options />
                <title>"Understudy"</title>
            </head>
            <body>
                <main>
                    <WordsOnly status title message />
                </main>
            </body>
        </html>
    }
}

/// The route table. Every page waits for its data, so that the response has the right status.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <Frame>
                <Routes fallback=NoSuchPage>
                    <Route path=path!("/") view=OverviewPage ssr=SsrMode::Async />
                    <Route path=path!("/sign-in") view=SignInPage ssr=SsrMode::Async />
                    <Route path=path!("/account") view=AccountPage ssr=SsrMode::Async />
                    <Route path=path!("/account/sessions") view=SessionsPage ssr=SsrMode::Async />
                    <Route path=path!("/changes") view=ChangesPage ssr=SsrMode::Async />
                    <Route path=path!("/changes/:change") view=ChangePage ssr=SsrMode::Async />
                    <Route path=path!("/changes/:change/:decision") view=ChangePage ssr=SsrMode::Async />
                    <Route path=path!("/stages/:stage") view=StagePage ssr=SsrMode::Async />
                    <Route path=path!("/stages/:stage/freeze") view=StagePage ssr=SsrMode::Async />
                    <Route path=path!("/stages/:stage/thaw") view=StagePage ssr=SsrMode::Async />
                    <Route path=path!("/history") view=HistoryPage ssr=SsrMode::Async />
                    <Route path=path!("/history/:entry") view=HistoryEntryPage ssr=SsrMode::Async />
                    <Route path=path!("/evidence/:evidence") view=EvidencePage ssr=SsrMode::Async />
                    <Route path=path!("/runs/:run") view=RunPage ssr=SsrMode::Async />
                    <Route path=path!("/glass/:glass") view=BrokenGlassPage ssr=SsrMode::Async />
                    <Route path=path!("/releases") view=ReleasesPage ssr=SsrMode::Async />
                    <Route path=path!("/releases/new-shadow") view=RunBookPage ssr=SsrMode::Async />
                    <Route path=path!("/releases/:repository/:workflow/:job") view=ReleasePage ssr=SsrMode::Async />
                    <Route path=path!("/releases/:repository/:workflow/:job/plan") view=PlanReleasePage ssr=SsrMode::Async />
                    <Route path=path!("/releases/:repository/:workflow/:job/build") view=BuildPage ssr=SsrMode::Async />
                    <JobRoutes />
                    <EndpointRoutes />
                </Routes>
            </Frame>
        </Router>
    }
}

/// The routes of jobs and images.
#[component(transparent)]
fn JobRoutes() -> impl MatchNestedRoutes + Clone {
    view! {
        <Route path=path!("/activity") view=ActivityPage ssr=SsrMode::Async />
        <Route path=path!("/jobs/:job_id") view=JobPage ssr=SsrMode::Async />
        <Route path=path!("/jobs/:job_id/cancel") view=JobPage ssr=SsrMode::Async />
        <Route path=path!("/jobs/:job_id/repeat") view=JobPage ssr=SsrMode::Async />
        <Route path=path!("/images") view=ImagesPage ssr=SsrMode::Async />
        <Route path=path!("/stages/:stage/images/:image") view=ImagePage ssr=SsrMode::Async />
        <Route path=path!("/stages/:stage/images/:image/archive") view=ImagePage ssr=SsrMode::Async />
    }
    .into_inner()
}

/// The routes of one endpoint and its deployments. A component that defines routes must be transparent, and must
/// return the routes without the wrapper of a view.
#[component(transparent)]
fn EndpointRoutes() -> impl MatchNestedRoutes + Clone {
    view! {
        <Route path=path!("/stages/:stage/endpoints/:endpoint") view=EndpointPage ssr=SsrMode::Async />
        <Route path=path!("/stages/:stage/endpoints/:endpoint/route") view=RoutePage ssr=SsrMode::Async />
        <Route path=path!("/stages/:stage/endpoints/:endpoint/break-glass") view=BreakGlassPage ssr=SsrMode::Async />
        <Route path=path!("/stages/:stage/endpoints/:endpoint/export") view=ExportPage ssr=SsrMode::Async />
        <Route path=path!("/stages/:stage/endpoints/:endpoint/deployments/:deployment/export") view=ExportPage ssr=SsrMode::Async />
        <Route path=path!("/stages/:stage/endpoints/:endpoint/test") view=TestPage ssr=SsrMode::Async />
        <Route path=path!("/stages/:stage/endpoints/:endpoint/evidence") view=EvidenceListPage ssr=SsrMode::Async />
        <Route path=path!("/stages/:stage/endpoints/:endpoint/new-deployment") view=NewDeploymentPage ssr=SsrMode::Async />
        <Route path=path!("/stages/:stage/endpoints/:endpoint/deployments/:deployment") view=DeploymentPage ssr=SsrMode::Async />
        <Route path=path!("/stages/:stage/endpoints/:endpoint/deployments/:deployment/delete") view=DeleteDeploymentPage ssr=SsrMode::Async />
    }
    .into_inner()
}
