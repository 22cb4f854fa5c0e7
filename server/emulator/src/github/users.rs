//! The accounts of the emulated GitHub. They exist to be authors, actors and reviewers; nobody signs in with them.

use serde_json::{Value, json};

/// A person, or the bot of the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct User {
    pub id: u64,
    pub login: &'static str,
}

/// The owner of the first token.
pub const OWNER: User = User { id: 1, login: "anet-bot" };
/// The app itself, as the actor of what its installation's tokens do.
pub const APP_BOT: User = User { id: 9_001, login: "understudy-console[bot]" };

/// All accounts.
const USERS: [User; 5] = [
    OWNER,
    User { id: 2, login: "dana-scott" },
    User { id: 3, login: "leo-lead" },
    User { id: 4, login: "amir-admin" },
    APP_BOT,
];

/// The account with this name.
pub fn find(login: &str) -> Option<User> {
    USERS.into_iter().find(|user| user.login.eq_ignore_ascii_case(login))
}

/// The account with this id.
pub fn by_id(id: u64) -> Option<User> {
    USERS.into_iter().find(|user| user.id == id)
}

/// A user in answers; an unknown login is GitHub's `ghost`.
pub fn shape(login: &str, root: &str) -> Value {
    let user = find(login).unwrap_or(User { id: 10_137, login: "ghost" });
    let url = format!("{root}/users/{}", user.login);
    let site = root.trim_end_matches("/api/v3");
    json!({
        "login": user.login, "id": user.id, "node_id": super::shapes::node("User", user.login),
        "avatar_url": "", "gravatar_id": "", "url": url,
        "html_url": format!("{site}/{}", user.login),
        "repos_url": format!("{url}/repos"),
        "type": if user.login.ends_with("[bot]") { "Bot" } else { "User" }, "site_admin": false,
    })
}
