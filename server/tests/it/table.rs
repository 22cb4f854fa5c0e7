//! Every route of the console, tried with every role; generated from the table that the router is built
//! from.

use crate::support::{Browser, DANA, LEO, TestConsole, VERA};
use domain::user::Role;
use reqwest::Method as HttpMethod;
use server::web::table::{FUNCTIONS, Kind, Method, Needs, PAGES, entries, is_open};
use std::collections::BTreeSet;

/// One account for each role, and one without a role.
const PEOPLE: [(&str, Option<Role>); 6] = [
    ("Nora Norole", None),
    (VERA, Some(Role::Viewer)),
    (DANA, Some(Role::DataScientist)),
    (LEO, Some(Role::Lead)),
    ("Ada Auditor", Some(Role::Auditor)),
    ("Amir Admin", Some(Role::Admin)),
];

/// One route, with values for its parameters.
struct Route {
    method: HttpMethod,
    path: String,
    needs: Needs,
    kind: Option<Kind>,
}

fn routes() -> Vec<Route> {
    let listed = entries().into_iter().map(|entry| Route {
        method: if entry.method == Method::Get { HttpMethod::GET } else { HttpMethod::POST },
        path: filled(&entry.path),
        needs: entry.needs,
        kind: Some(entry.kind),
    });
    let functions = FUNCTIONS.into_iter().map(|(path, needs)| Route {
        method: HttpMethod::POST,
        path: path.to_owned(),
        needs,
        kind: None,
    });
    listed.chain(functions).collect()
}

fn filled(path: &str) -> String {
    let names = [
        ("{stage}", "anet-prod"),
        ("{endpoint}", "anet-ep-prod"),
        ("{deployment}", "anet-eedi"),
        ("{run}", "00000000-0000-4000-8000-000000000001"),
        ("{change}", "00000000-0000-4000-8000-000000000002"),
        ("{evidence}", "00000000-0000-4000-8000-000000000003"),
        ("{glass}", "00000000-0000-4000-8000-000000000004"),
        ("{entry}", "0"),
        ("{repository}", "anet%2Fml"),
        ("{workflow}", "x.yml"),
        ("{job}", "x"),
        ("{job_id}", "00000000-0000-4000-8000-000000000005"),
        ("{image}", "ml-azua-litserve-env"),
    ];
    let path = names.iter().fold(path.to_owned(), |path, (name, value)| path.replace(name, value));
    assert!(!path.contains('{'), "fill in the parameters of {path}");
    path
}

/// The status of the answer; streams are not read to the end.
async fn status(who: &Browser, route: &Route) -> u16 {
    let mut request = who.request(route.method.clone(), &route.path);
    if route.method == HttpMethod::POST {
        request = who.own(&route.path);
    }
    request = match route.kind {
        None => request.header("content-type", "application/json").body("{}"),
        Some(_) if route.method == HttpMethod::POST => request.form(&[("nothing", "")]),
        Some(_) => request,
    };
    request.send().await.expect("the console answers").status().as_u16()
}

fn may(role: Option<Role>, needs: Needs) -> bool {
    match needs {
        Needs::Nothing | Needs::Session => true,
        Needs::Right(right) => role.is_some_and(|role| right.roles().contains(&role)),
    }
}

#[tokio::test]
async fn every_route_admits_exactly_the_roles_with_its_right() {
    let console = TestConsole::start().await;
    console.observed().await;
    let before = console.writes().await.len();
    let mut tries = 0;
    for (name, role) in PEOPLE {
        let who = console.signed_in_as(name).await;
        for route in routes() {
            if route.path == app::paths::SIGN_OUT {
                continue;
            }
            let Route { method, path, needs, .. } = &route;
            let status = status(&who, &route).await;
            let said = format!("{name}: {method} {path}: {status}");
            assert_eq!(status == 403, !may(role, *needs), "{said}");
            assert!(status != 401 && status < 500, "{said}");
            tries += 1;
        }
        who.clone().get("/account").await.expect(200);
    }
    assert!(tries > 500, "{tries}");
    assert_eq!(console.writes().await.len(), before, "nobody changed anything");
}

#[tokio::test]
async fn anonymous_requests_reach_only_the_sign_in() {
    let console = TestConsole::start().await;
    for route in routes() {
        let browser = console.browser();
        let mut request = browser.request(route.method.clone(), &route.path);
        if route.method == HttpMethod::POST {
            request = browser.own(&route.path).form(&[("nothing", "")]);
        }
        let answer = request.send().await.expect("the console answers");
        let to = answer.headers().get("location").map(|to| to.to_str().expect("text").to_owned());
        let Route { method, path, needs, .. } = &route;
        let said = format!("{method} {path}: {} {to:?}", answer.status());
        let is_turned_away = to.is_some_and(|to| {
            to.starts_with("/sign-in") && !to.contains("signed-out") && !to.contains("unknown")
        });
        assert_eq!(is_turned_away, *needs != Needs::Nothing, "{said}");
        assert_eq!(is_open(path), *needs == Needs::Nothing, "{said}");
        // A script gets a status, not a page.
        let url = console.url.join(path).expect("a URL");
        let request =
            console.http.request(method.clone(), url).header("sec-fetch-site", "same-origin");
        let status = request.send().await.expect("the console answers").status().as_u16();
        assert_eq!(status == 401, *needs != Needs::Nothing, "{said}, then {status}");
    }
}

#[tokio::test]
async fn posts_from_other_sites_are_refused() {
    let console = TestConsole::start().await;
    let browser = console.signed_in_as(DANA).await;
    let before = console.writes().await.len();
    let (origin, site) = ("origin", "sec-fetch-site");
    let strangers: [&[(&str, &str)]; 8] = [
        &[],
        &[(origin, "http://evil.example"), (site, "cross-site")],
        &[(origin, "http://evil.example")],
        &[(origin, "null")],
        &[(site, "same-site")],
        &[(site, "none")],
        &[(origin, "http://evil.example"), (site, "same-origin")],
        &[(origin, "http://evil.example"), ("host", "evil.example")],
    ];
    let mut tries = 0;
    for route in routes().iter().filter(|route| route.method == HttpMethod::POST) {
        for headers in strangers {
            let form = [("live.anet-eedi", "0"), ("base", "anet-eedi=100")];
            let mut request = browser.request(HttpMethod::POST, &route.path).form(&form);
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let page = browser.clone().send(request).await;
            assert_eq!(page.status, 403, "{} {headers:?}", route.path);
            assert!(page.text.contains("Nothing was changed."), "{}", page.text);
            tries += 1;
        }
    }
    assert!(tries > 250, "{tries}");
    assert_eq!(console.writes().await.len(), before);
    browser.clone().get("/account").await.expect(200);
}

#[tokio::test]
async fn the_table_lists_exactly_the_existing_server_functions() {
    let known: BTreeSet<_> = FUNCTIONS.iter().map(|(path, _)| *path).collect();
    let registered: BTreeSet<_> =
        leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path).collect();
    assert_eq!(known, registered);
    assert_eq!(known.len(), FUNCTIONS.len(), "each once");
}

#[tokio::test]
async fn every_page_of_the_app_is_in_the_table() {
    // Leptos sets its runtime in this call.
    let pages = leptos_axum::generate_route_list(app::app::App);
    let listed: BTreeSet<_> = entries()
        .into_iter()
        .filter(|entry| entry.kind == Kind::Page)
        .map(|entry| entry.path)
        .collect();
    // One page shows a change for all decisions, but each decision is a separate route.
    let decision = "/changes/{change}/{decision}";
    for page in pages {
        let path = page.path();
        assert!(path == decision || listed.contains(path), "{path} is not in the table");
    }
    assert!(PAGES.iter().all(|(path, _)| listed.contains(*path)));
}
