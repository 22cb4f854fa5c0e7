//! Pages that say why there is nothing else to show, and what to do.

use crate::error::ConsoleError;
use crate::paths;
use crate::status::set_status;
use crate::ui::badge::Tone;
use crate::ui::notice::Notice;
use crate::ui::written::Written;
use leptos::prelude::*;
use leptos_meta::Title;

/// An error as a whole page.
#[component]
pub fn Problem(
    /// What went wrong.
    error: ConsoleError,
) -> impl IntoView {
    let title = error.title();
    let (href, words) = match &error {
        ConsoleError::Unauthenticated => (paths::SIGN_IN, "Sign in"),
        // Who may see nothing may see who they are; the overview would say the same again.
        ConsoleError::Forbidden(_) => (paths::ACCOUNT, "See your roles and rights"),
        _ => (paths::OVERVIEW, "Go to the overview"),
    };
    view! {
        <Title text=title />
        <div class="problem">
            <p class="code">{error.status()}</p>
            <h1>{title}</h1>
            <p>{error.to_string()}</p>
            <p>
                <a class="button" href=href>
                    {words}
                </a>
            </p>
        </div>
    }
}

/// A refusal that no page of ours made, as a whole page.
#[component]
pub fn WordsOnly(
    /// The HTTP status.
    status: u16,
    /// What happened, and what to do.
    message: String,
) -> impl IntoView {
    view! {
        <div class="problem">
            <p class="code">{status}</p>
            <h1>"This did not work"</h1>
            <p><Written text=message /></p>
            <p>
                <a class="button" href=paths::OVERVIEW>
                    "Go to the overview"
                </a>
            </p>
        </div>
    }
}

/// There is no page at this URL.
#[component]
pub fn NoSuchPage() -> impl IntoView {
    set_status(404);
    let message = "There is no page at this address. Check it, or start from the overview.";
    view! { <Problem error=ConsoleError::NotFound(message.to_owned()) /> }
}

/// An error above a form that was not carried out.
#[component]
pub fn Refusal(
    /// What went wrong.
    error: ConsoleError,
) -> impl IntoView {
    view! {
        <Notice tone=Tone::Bad title=error.title() alert=true>
            <p>{error.to_string()}</p>
        </Notice>
    }
}
