//! The code flow with PKCE, and requests that it must refuse.

use std::collections::HashMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;

use crate::harness::{Stage, TENANT};

const REDIRECT: &str = "http://127.0.0.1:3000/signed-in";
const VERIFIER: &str = "a-verifier-of-forty-three-characters-or-more-1234";

fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))
}

fn request(stage: &Stage) -> Vec<(&'static str, String)> {
    vec![
        ("client_id", stage.emulator.client_id().to_owned()),
        ("response_type", "code".to_owned()),
        ("redirect_uri", REDIRECT.to_owned()),
        ("scope", "openid profile email offline_access".to_owned()),
        ("state", "st&te".to_owned()),
        ("nonce", "n0nce".to_owned()),
        ("code_challenge", challenge()),
        ("code_challenge_method", "S256".to_owned()),
    ]
}

fn path(what: &str) -> String {
    format!("/{TENANT}/oauth2/v2.0/{what}")
}

fn changed(
    mut fields: Vec<(&'static str, String)>,
    name: &str,
    value: &str,
) -> Vec<(&'static str, String)> {
    fields.iter_mut().filter(|(n, _)| *n == name).for_each(|(_, v)| value.clone_into(v));
    fields
}

async fn choose(stage: &Stage, account: &str) -> HashMap<String, String> {
    let mut fields = request(stage);
    fields.push(("account", account.to_owned()));
    let post = stage.http.post(stage.url(&path("authorize"))).form(&fields);
    let answer = post.send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let location = answer.headers()["location"].to_str().expect("text");
    assert!(location.starts_with(REDIRECT), "{location}");
    Url::parse(location).expect("a URL").query_pairs().into_owned().collect()
}

async fn redeem(stage: &Stage, fields: &[(&str, &str)]) -> (StatusCode, Value) {
    let post = stage.http.post(stage.url(&path("token"))).form(fields);
    let answer = post.send().await.expect("an answer");
    (answer.status(), answer.json().await.expect("JSON"))
}

fn code_form<'a>(stage: &'a Stage, code: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("grant_type", "authorization_code"),
        ("client_id", stage.emulator.client_id()),
        ("client_secret", stage.emulator.client_secret()),
        ("code", code),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ]
}

fn claims(token: &Value) -> Value {
    let token = token.as_str().expect("a token");
    let payload = token.split('.').nth(1).expect("three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).expect("base64")).expect("JSON")
}

#[tokio::test]
async fn a_person_signs_in_with_a_role() {
    let stage = Stage::start().await;
    let discovery = format!("/{TENANT}/v2.0/.well-known/openid-configuration");
    let discovery = stage.bare(reqwest::Method::GET, &discovery).await.body;
    let back = choose(&stage, "leo").await;
    assert_eq!(back["state"], "st&te");
    let (status, tokens) = redeem(&stage, &code_form(&stage, &back["code"])).await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
    let id = claims(&tokens["id_token"]);
    assert_eq!(id["iss"], discovery["issuer"]);
    assert_eq!((&id["nonce"], &id["tid"]), (&json!("n0nce"), &json!(TENANT)));
    assert_eq!(id["roles"], json!(["Understudy.Lead"]));
    assert_eq!(id["aud"], stage.emulator.client_id());
    assert!(id["oid"].is_string() && id["sub"] != id["oid"]);
    let jwks = discovery["jwks_uri"].as_str().expect("a URL");
    let jwks = stage.bare(reqwest::Method::GET, jwks).await.body;
    let (n, e) = (jwks["keys"][0]["n"].as_str(), jwks["keys"][0]["e"].as_str());
    let key = jsonwebtoken::DecodingKey::from_rsa_components(n.expect("n"), e.expect("e"));
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
    validation.set_audience(&[stage.emulator.client_id()]);
    let token = tokens["id_token"].as_str().expect("a token");
    jsonwebtoken::decode::<Value>(token, &key.expect("a key"), &validation).expect("valid");
    let refreshed = [
        ("grant_type", "refresh_token"),
        ("client_id", stage.emulator.client_id()),
        ("client_secret", stage.emulator.client_secret()),
        ("refresh_token", tokens["refresh_token"].as_str().expect("a token")),
    ];
    assert_eq!(redeem(&stage, &refreshed).await.0, StatusCode::OK);
    let nobody = choose(&stage, "nora").await;
    let (_, tokens) = redeem(&stage, &code_form(&stage, &nobody["code"])).await;
    assert_eq!(claims(&tokens["id_token"])["roles"], Value::Null);
}

#[tokio::test]
async fn a_code_works_once_for_one_minute_and_one_client() {
    let stage = Stage::start().await;
    let refused = async |fields: &[(&str, &str)], error: &str| {
        let (status, body) = redeem(&stage, fields).await;
        assert!(status.is_client_error());
        assert_eq!(body["error"], error, "{body}");
        assert!(body["error_description"].as_str().is_some_and(|d| d.starts_with("AADSTS")));
    };
    let code = choose(&stage, "dana").await["code"].clone();
    assert_eq!(redeem(&stage, &code_form(&stage, &code)).await.0, StatusCode::OK);
    refused(&code_form(&stage, &code), "invalid_grant").await;
    for (field, value) in [
        ("code_verifier", "another-verifier-of-forty-three-characters-or-more"),
        ("redirect_uri", "http://127.0.0.1:3000/other"),
    ] {
        let code = choose(&stage, "dana").await["code"].clone();
        let mut form = code_form(&stage, &code);
        form.iter_mut().filter(|(n, _)| *n == field).for_each(|(_, v)| *v = value);
        refused(&form, "invalid_grant").await;
        // A failed attempt uses up the code.
        refused(&code_form(&stage, &code), "invalid_grant").await;
    }
    let code = choose(&stage, "dana").await["code"].clone();
    let mut form = code_form(&stage, &code);
    form.iter_mut().filter(|(n, _)| *n == "client_secret").for_each(|(_, v)| *v = "wrong");
    refused(&form, "invalid_client").await;
    let code = choose(&stage, "dana").await["code"].clone();
    stage.emulator.clock().advance(Duration::from_secs(61));
    refused(&code_form(&stage, &code), "invalid_grant").await;
}

#[tokio::test]
async fn only_registered_redirects_are_followed() {
    let stage = Stage::start().await;
    let ask = async |fields: Vec<(&'static str, String)>| {
        let get = stage.http.get(stage.url(&path("authorize"))).query(&fields);
        get.send().await.expect("an answer")
    };
    let evil = ask(changed(request(&stage), "redirect_uri", "https://evil.example/")).await;
    assert_eq!(evil.status(), StatusCode::BAD_REQUEST);
    assert!(evil.headers().get("location").is_none());
    let stranger = ask(changed(request(&stage), "client_id", "stranger")).await;
    assert_eq!(stranger.status(), StatusCode::BAD_REQUEST);
    let plain = ask(changed(request(&stage), "code_challenge_method", "plain")).await;
    assert_eq!(plain.status(), StatusCode::SEE_OTHER);
    assert!(plain.headers()["location"].to_str().expect("text").contains("error=invalid_request"));
    let page = ask(request(&stage)).await;
    let policy = page.headers()["content-security-policy"].to_str().expect("text").to_owned();
    assert!(policy.contains("default-src 'none'"), "{policy}");
    let html = page.text().await.expect("text");
    assert!(html.contains("<button type=\"submit\"") && !html.contains("<script"));
    assert!(html.contains("st&amp;te"));
    assert_eq!(choose(&stage, "cancel").await["error"], "access_denied");
}

#[tokio::test]
async fn an_app_gets_a_token_that_arm_accepts() {
    let stage = Stage::start().await;
    let form =
        [("grant_type", "client_credentials"), ("scope", "https://management.azure.com/.default")];
    let url = stage.url(&path("token"));
    let (id, secret) = (stage.emulator.client_id(), stage.emulator.client_secret());
    let post = stage.http.post(&url).basic_auth(id, Some(secret)).form(&form);
    let tokens: Value = post.send().await.expect("an answer").json().await.expect("JSON");
    let token = tokens["access_token"].as_str().expect("a token");
    let arm = stage.url("/subscriptions?api-version=2022-12-01");
    let ask = async |token: &str| {
        stage.http.get(&arm).bearer_auth(token).send().await.expect("an answer").status()
    };
    assert_eq!(ask(token).await, StatusCode::OK);
    let (head, signature) = token.rsplit_once('.').expect("a JWT");
    let forged: String = signature.chars().rev().collect();
    assert_eq!(ask(&format!("{head}.{forged}")).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn scoring_with_entra_accepts_only_tokens_for_azure_ml() {
    let stage = Stage::start().await;
    let mut body = crate::harness::endpoint(json!({}), json!({}));
    body["properties"]["authMode"] = json!("AADToken");
    stage.done(&stage.put("onlineEndpoints/entra-ep", body).await).await;
    let token = async |scope: &str| {
        let (id, secret) = (stage.emulator.client_id(), stage.emulator.client_secret());
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", id),
            ("client_secret", secret),
            ("scope", scope),
        ];
        let tokens = redeem(&stage, &form).await.1;
        tokens["access_token"].as_str().expect("a token").to_owned()
    };
    let score = async |token: &str| {
        let post = stage.http.post(stage.url("/endpoints/entra-ep/score"));
        post.bearer_auth(token).json(&json!({})).send().await.expect("an answer").status()
    };
    // There is no deployment, and only an authorized caller learns that.
    let ml = token("https://ml.azure.com/.default").await;
    assert_eq!(score(&ml).await, StatusCode::NOT_FOUND);
    let arm = token("https://management.azure.com/.default").await;
    assert_eq!(score(&arm).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_unknown_application_gets_an_error() {
    let stage = Stage::start().await;
    let form = [("grant_type", "client_credentials"), ("client_id", "x"), ("client_secret", "x")];
    let (status, body) = redeem(&stage, &form).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(body["error"], "unauthorized_client");
    assert_eq!(body["error_codes"], json!([700_016]));
}

#[tokio::test]
async fn vaults_and_load_tests_accept_only_tokens_for_themselves() {
    let stage = Stage::start().await;
    let token = async |scope: &str| {
        let form = [("grant_type", "client_credentials"), ("scope", scope)];
        let (id, secret) = (stage.emulator.client_id(), stage.emulator.client_secret());
        let post =
            stage.http.post(stage.url(&path("token"))).basic_auth(id, Some(secret)).form(&form);
        let tokens: Value = post.send().await.expect("an answer").json().await.expect("JSON");
        tokens["access_token"].as_str().expect("a token").to_owned()
    };
    let vault = token("https://vault.azure.net/.default").await;
    let load = token("https://cnt-prod.loadtesting.azure.com/.default").await;
    let ask = async |path: String, token: &str| {
        let url = stage.url(&format!("{path}?api-version=7.5"));
        stage.http.get(url).bearer_auth(token).send().await.expect("an answer").status()
    };
    let secrets = || "/vaults/kv-it-dev/secrets".to_owned();
    assert_eq!(ask(secrets(), &vault).await, StatusCode::OK);
    assert_eq!(ask(secrets(), &load).await, StatusCode::UNAUTHORIZED);
    let tests = format!("{}/tests", crate::load::plane(&stage).await);
    assert_eq!(ask(tests.clone(), &load).await, StatusCode::OK);
    assert_eq!(ask(tests, &vault).await, StatusCode::UNAUTHORIZED);
}
