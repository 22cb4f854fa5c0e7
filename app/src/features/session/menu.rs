//! What the header offers to who has signed in: places, and the account menu.

use super::api;
use crate::paths;
use crate::port::Account;
use leptos::prelude::*;

/// Places, and who is signed in as a menu that works without scripts; nothing when nobody is.
#[component]
pub fn AccountMenu() -> impl IntoView {
    Suspend::new(async { api::read_account().await.ok().map(|account| view! { <Menu account /> }) })
}

#[component]
fn Menu(account: Account) -> impl IntoView {
    let user = account.user;
    let roles: Vec<_> = user.roles.iter().map(|role| role.label()).collect();
    let roles = if roles.is_empty() { "No role".to_owned() } else { roles.join(", ") };
    view! {
        <nav class="places" aria-label="Places">
            <a href=paths::OVERVIEW>"Overview"</a>
            <a href=paths::HISTORY>"History"</a>
        </nav>
        <details class="menu" name="menu">
            <summary>
                <span class="unseen">"Account: "</span>
                {user.name}
            </summary>
            <div>
                <p>{user.username}</p>
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
