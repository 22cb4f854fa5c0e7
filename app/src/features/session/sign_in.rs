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
        "signed-out" => (Tone::Good, "You are signed out."),
        _ => return None,
    })
}
