//! The pages for people: no scripts, one style sheet, a content security policy that allows nothing else,
//! and real buttons in forms.

use std::fmt::Write as _;

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};

use super::authorize::{Asked, Fields};
use super::error::EntraError;
use crate::entra::accounts::{ACCOUNTS, Account};
use crate::protocol::call::set;

const STYLE: &str = include_str!("page.css");

pub async fn style() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=3600"),
    ];
    (headers, STYLE).into_response()
}

/// 303, so that the browser does not repost the chosen account.
pub fn redirect(url: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    set(response.headers_mut(), header::LOCATION, url);
    set(response.headers_mut(), header::CACHE_CONTROL, "no-store");
    response
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn html(status: StatusCode, title: &str, body: &str, form_targets: &str) -> Response {
    let page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n\
         <link rel=\"stylesheet\" href=\"/emulator/sign-in.css\">\n</head>\n\
         <body>\n<main>\n{body}\n</main>\n</body>\n</html>\n",
        title = escaped(title)
    );
    let policy = format!(
        "default-src 'none'; style-src 'self'; form-action 'self' {form_targets}; \
         base-uri 'none'; frame-ancestors 'none'"
    );
    let headers = [
        ("content-type", "text/html; charset=utf-8".to_owned()),
        ("cache-control", "no-store".to_owned()),
        ("content-security-policy", policy),
        ("referrer-policy", "no-referrer".to_owned()),
        ("x-content-type-options", "nosniff".to_owned()),
        ("x-frame-options", "DENY".to_owned()),
    ];
    (status, headers, page).into_response()
}

fn hidden(fields: &[(&str, &str)]) -> String {
    fields.iter().fold(String::new(), |mut html, (name, value)| {
        let (name, value) = (escaped(name), escaped(value));
        let _ = writeln!(html, "<input type=\"hidden\" name=\"{name}\" value=\"{value}\">");
        html
    })
}

/// The account picker.
pub fn accounts(fields: &Fields, asked: &Asked, hinted: Option<Account>) -> Response {
    let mut kept: Vec<(&str, &str)> = fields
        .iter()
        .filter(|(name, _)| !["account", "prompt"].contains(&name.as_str()))
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    kept.sort_unstable();
    let mut ordered = ACCOUNTS.to_vec();
    ordered.sort_by_key(|account| Some(*account) != hinted);
    let buttons = ordered.iter().fold(String::new(), |mut html, account| {
        let focus = if Some(*account) == hinted { " autofocus" } else { "" };
        let initials: String =
            account.name.split(' ').filter_map(|word| word.chars().next()).collect();
        let _ = writeln!(
            html,
            "<li><button type=\"submit\" name=\"account\" value=\"{id}\"{focus}>\
             <span class=\"initials\" aria-hidden=\"true\">{initials}</span>\
             <span class=\"who\"><span class=\"name\">{name}</span>\
             <span class=\"mail\">{mail}</span></span>\
             <span class=\"role\">{role}</span></button></li>",
            id = account.id,
            name = account.name,
            mail = account.user_name(),
            role = account.role,
        );
        html
    });
    let body = format!(
        "<p class=\"brand\">Emulated Entra ID</p>\n<h1>Pick an account</h1>\n\
         <p class=\"lead\">Understudy asks you to sign in. Everybody here is made up, and nobody \
         needs a password.</p>\n<form method=\"post\">\n{}<ul>\n{buttons}</ul>\n\
         <button class=\"cancel\" type=\"submit\" name=\"account\" value=\"cancel\">Cancel</button>\n\
         </form>",
        hidden(&kept)
    );
    html(StatusCode::OK, "Sign in", &body, &asked.origin())
}

/// `response_mode=form_post` without a script: the person presses the button.
pub fn form_post(action: &str, origin: &str, fields: &[(&'static str, String)]) -> Response {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let body = format!(
        "<p class=\"brand\">Emulated Entra ID</p>\n<h1>Almost there</h1>\n\
         <form method=\"post\" action=\"{}\">\n{}\
         <button class=\"go\" type=\"submit\" autofocus>Continue</button>\n</form>",
        escaped(action),
        hidden(&fields)
    );
    html(StatusCode::OK, "Continue", &body, origin)
}

/// The error page of a request that must not be redirected.
pub fn refusal(error: &EntraError) -> Response {
    message(StatusCode::BAD_REQUEST, "Sorry, we cannot sign you in", &error.description())
}

/// A heading and a sentence.
pub fn message(status: StatusCode, heading: &str, text: &str) -> Response {
    let body = format!(
        "<p class=\"brand\">Emulated Entra ID</p>\n<h1>{}</h1>\n<p class=\"lead\">{}</p>",
        escaped(heading),
        escaped(text)
    );
    html(status, heading, &body, "")
}
