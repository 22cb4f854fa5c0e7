//! The header's menu for people who are signed in.

use super::api;
use crate::paths;
use crate::port::Account;
use crate::ui::written::Written;
use leptos::prelude::*;

/// The account menu, which works without scripts, after the header's other content; nothing if nobody is signed in.
#[component]
pub fn AccountMenu<C: IntoView + 'static>(
    /// The header's other content for people who are signed in.
    children: TypedChildren<C>,
) -> impl IntoView {
    let children = children.into_inner();
    Suspend::new(async move {
        let account = api::read_account().await.ok()?;
        Some(view! {
            {children()}
            <Menu account />
        })
    })
}

#[component]
fn Menu(account: Account) -> impl IntoView {
    let user = account.user;
    let roles: Vec<_> = user.roles.iter().map(|role| role.label()).collect();
    let roles = if roles.is_empty() { "No role".to_owned() } else { roles.join(", ") };
    view! {
        <details class="menu" name="menu">
            <summary>
                <span class="unseen">"Account: "</span>
                <Written text=user.name />
            </summary>
            <div>
                <p><Written text=user.username /></p>
                <p>{roles}</p>
                <a href=paths::ACCOUNT>"Account and rights"</a>
                <form method="post" action=paths::SIGN_OUT>
                    <button class="button" type="submit">
                        "Sign out"
                    </button>
                </form>
            </div>
        </details>
    }
}
