//! Concurrent sign-ins, other host names of the console, invalid tokens, and how sessions end.

use crate::support::{Browser, DANA, LEO, Page, TestConsole, VERA};
use domain::timestamp::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};
use server::clock::Clock;
use url::Url;

const AMIR: &str = "Amir Admin";
const SESSIONS: &str = "/account/sessions";
const MINUTE_MS: i64 = 60_000;

/// Starts a sign-in; returns the URL to which the browser would come back.
async fn way_back(browser: &mut Browser, to: &str, name: &str) -> Url {
    let picker = browser.open(&format!("/sign-in/start?to={to}")).await;
    browser.pick(&picker, name).await.location().expect("the callback URL")
}

async fn misbehave(console: &TestConsole, how: Value) {
    console.ask(Method::PUT, "/emulator/entra", Some(how)).await;
}

fn reason(page: &Page) -> &str {
    page.header("location").and_then(|to| to.split_once("reason=")).map_or("", |(_, why)| why)
}

#[tokio::test]
async fn concurrent_sign_ins_of_one_browser_finish_in_any_order() {
    let console = TestConsole::start().await;
    let mut browser = console.browser();
    let first = way_back(&mut browser, "/history", DANA).await;
    let second = way_back(&mut browser, "/releases", DANA).await;
    for (back, to) in [(&second, "/releases"), (&first, "/history")] {
        let page = browser.get(back.as_str()).await.expect(303);
        assert_eq!(page.header("location"), Some(to));
    }
    browser.get("/account").await.expect(200);
    let refused = browser.get("/history?kind=sign_in_refused").await.expect(200);
    refused.says("No matching entries.");
}

#[tokio::test]
async fn pressing_back_after_signing_in_leads_to_the_wanted_page() {
    let console = TestConsole::start().await;
    let mut browser = console.browser();
    let back = way_back(&mut browser, "/history", DANA).await;
    let before = console.services.sessions.count().await.expect("a store");
    for _ in 0..3 {
        let page = browser.get(back.as_str()).await.expect(303);
        assert_eq!(page.header("location"), Some("/history"));
    }
    assert_eq!(console.services.sessions.count().await.expect("a store"), before + 1);
    browser.get("/history?kind=sign_in_refused").await.expect(200).says("No matching entries.");
}

#[tokio::test]
async fn a_late_or_foreign_sign_in_is_named_as_such() {
    let console = TestConsole::start_at(Clock::manual(Clock::system().now())).await;
    let (mut browser, mut other) = (console.browser(), console.browser());
    let back = way_back(&mut browser, "/", DANA).await;
    let page = other.get(back.as_str()).await.expect(303);
    assert_eq!(reason(&page), "elsewhere");
    other.follow(page).await.says("started in another browser, or this browser does not keep");
    console.clock.advance(10 * MINUTE_MS + 1);
    let page = browser.get(back.as_str()).await.expect(303);
    assert_eq!(reason(&page), "late");
    browser.follow(page).await.says("Sign-in took longer than ten minutes");
    for odd in ["", "?state=", "?code=x&state=AAAA", "?error=access_denied"] {
        let page = browser.get(&format!("/sign-in/callback{odd}")).await.expect(303);
        assert_eq!(reason(&page), "unknown", "{odd}");
    }
    let mut ada = console.signed_in_as("Ada Auditor").await;
    let page = ada.get("/history?kind=sign_in_refused").await.expect(200);
    page.says("it took longer than ten minutes");
    assert!(!page.words().contains("forged"));
}

#[tokio::test]
async fn a_started_sign_in_is_not_stored_on_the_server() {
    let console = TestConsole::start().await;
    let sessions = console.services.sessions.count().await.expect("a store");
    let mut browser = console.browser();
    for _ in 0..50 {
        browser.get(&format!("/sign-in/start?to=/{}", "x".repeat(1_900))).await.expect(303);
        console.browser().get("/sign-in/start").await.expect(303);
    }
    assert!(browser.cookies.len() <= 5, "{}", browser.cookies.len());
    let bytes: usize = browser.cookies.iter().map(|(name, value)| name.len() + value.len()).sum();
    assert!(bytes < 8_000, "{bytes}");
    assert_eq!(console.services.sessions.count().await.expect("a store"), sessions);
    let page = console.signed_in_as(DANA).await.get("/history?kind=sign_in_refused").await;
    page.says("No matching entries.");
}

#[tokio::test]
async fn a_session_stays_ended_after_signing_out() {
    let console = TestConsole::start().await;
    for _ in 0..5 {
        let mut browser = console.signed_in_as(DANA).await;
        let (mut one, mut two) = (browser.clone(), browser.clone());
        let starts = async { futures::join!(one.get("/sign-in/start"), two.get("/account")) };
        let (out, _) = futures::join!(browser.post("/sign-out", &[]), starts);
        out.expect(303);
        for mut copy in [one, two] {
            copy.get("/account").await.expect(303);
        }
    }
    assert_eq!(console.services.sessions.count().await.expect("a store"), 0);
}

#[tokio::test]
async fn other_host_names_redirect_to_the_public_url_before_signing_in() {
    let console = TestConsole::start().await;
    let port = console.url.port().expect("a port");
    let other = Url::parse(&format!("http://localhost:{port}")).expect("a URL");
    let own = console.url.as_str().trim_end_matches('/').to_owned();
    let mut browser = console.browser().at(other);
    for (path, to) in [
        ("/", "/sign-in?to=%2F&moved=1"),
        ("/account?x=1", "/sign-in?to=%2Faccount%3Fx%3D1&moved=1"),
        ("/sign-in?to=%2Fhistory", "/sign-in?to=%2Fhistory&moved=1"),
        ("/sign-in/start?to=/history", "/sign-in/start?to=/history&moved=1"),
    ] {
        let page = browser.get(path).await.expect(307);
        assert_eq!(page.header("location"), Some(format!("{own}{to}").as_str()), "{path}");
    }
    browser.get("/healthz").await.expect(200);
    // On the right host there is no further redirect, even if a proxy does not pass the name on.
    browser.get("/sign-in?moved=1").await.expect(200);
    browser.get("/sign-in/start?moved=1").await.expect(303);
    // Somebody who is signed in under the console's own name goes straight on.
    let mut dana = console.signed_in_as(DANA).await;
    let page = dana.get("/sign-in?to=%2Fhistory&moved=1").await.expect(303);
    assert_eq!(page.header("location"), Some("/history"));
    // The complete sign-in.
    let mut fresh = console.browser();
    let page = fresh.open(&format!("http://localhost:{port}/history")).await.expect(200);
    assert_eq!(page.url.host_str(), Some("127.0.0.1"));
    let start = page.attribute("main a.button", "href").expect("a way to sign in");
    let picker = fresh.open(&start).await;
    let back = fresh.pick(&picker, DANA).await;
    assert_eq!(fresh.follow(back).await.expect(200).url.path(), "/history");
}

#[tokio::test]
async fn new_signing_keys_are_read_during_the_sign_in() {
    let console = TestConsole::start().await;
    console.signed_in_as(DANA).await;
    for _ in 0..3 {
        misbehave(&console, json!({ "rotate": true })).await;
        console.signed_in_as(LEO).await;
    }
}

#[tokio::test]
async fn an_invalid_token_signs_nobody_in() {
    let console = TestConsole::start().await;
    let now = Clock::system().now().0 / 1_000;
    let odd = [
        json!({ "oid": "" }),
        json!({ "oid": " " }),
        json!({ "oid": null }),
        json!({ "oid": "a/b" }),
        json!({ "oid": 7 }),
        json!({ "tid": "" }),
        json!({ "tid": "00000000-0000-0000-0000-000000000000" }),
        json!({ "sub": null }),
        json!({ "iat": now + 3_600 }),
        json!({ "iat": null }),
        json!({ "nbf": now + 3_600 }),
        json!({ "nbf": "soon" }),
        json!({ "exp": now - 3_600 }),
        json!({ "exp": null }),
        json!({ "azp": "another-client" }),
        json!({ "aud": "another-client" }),
        json!({ "aud": [emulator_client(), "another-client"] }),
        json!({ "nonce": "another" }),
        json!({ "nonce": null }),
        json!({ "iss": "https://evil.example/v2.0" }),
        json!({ "roles": "Understudy.Admin" }),
    ];
    for claims in odd {
        misbehave(&console, json!({ "claims": claims })).await;
        let mut browser = console.browser();
        let back = way_back(&mut browser, "/", DANA).await;
        let page = browser.get(back.as_str()).await.expect(303);
        assert_eq!(reason(&page), "failed", "{claims}");
        browser.get("/account").await.expect(303);
    }
    assert_eq!(console.services.sessions.count().await.expect("a store"), 0);
    // Allowed differences: small differences of clocks, and claims that nobody requires.
    for claims in [
        json!({ "iat": now + 60, "nbf": now + 60 }),
        json!({ "azp": emulator_client() }),
        json!({ "nbf": null }),
        json!({ "name": "", "preferred_username": "" }),
    ] {
        misbehave(&console, json!({ "claims": claims })).await;
        let mut browser = console.browser();
        let back = way_back(&mut browser, "/account", DANA).await;
        let page = browser.get(back.as_str()).await.expect(303);
        assert_eq!(page.header("location"), Some("/account"), "{claims}");
    }
}

fn emulator_client() -> &'static str {
    "5a1d0c4e-0000-4000-8000-00000000c0de"
}

/// The handles on a page, in order.
fn handles(page: &Page) -> Vec<String> {
    let html = scraper::Html::parse_document(&page.text);
    let inputs = scraper::Selector::parse("input[name=session]").expect("a selector");
    html.select(&inputs).filter_map(|input| input.attr("value")).map(str::to_owned).collect()
}

#[tokio::test]
async fn people_can_see_and_end_their_own_sessions() {
    let console = TestConsole::start().await;
    let (mut here, mut there) =
        (console.signed_in_as(DANA).await, console.signed_in_as(DANA).await);
    console.signed_in_as(LEO).await;
    let page = here.get(SESSIONS).await.expect(200);
    let own = handles(&page);
    assert_eq!(own.len(), 2, "{}", page.words());
    assert_eq!(page.text_of(".sessions .badge").as_deref(), Some("this session"));
    assert!(!page.words().contains("Leo"), "{}", page.words());
    page.says("127.0.0.1");
    for browser in [&here, &there] {
        let secret = &browser.cookies["understudy"];
        assert!(!page.text.contains(secret.as_str()), "an id is shown");
    }
    let link = here.get("/account").await.expect(200);
    assert!(link.attribute(&format!("main a[href='{SESSIONS}']"), "href").is_some());
    // A stream of the other browser receives the end.
    there.get("/account").await.expect(200);
    let page = here.post(SESSIONS, &[("end", "others")]).await.expect(303);
    assert_eq!(page.header("location"), Some(SESSIONS));
    there.get("/account").await.expect(303);
    here.get("/account").await.expect(200);
    let last = handles(&here.get(SESSIONS).await.expect(200));
    assert_eq!(last.len(), 1);
    here.get("/history?kind=signed_out").await.expect(200).says("Ended one session of their own");
    // The last session can be ended as well, which signs the person out.
    here.post(SESSIONS, &[("end", "one"), ("session", &last[0])]).await.expect(303);
    here.get("/account").await.expect(303);
}

#[tokio::test]
async fn only_administrators_can_end_the_sessions_of_others() {
    let console = TestConsole::start().await;
    let (mut amir, mut vera) = (console.signed_in_as(AMIR).await, console.signed_in_as(VERA).await);
    let (mut leo, mut lea) = (console.signed_in_as(LEO).await, console.signed_in_as(LEO).await);
    let page = amir.get(&format!("{SESSIONS}?find=LEO")).await.expect(200);
    page.says("2 sessions");
    let found: Vec<_> = handles(&page);
    let leos = found.last().expect("Leo's sessions are found").clone();
    let fields = [("end", "one"), ("session", leos.as_str())];
    for (mut who, status) in [(vera.clone(), 403), (console.signed_in_as(DANA).await, 403)] {
        who.post(SESSIONS, &fields).await.expect(status);
        // The answer does not reveal whether such a session exists.
        let none = "0123456789abcdef0123456789abcdef";
        who.post(SESSIONS, &[("end", "one"), ("session", none)]).await.expect(status);
    }
    leo.get("/account").await.expect(200);
    lea.get("/account").await.expect(200);
    amir.post(SESSIONS, &[("end", "all"), ("session", &leos)]).await.expect(303);
    leo.get("/account").await.expect(303);
    lea.get("/account").await.expect(303);
    vera.get("/account").await.expect(200);
    amir.post(SESSIONS, &fields).await.expect(404).says("already ended");
    for odd in [&[("end", "one")][..], &[("end", "x")], &[("end", "all"), ("session", "../x")], &[]]
    {
        amir.post(SESSIONS, odd).await.expect(422).says("Nothing was changed");
    }
    let page = vera.get("/history?kind=signed_out").await.expect(200);
    page.says("Ended 2 sessions of Leo Lead");
    page.says(AMIR);
}

#[tokio::test]
async fn new_roles_apply_to_all_sessions_of_a_person() {
    let console = TestConsole::start().await;
    let mut old = console.signed_in_as(LEO).await;
    let mut stream = old.events("/events/changes").await;
    old.get("/history/checkpoint").await.expect(200);
    let roles = json!({ "roles": ["Understudy.Viewer"] });
    console.ask(Method::PUT, "/emulator/accounts/leo", Some(roles)).await;
    console.signed_in_as(LEO).await;
    old.get("/history/checkpoint").await.expect(403);
    old.get("/account").await.expect(200);
    // The stream ends at its next check of the session. No event announces the end of the session, because
    // it lives on.
    while let Some((event, _)) = stream.next().await {
        assert_ne!(event, "ended");
    }
    let page = old.get("/history?kind=signed_in").await.expect(200);
    let entry = page.attribute("main a[href^='/history/']", "href").expect("the newest entry");
    old.get(&entry).await.expect(200).says("other_sessions_with_these_roles_now");
}

#[tokio::test]
async fn a_person_has_at_most_twenty_sessions() {
    let console = TestConsole::start().await;
    let mut first = console.signed_in_as(DANA).await;
    let mut browser = console.browser();
    for _ in 0..20 {
        browser = console.signed_in_as(DANA).await;
    }
    assert_eq!(console.services.sessions.count().await.expect("a store"), 20);
    first.get("/account").await.expect(303);
    browser.get("/account").await.expect(200);
}

#[tokio::test]
async fn expired_sessions_are_deleted() {
    let start = Clock::system().now();
    let console = TestConsole::start_at(Clock::manual(start)).await;
    console.signed_in_as(DANA).await;
    console.clock.advance(40 * MINUTE_MS);
    let mut leo = console.signed_in_as(LEO).await;
    let store = &console.services.sessions;
    let idle = Timestamp(console.clock.now().0 - 30 * MINUTE_MS);
    assert_eq!(store.sweep(idle, Timestamp(0)).await.expect("a store"), (1, false));
    assert_eq!(store.count().await.expect("a store"), 1);
    leo.get("/account").await.expect(200);
}
