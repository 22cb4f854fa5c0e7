//! The security headers of every answer, and who may not write.

use crate::support::{DANA, PROD, TestConsole};
use reqwest::Method;

const FORMS: [&str; 6] = [
    "/sign-out",
    "/stages/anet-prod/endpoints/anet-ep-prod/route",
    "/stages/anet-prod/endpoints/anet-ep-prod/test",
    "/stages/anet-prod/endpoints/anet-ep-prod/new-deployment",
    "/stages/anet-prod/endpoints/anet-ep-prod/deployments/anet-eedi/delete",
    "/history",
];
#[tokio::test]
async fn every_answer_has_the_security_headers() {
    let console = TestConsole::start().await;
    let mut browser = console.signed_in_as(DANA).await;
    let asset = "/pkg/understudy.0123456789abcdef.js";
    let paths = [
        "/",
        PROD,
        "/account",
        "/nowhere",
        "/healthz",
        asset,
        "/pkg/nothing.js",
        "/favicon.svg",
        "/sign-in",
        "/sign-in/start",
        "/sign-in/callback",
        "/api/nothing",
    ];
    for path in paths {
        let page = browser.get(path).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("x-frame-options", "DENY"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            assert_eq!(page.header(name), Some(value), "{path}: {name}");
        }
        assert!(page.header("permissions-policy").is_some(), "{path}");
        let policy = page.header("content-security-policy").expect("a policy");
        for part in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe-inline"), "{path}: {policy}");
        assert!(!policy.replace("'wasm-unsafe-eval'", "").contains("unsafe-eval"), "{path}");
        let kept = page.header("cache-control").expect("a cache-control header");
        let is_asset = path == asset || path == "/favicon.svg";
        // A missing page may exist in a moment, after an update.
        assert_eq!(kept.contains("no-store"), !is_asset, "{path}: {kept}");
    }
}

#[tokio::test]
async fn every_script_has_the_pages_nonce() {
    let console = TestConsole::start().await;
    let mut browser = console.signed_in_as(DANA).await;
    let (one, two) = (browser.get(PROD).await.expect(200), browser.get(PROD).await.expect(200));
    let nonce = |page: &crate::support::Page| {
        let policy = page.header("content-security-policy").expect("a policy");
        let (_, rest) = policy.split_once("'nonce-").expect("a nonce");
        rest.split_once('\'').expect("its end").0.to_owned()
    };
    assert_ne!(nonce(&one), nonce(&two));
    let html = scraper::Html::parse_document(&one.text);
    let scripts = scraper::Selector::parse("script").expect("a selector");
    let wanted = nonce(&one);
    let mut count = 0;
    for script in html.select(&scripts) {
        let src = script.attr("src").is_some_and(|src| src.starts_with('/'));
        assert!(src || script.attr("nonce") == Some(&wanted), "{}", script.html());
        count += 1;
    }
    assert!(count > 0);
    for attribute in ["[onclick]", "[onsubmit]", "[onload]", "[style]", "style"] {
        assert_eq!(one.text_of(attribute), None, "{attribute} runs into the policy");
    }
}

#[tokio::test]
async fn errors_show_invisible_characters_as_codes() {
    let console = TestConsole::start().await;
    let mut dana = console.signed_in_as(DANA).await;
    let page = dana.get("/stages/anet-dev/endpoints/%E2%80%AEabc").await.expect(404);
    page.says("⟨U+202E⟩abc");
    assert!(!page.text.contains('\u{202e}'));
    let yaml = "name: anet\u{200b}-green\nendpoint_name: anet-ep-prod\n";
    let page = dana.upload(FORMS[3], &[("yaml", None, yaml.as_bytes())]).await.expect(422);
    page.says("anet⟨U+200B⟩-green");
}

#[tokio::test]
async fn other_methods_are_refused() {
    let console = TestConsole::start().await;
    let mut browser = console.signed_in_as(DANA).await;
    let before = console.writes().await.len();
    for path in FORMS.into_iter().chain(["/", PROD]) {
        for method in [Method::PUT, Method::DELETE, Method::PATCH] {
            let request =
                browser.request(method.clone(), path).header("sec-fetch-site", "same-origin");
            let page = browser.send(request).await;
            assert_eq!(page.status, 405, "{method} {path}");
        }
    }
    assert_eq!(console.writes().await.len(), before);
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused() {
    let console = TestConsole::start().await;
    let mut browser = console.signed_in_as(DANA).await;
    let large = "x".repeat(600 * 1024);
    for path in [FORMS[1], FORMS[2]] {
        let page = browser.post(path, &[("body", &large)]).await.expect(413);
        page.says("larger than 512 KiB");
        assert!(page.text_of("nav").is_some(), "{path}: the page itself, not a bare text");
    }
    let page = browser.upload(FORMS[3], &[("file", Some("a.yml"), large.as_bytes())]).await;
    page.expect(413).says("larger than 512 KiB");
    let answer = browser.ask("/api/send-test", &large).await.expect(413);
    assert!(answer.text.contains("larger than 512 KiB"), "{}", answer.text);
}

#[tokio::test]
async fn errors_of_the_framework_have_an_error_page() {
    let console = TestConsole::start().await;
    let mut browser = console.signed_in_as(DANA).await;
    for (path, status, words) in [
        ("/sign-in/callback?state=a&state=b", 422, "“state” is given 2 times"),
        ("/sign-in/start?to=/a&to=/b", 422, "“to” is given 2 times"),
        ("/api/nothing", 404, "This page does not exist"),
        ("/pkg/nothing.js", 404, "This page does not exist"),
    ] {
        let request = browser.request(Method::GET, path).header("accept", "text/html");
        let page = browser.send(request).await.expect(status);
        assert!(page.words().contains(words), "{path}: {}", page.text);
        assert!(page.header("x-request-id").is_some());
    }
    let json = browser.own(FORMS[1]).header("content-type", "application/json").body("{}");
    browser.send(json).await.expect(415).says("cannot read this form");
}

#[tokio::test]
async fn an_unknown_page_is_not_found() {
    let console = TestConsole::start().await;
    let mut browser = console.signed_in_as(DANA).await;
    for path in [
        "/nowhere",
        "/stages/anet-prod/endpoints/anet-gone",
        "/stages/nowhere/endpoints/anet-ep-prod",
        "/stages/anet-prod/endpoints/anet-ep-prod/deployments/anet-gone",
        "/stages/anet-prod/endpoints/..%2F..%2Fx",
    ] {
        browser.get(path).await.expect(404);
    }
}

#[tokio::test]
async fn server_functions_report_errors_by_their_status() {
    let console = TestConsole::start().await;
    let mut browser = console.signed_in_as(DANA).await;
    let at = |stage: &str, endpoint: &str| {
        serde_json::json!({ "at": { "stage": stage, "endpoint": endpoint } }).to_string()
    };
    let cases = [
        (at("anet-prod", "anet-ep-prod"), 200),
        (at("anet-prod", "anet-gone"), 404),
        (at("anet-prod", "no such name"), 422),
        ("{}".to_owned(), 422),
        ("{".to_owned(), 422),
    ];
    for (body, status) in cases {
        let answer = browser.ask("/api/read-endpoint", &body).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.text);
    }
}
