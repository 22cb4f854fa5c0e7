//! The sign-in page, where anonymous people arrive.

use crate::components::address;
use crate::components::crumbs::Mark;
use crate::paths;
use crate::ui::badge::Tone;
use crate::ui::notice::Notice;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::location::Url;

/// The sign-in page, with the reason for arriving there.
#[component]
pub fn SignInPage() -> impl IntoView {
    let inside = |to: &String| to.starts_with('/') && !to.starts_with("//") && !to.contains('\\');
    let start = match address::query_field("to").filter(inside) {
        Some(to) => format!("{}?to={}", paths::SIGN_IN_START, Url::escape(&to)),
        None => paths::SIGN_IN_START.to_owned(),
    };
    let reason = address::query_field("reason").and_then(|reason| sentence(&reason));
    view! {
        <Title text="Sign in" />
        <div class="sign-in">
            <Mark />
            <h1>"Put models live safely"</h1>
            {reason.map(|(tone, words)| view! { <Notice tone><p>{words}</p></Notice> })}
            <p>
                "Understudy moves live traffic between the deployments of your Azure ML online endpoints: an understudy learns the part from mirrored traffic before it takes the stage."
            </p>
            <p>"Every change is planned, checked and verified in Azure, and you see its effect before anything is sent."</p>
            <p>
                <a class="button" data-variant="lead" href=start rel="external">
                    "Sign in"
                </a>
            </p>
        </div>
    }
}

fn sentence(reason: &str) -> Option<(Tone, &'static str)> {
    Some(match reason {
        "expired" => {
            (Tone::Warn, "Your session has ended. Nothing was changed. Sign in again to continue.")
        }
        "denied" => (
            Tone::Bad,
            "You cancelled the sign-in, or you are not assigned to Understudy. Sign in again, or ask an administrator to assign you.",
        ),
        "failed" => {
            (Tone::Bad, "Sign-in failed. Try again. If it fails again, contact an administrator.")
        }
        "late" => {
            (Tone::Warn, "Sign-in took longer than ten minutes and timed out. Sign in again.")
        }
        "elsewhere" => (
            Tone::Warn,
            "This sign-in was started in another browser, or this browser does not keep the console's cookies. Allow cookies for this site and sign in again.",
        ),
        "used" => (
            Tone::Warn,
            "This sign-in link was already used, and each link works only once. Sign in again.",
        ),
        "unknown" => (
            Tone::Warn,
            "The console did not start this sign-in. Sign in from this page. If this happens again, contact an administrator.",
        ),
        "busy" => (
            Tone::Warn,
            "Too many people are signing in at the moment. Wait a minute and sign in again.",
        ),
        "signed-out" => (Tone::Good, "You are signed out."),
        _ => return None,
    })
}
