//! Error pages: what happened and what to do.

use crate::error::ConsoleError;
use crate::paths;
use crate::status::set_status;
use crate::submission::refusal;
use crate::ui::badge::Tone;
use crate::ui::notice::Notice;
use crate::ui::written::Written;
use domain::stage::EndpointKey;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;

/// An error as a whole page.
#[component]
pub fn Problem(error: ConsoleError) -> impl IntoView {
    let title = error.title();
    let (href, words) = match &error {
        ConsoleError::Unauthenticated => (paths::SIGN_IN, "Sign in"),
        // The overview would deny access again; everybody may see their own account.
        ConsoleError::Forbidden(_) => (paths::ACCOUNT, "See your roles and rights"),
        _ => (paths::OVERVIEW, "Go to the overview"),
    };
    let list = match &error {
        ConsoleError::NotFound(_) | ConsoleError::Refused(_) => {
            list_of(&use_location().pathname.get_untracked())
        }
        _ => None,
    };
    let list = list.map(|(href, words)| view! { <a class="button" href=href>{words}</a> " " });
    view! {
        <Title text=title />
        <div class="problem">
            <p class="code">{error.status()}</p>
            <h1>{title}</h1>
            <p><Written text=error.to_string() /></p>
            <p>
                {list}
                <a class="button" href=href>
                    {words}
                </a>
            </p>
        </div>
    }
}

/// The page that lists the objects of the kind that a path names; `None` if that is the overview.
fn list_of(path: &str) -> Option<(String, &'static str)> {
    let parts: Vec<_> = path.trim_matches('/').split('/').collect();
    match parts[..] {
        ["changes", _] => Some((paths::CHANGES.to_owned(), "Go to the changes")),
        ["releases", _, ..] => Some((paths::RELEASES.to_owned(), "Go to the releases")),
        ["jobs", _, ..] => Some((paths::ACTIVITY.to_owned(), "Go to the activity")),
        ["stages", _, "images", ..] => Some((paths::IMAGES.to_owned(), "Go to the images")),
        ["history" | "glass", _] => Some((paths::HISTORY.to_owned(), "Go to the audit log")),
        ["stages", stage, "endpoints", endpoint, _, ..] => {
            let at = EndpointKey { stage: stage.parse().ok()?, endpoint: endpoint.parse().ok()? };
            Some((paths::endpoint(&at), "Go to the endpoint"))
        }
        _ => None,
    }
}

/// An error from outside the pages, such as from a form handler, as a whole page.
#[component]
pub fn WordsOnly(status: u16, title: &'static str, message: String) -> impl IntoView {
    view! {
        <div class="problem">
            <p class="code">{status}</p>
            <h1>{title}</h1>
            <p><Written text=message /></p>
            <p>
                <a class="button" href=paths::OVERVIEW>
                    "Go to the overview"
                </a>
            </p>
        </div>
    }
}

/// The page for unknown URLs.
#[component]
pub fn NoSuchPage() -> impl IntoView {
    set_status(404);
    let message = "There is no page at this address. Check it, or start from the overview.";
    view! { <Problem error=ConsoleError::NotFound(message.to_owned()) /> }
}

/// The error of a submitted form, shown above the form.
#[component]
pub fn Refusal(error: ConsoleError) -> impl IntoView {
    view! {
        <Notice tone=Tone::Bad title=error.title() alert=true>
            <p><Written text=error.to_string() /></p>
        </Notice>
    }
}

/// The error of the form that this page responds to, if it was rejected.
#[component]
pub fn Refused() -> impl IntoView {
    refusal().map(|error| view! { <Refusal error /> })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_object_leads_to_the_list_of_its_kind() {
        for (path, expected) in [
            ("/changes/7", Some("/changes")),
            ("/releases/ml/deploy.yml/none/plan", Some("/releases")),
            ("/history/99", Some("/history")),
            ("/glass/7", Some("/history")),
            ("/jobs/7/cancel", Some("/activity")),
            ("/stages/dev/images/none", Some("/images")),
            ("/stages/dev/endpoints/ep-one/deployments/none", Some("/stages/dev/endpoints/ep-one")),
            ("/stages/dev/endpoints/ep-one", None),
            ("/runs/7", None),
            ("/", None),
        ] {
            let found = list_of(path).map(|(href, _)| href);
            assert_eq!(found.as_deref(), expected, "{path}");
        }
    }
}
