//! The account page: who is signed in, and their rights.

use super::api;
use crate::components::ages::Ages;
use crate::components::crumbs::Crumbs;
use crate::components::load::loaded;
use crate::paths;
use crate::port::Account;
use crate::ui::facts::Fact;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::section::Section;
use crate::ui::time::{Left, Time};
use domain::user::{Right, Role, User};
use leptos::prelude::*;
use leptos_meta::Title;

/// The person, their roles and rights, and their session.
#[component]
pub fn AccountPage() -> impl IntoView {
    loaded(api::read_account(), |account| view! { <Page account /> })
}

#[component]
fn Page(account: Account) -> impl IntoView {
    let user = account.user.clone();
    view! {
        <Title text="Account" />
        <Crumbs trail=vec![] here="Account" />
        <header class="head">
            <h1>{user.name.clone()}</h1>
            <p>{user.username.clone()}</p>
        </header>
        <Ages now=account.now />
        <Section id="session" title="Session">
            <Session account />
        </Section>
        <Section id="rights" title="Rights" note="Administrators assign roles in Entra ID. Role changes take effect at the next sign-in.">
            <Rights user />
        </Section>
    }
}

#[component]
fn Session(account: Account) -> impl IntoView {
    let now = account.now;
    view! {
        <dl class="facts">
            <Fact term="Signed in">
                <Time at=account.signed_in now />
            </Fact>
            <Fact term="Ends no later than">
                <Left until=account.ends now /> ", at " {account.ends.utc()}
            </Fact>
            <Fact term="Idle timeout">{account.idle_minutes} " minutes"</Fact>
            <Fact term="Entra tenant"><code>{account.user.tenant}</code></Fact>
            <Fact term="Object ID"><code>{account.user.object}</code></Fact>
        </dl>
        <p><a href=paths::SESSIONS>"Your sessions in other browsers"</a></p>
        <form method="post" action=paths::SIGN_OUT>
            <button class="button" type="submit">
                "Sign out"
            </button>
        </form>
    }
}

#[component]
fn Rights(user: User) -> impl IntoView {
    let heads = Role::ALL.map(|role| {
        let yours = user.roles.contains(&role);
        view! {
            <th scope="col" data-yours=yours.then_some("true")>
                {role.label()}
                {yours.then_some(" (you)")}
            </th>
        }
    });
    let rows = Right::ALL.map(|right| {
        let may = user.may(right);
        view! {
            <tr>
                <th scope="row">{right.label()}</th>
                <td data-may=may.to_string()>{if may { "allowed" } else { "not allowed" }}</td>
                {Role::ALL.map(|role| cell(right.roles().contains(&role))).into_iter().collect::<Vec<_>>()}
            </tr>
        }
    });
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label="Rights by role">
            <table class="rights" aria-labelledby="rights-heading">
                <thead>
                    <tr>
                        <th scope="col">"Right"</th>
                        <th scope="col">"You"</th>
                        {heads.into_iter().collect::<Vec<_>>()}
                    </tr>
                </thead>
                <tbody>{rows.into_iter().collect::<Vec<_>>()}</tbody>
            </table>
        </div>
    }
}

fn cell(may: bool) -> impl IntoView {
    let icon = may.then(|| view! { <Icon glyph=Glyph::Check /> });
    view! {
        <td>
            {icon}
            <span class="unseen">{if may { "allowed" } else { "not allowed" }}</span>
        </td>
    }
}
