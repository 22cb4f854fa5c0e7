//! Where anonymous people land.

use crate::features::address;
use crate::features::frame::Mark;
use crate::paths;
use crate::ui::badge::Tone;
use crate::ui::notice::Notice;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::location::Url;

/// Says what this is and offers to sign in.
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
            <h1>"Put models live with care"</h1>
            {reason.map(|(tone, words)| view! { <Notice tone><p>{words}</p></Notice> })}
            <p>
                "Understudy moves live traffic between the deployments of your Azure ML online endpoints: an understudy learns the part from mirrored traffic before it takes the stage."
            </p>
            <p>"Every move is planned, checked and read back, and you see what it does before it is sent."</p>
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
            (Tone::Warn, "Your session has ended. Sign in again to go on; nothing was changed.")
        }
        "denied" => (
            Tone::Bad,
            "Entra ID did not let you in. Ask an administrator to assign you to Understudy.",
        ),
        "failed" => (
            Tone::Bad,
            "Signing in did not work. Try again; if it fails again, tell an administrator.",
        ),
        "late" => (
            Tone::Warn,
            "You took longer than ten minutes to sign in, so it was not finished. Sign in again.",
        ),
        "elsewhere" => (
            Tone::Warn,
            "This sign-in was started in another browser, or this browser keeps no cookies of the console. Allow its cookies, and sign in again.",
        ),
        "used" => (
            Tone::Warn,
            "This sign-in was finished before, and works once only. Sign in again to go on.",
        ),
        "unknown" => (
            Tone::Warn,
            "The console did not start this sign-in. Sign in from this page; if it happens again, tell an administrator.",
        ),
        "busy" => (
            Tone::Warn,
            "Too many people are signing in at this moment. Wait a minute, and sign in again.",
        ),
        "signed-out" => (Tone::Good, "You are signed out."),
        _ => return None,
    })
}
