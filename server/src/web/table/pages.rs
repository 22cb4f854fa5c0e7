//! The paths of pages. The app maps them to pages; a test compares both lists.

use super::{Entry, Kind, Method, Needs};
use crate::web::pages;
use app::paths;
use axum::routing::get;
use domain::change::proposal::Act;
use domain::user::Right;

/// The paths of pages, and what each requires.
pub const PAGES: [(&str, Needs); 34] = {
    const SEE: Needs = Needs::Right(Right::See);
    [
        (paths::OVERVIEW, SEE),
        (paths::SIGN_IN, Needs::Nothing),
        (paths::ACCOUNT, Needs::Session),
        (paths::SESSIONS, Needs::Session),
        (paths::CHANGES, SEE),
        ("/changes/{change}", SEE),
        ("/stages/{stage}", SEE),
        ("/stages/{stage}/freeze", SEE),
        ("/stages/{stage}/thaw", SEE),
        (paths::HISTORY, SEE),
        ("/history/{entry}", SEE),
        ("/evidence/{evidence}", SEE),
        ("/runs/{run}", SEE),
        ("/glass/{glass}", SEE),
        ("/stages/{stage}/endpoints/{endpoint}/break-glass", Needs::Right(Right::BreakGlass)),
        (paths::RELEASES, SEE),
        (paths::RUN_BOOK, SEE),
        ("/releases/{repository}/{workflow}/{job}", SEE),
        ("/releases/{repository}/{workflow}/{job}/plan", SEE),
        ("/releases/{repository}/{workflow}/{job}/build", SEE),
        (paths::ACTIVITY, SEE),
        ("/jobs/{job_id}", SEE),
        ("/jobs/{job_id}/cancel", SEE),
        ("/jobs/{job_id}/repeat", SEE),
        (paths::IMAGES, SEE),
        ("/stages/{stage}/images/{image}", SEE),
        ("/stages/{stage}/images/{image}/archive", SEE),
        ("/stages/{stage}/endpoints/{endpoint}", SEE),
        ("/stages/{stage}/endpoints/{endpoint}/route", SEE),
        ("/stages/{stage}/endpoints/{endpoint}/export", SEE),
        ("/stages/{stage}/endpoints/{endpoint}/test", SEE),
        ("/stages/{stage}/endpoints/{endpoint}/evidence", SEE),
        ("/stages/{stage}/endpoints/{endpoint}/new-deployment", SEE),
        ("/stages/{stage}/endpoints/{endpoint}/deployments/{deployment}", SEE),
    ]
};

/// Pages below a deployment's path.
const OF_DEPLOYMENTS: [&str; 2] = ["export", "delete"];

/// The routes of all pages.
pub(super) fn entries() -> Vec<Entry> {
    let page =
        |path: &str, needs| Entry::new(Method::Get, path, Kind::Page, needs, get(pages::page));
    let see = Needs::Right(Right::See);
    let deployment = "/stages/{stage}/endpoints/{endpoint}/deployments/{deployment}";
    let below = OF_DEPLOYMENTS.iter().map(|rest| page(&format!("{deployment}/{rest}"), see));
    let acts = Act::ALL.iter().map(|act| page(&format!("/changes/{{change}}/{}", act.slug()), see));
    let all = PAGES.iter().map(|(path, needs)| page(path, *needs));
    all.chain(below).chain(acts).collect()
}
