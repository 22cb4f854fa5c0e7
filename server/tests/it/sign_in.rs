//! Signing in and out, and the lifetime of a session.

use crate::support::{DANA, TestConsole};
use domain::timestamp::Timestamp;
use server::clock::Clock;
use std::os::unix::fs::PermissionsExt as _;

const COOKIE: &str = "understudy";
const MINUTE_MS: i64 = 60_000;

#[tokio::test]
async fn signing_in_returns_to_the_wanted_page() {
    let console = TestConsole::start().await;
    let mut browser = console.browser();
    let wanted = "/stages/anet-prod/endpoints/anet-ep-prod?x=a&y=b";
    let page = browser.sign_in(DANA, wanted).await.expect(200);
    assert_eq!(page.url.as_str(), console.url.join(wanted).expect("a URL").as_str());
    assert!(page.text.contains(DANA));
}

#[tokio::test]
async fn an_anonymous_request_leads_to_sign_in_and_keeps_the_return_path() {
    let console = TestConsole::start().await;
    let mut browser = console.browser();
    let page = browser.get("/account").await.expect(303);
    assert_eq!(page.header("location"), Some("/sign-in?to=%2Faccount"));
    let page = browser.get("/").await.expect(303);
    assert_eq!(page.header("location"), Some("/sign-in"));
    // A script gets a status, not a page.
    let request = console.http.get(console.url.join("/events/overview").expect("a URL"));
    browser.send(request).await.expect(401);
}

#[tokio::test]
async fn a_forged_state_neither_signs_in_nor_ends_a_started_sign_in() {
    let console = TestConsole::start().await;
    let mut browser = console.browser();
    let picker = browser.picker("/account").await;
    let back = browser.pick(&picker, DANA).await.location().expect("the callback URL");
    let forged = back.as_str().replace("?state=", "?state=x").replace("&state=", "&state=x");
    let page = browser.get(&forged).await.expect(303);
    assert_eq!(page.header("location"), Some("/sign-in?reason=unknown"));
    browser.get("/account").await.expect(303);
    browser.get(back.as_str()).await.expect(303);
    browser.get("/account").await.expect(200);
}

#[tokio::test]
async fn a_callback_works_once_and_in_its_own_browser_only() {
    let console = TestConsole::start().await;
    let (mut browser, mut thief) = (console.browser(), console.browser());
    let picker = browser.picker("/account").await;
    let back = browser.pick(&picker, DANA).await.location().expect("the callback URL");
    let page = thief.get(back.as_str()).await.expect(303);
    assert_eq!(page.header("location"), Some("/sign-in?reason=elsewhere"));
    // Somebody keeps the browser's earlier cookie.
    let mut copy = browser.clone();
    browser.get(back.as_str()).await.expect(303);
    browser.get("/account").await.expect(200);
    let page = copy.get(back.as_str()).await.expect(303);
    assert_eq!(page.header("location"), Some("/sign-in?reason=used"));
    copy.get("/account").await.expect(303);
}

#[tokio::test]
async fn signing_in_creates_a_new_session_id() {
    let console = TestConsole::start().await;
    let mut browser = console.browser();
    let planted = "AAAAAAAAAAAAAAAAAAAAAA".to_owned();
    browser.cookies.insert(COOKIE.to_owned(), planted.clone());
    browser.sign_in(DANA, "/account").await.expect(200);
    let first = browser.cookies[COOKIE].clone();
    assert_ne!(first, planted);
    // A second sign-in ends the session that this browser had.
    let start = browser.open("/sign-in/start?to=/account").await;
    let back = browser.pick(&start, DANA).await;
    browser.follow(back).await.expect(200);
    assert_ne!(browser.cookies[COOKIE], first);
    for old in [planted, first] {
        let mut fixed = console.browser();
        fixed.cookies.insert(COOKIE.to_owned(), old);
        fixed.get("/account").await.expect(303);
    }
}

#[tokio::test]
async fn cookies_are_unavailable_to_scripts_and_other_sites() {
    let console = TestConsole::start().await;
    let mut browser = console.browser();
    let page = browser.get("/sign-in/start").await.expect(303);
    let picker = browser.follow(page.clone()).await;
    let back = browser.pick(&picker, DANA).await.location().expect("the callback URL");
    let last = browser.get(back.as_str()).await.expect(303);
    let all = [&page, &last].map(|page| {
        page.headers.get_all("set-cookie").iter().map(|one| one.to_str().expect("text")).collect()
    });
    let all: Vec<&str> = all.into_iter().flat_map(|lines: Vec<&str>| lines).collect();
    assert!(all.len() >= 3, "{all:?}");
    for cookie in all {
        assert!(cookie.starts_with("understudy"), "{cookie}");
        for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age="] {
            assert!(cookie.contains(attribute), "{attribute} is not in {cookie}");
        }
        assert!(!cookie.contains("Domain="), "{cookie}");
    }
}

#[tokio::test]
async fn anonymous_readers_get_no_session() {
    let console = TestConsole::start().await;
    let page = console.browser().get("/sign-in").await.expect(200);
    assert_eq!(page.header("set-cookie"), None);
}

#[tokio::test]
async fn signing_out_ends_the_session_on_the_server() {
    let console = TestConsole::start().await;
    let mut browser = console.signed_in_as(DANA).await;
    let mut copy = browser.clone();
    let page = browser.post("/sign-out", &[]).await.expect(303);
    assert_eq!(page.header("location"), Some("/sign-in?reason=signed-out"));
    assert!(browser.cookies.is_empty(), "{:?}", browser.cookies);
    copy.get("/account").await.expect(303);
}

#[tokio::test]
async fn a_session_ends_after_half_an_hour_without_requests() {
    let start = Clock::system().now();
    let console = TestConsole::start_at(Clock::manual(start)).await;
    let mut browser = console.signed_in_as(DANA).await;
    for _ in 0..3 {
        console.clock.advance(25 * MINUTE_MS);
        browser.get("/account").await.expect(200);
    }
    console.clock.advance(31 * MINUTE_MS);
    let page = browser.get("/account").await.expect(303);
    assert_eq!(page.header("location"), Some("/sign-in?to=%2Faccount&reason=expired"));
    let page = browser.open("/account").await.expect(200);
    assert_eq!(page.url.path(), "/sign-in");
}

#[tokio::test]
async fn a_form_without_a_session_says_that_nothing_was_changed() {
    let console = TestConsole::start().await;
    let mut browser = console.signed_in_as(DANA).await;
    let forged = "AAAAAAAAAAAAAAAAAAAAAA".to_owned();
    let route = format!("{}/route", crate::support::PROD);
    for cookies in [vec![(COOKIE.to_owned(), forged)], Vec::new()] {
        browser.cookies = cookies.into_iter().collect();
        let page = browser.post(&route, &[("live.anet-eedi", "0")]).await.expect(303);
        assert_eq!(page.header("location"), Some("/sign-in?reason=expired"));
    }
    assert_eq!(console.writes().await.len(), 0);
}

#[tokio::test]
async fn an_unknown_session_counts_as_ended() {
    let console = TestConsole::start().await;
    let mut browser = console.signed_in_as(DANA).await;
    browser.cookies.insert(COOKIE.to_owned(), "AAAAAAAAAAAAAAAAAAAAAA".to_owned());
    let page = browser.get("/account").await.expect(303);
    assert_eq!(page.header("location"), Some("/sign-in?to=%2Faccount&reason=expired"));
}

#[tokio::test]
async fn the_database_does_not_contain_usable_session_ids() {
    let console = TestConsole::start().await;
    let browser = console.signed_in_as(DANA).await;
    let file = console.data().join("understudy.db");
    let mode = std::fs::metadata(&file).expect("the file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let pool = sqlx::SqlitePool::connect(&format!("sqlite:{}", file.display())).await;
    let ids: Vec<(String,)> = sqlx::query_as("SELECT id FROM sessions")
        .fetch_all(&pool.expect("it opens"))
        .await
        .expect("the table");
    assert!(!ids.is_empty());
    assert!(ids.iter().all(|(id,)| *id != browser.cookies[COOKIE]), "{ids:?}");
}

#[tokio::test]
async fn pages_work_while_sessions_cannot_be_written() {
    let console = TestConsole::start_at(Clock::manual(Clock::system().now())).await;
    let mut browser = console.signed_in_as(DANA).await;
    let file = console.data().join("understudy.db");
    let pool = sqlx::SqlitePool::connect(&format!("sqlite:{}", file.display())).await;
    let pool = pool.expect("it opens");
    for what in ["INSERT", "UPDATE", "DELETE"] {
        let full = format!(
            "CREATE TRIGGER full_{what} BEFORE {what} ON sessions
             BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        );
        sqlx::query(&full).execute(&pool).await.expect("a trigger");
    }
    console.clock.advance(2 * MINUTE_MS);
    for path in ["/", "/account", crate::support::PROD] {
        browser.get(path).await.expect(200);
    }
    browser.post("/sign-out", &[]).await.expect(503).says("You are still signed in");
    browser.get("/account").await.expect(200);
    // Starting to sign in does not need the store.
    let page = console.browser().get("/sign-in/start").await.expect(303);
    assert!(page.header("location").is_some_and(|to| to.contains("/authorize")));
}

#[tokio::test]
async fn a_session_ends_after_twelve_hours_whatever_happens() {
    let Timestamp(start) = Clock::system().now();
    let console = TestConsole::start_at(Clock::manual(Timestamp(start))).await;
    let mut browser = console.signed_in_as(DANA).await;
    for _ in 0..35 {
        console.clock.advance(20 * MINUTE_MS);
        browser.get("/account").await.expect(200);
    }
    console.clock.advance(21 * MINUTE_MS);
    browser.get("/account").await.expect(303);
}

#[tokio::test]
async fn every_page_says_that_a_person_has_no_role() {
    let console = TestConsole::start().await;
    let mut browser = console.signed_in_as("Nora Norole").await;
    for path in ["/", crate::support::PROD] {
        let page = browser.get(path).await.expect(403);
        page.says("Your roles: none");
        // The page does not link to itself.
        let way = page.attribute(".problem a.button", "href").expect("a link to continue");
        assert_eq!(way, "/account");
        browser.get(&way).await.expect(200);
    }
}

#[tokio::test]
async fn someone_who_cancels_is_not_signed_in() {
    let console = TestConsole::start().await;
    let mut browser = console.browser();
    let picker = browser.picker("/account").await;
    let back = browser.pick(&picker, "Cancel").await;
    let page = browser.follow(back).await.expect(200);
    assert_eq!(page.url.path(), "/sign-in");
    page.says("You cancelled the sign-in, or you are not assigned");
    browser.get("/account").await.expect(303);
}

#[tokio::test]
async fn the_return_path_cannot_leave_the_site_or_end_in_an_error() {
    let console = TestConsole::start().await;
    let signs = ["/sign-in", "/sign-in/start?to=/account", "/sign-out"];
    let odd = ["/%00", "/%0a", "/%7f", "/a%20b", "/%C3%BC", "/%FF", "%2F%2Fevil.example"];
    let others = ["//evil.example", "https://evil.example", "/\\evil.example", "%09//evil.example"];
    for to in others.into_iter().chain(odd).chain(signs) {
        let mut browser = console.browser();
        let picker = browser.open(&format!("/sign-in/start?to={to}")).await;
        let back = browser.pick(&picker, DANA).await;
        let callback = back.location().expect("the callback URL");
        let page = browser.get(callback.as_str()).await.expect(303);
        assert_eq!(page.header("location"), Some("/"), "{to}");
    }
}
