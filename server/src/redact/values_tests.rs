//! Known secrets are found in any encoding, and nothing else is.

use super::HIDDEN;
use super::values::{Values, html, percent};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;
use serde_json::json;

fn values(texts: &[&str]) -> Values {
    let mut values = Values::default();
    texts.iter().for_each(|text| values.add(text));
    values
}

#[test]
fn a_value_is_found_in_any_encoding() {
    let secret = "grün \"q\\<&/?+=~\u{7}zwölf";
    let values = values(&[secret]);
    let json = Value::from(secret).to_string();
    for spelt in [
        secret.to_owned(),
        json.clone(),
        Value::from(json.as_str()).to_string(),
        json.replace('/', "\\/"),
        format!("{secret:?}"),
        html(secret),
        url::form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
        percent(secret, "", false),
        percent(secret, "", true),
        STANDARD.encode(secret),
        STANDARD.encode(format!("user:{secret}@")),
        STANDARD.encode(format!("u:{secret}")),
        STANDARD.encode(format!("us:{secret}!!")),
        URL_SAFE_NO_PAD.encode(format!("us:{secret}!!")),
    ] {
        let shown = values.hide(&spelt);
        assert!(shown.contains(HIDDEN), "{spelt}");
        assert!(!shown.contains("zw") && shown.len() < HIDDEN.len() + 16, "{spelt}: {shown}");
    }
}

#[test]
fn short_and_ordinary_values_are_not_searched_for() {
    let values = values(&["", "on", "12345", "disabled", "Production", " 12345 "]);
    assert!(values.is_empty(), "{values:?}");
    assert_eq!(values.hide("on 12345 disabled"), "on 12345 disabled");
    assert!(!format!("{:?}", self::values(&["geheimnis"])).contains("geheim"));
}

#[test]
fn the_longest_match_is_redacted() {
    let values = values(&["geheim", "geheimnis", "nis-und-mehr"]);
    assert_eq!(values.hide("a geheimnis-und-mehr b geheim"), "a (hidden)-und-mehr b (hidden)");
}

#[test]
fn a_bodys_secret_variables_are_known_values() {
    let values = Values::of_body(&json!({"properties": {
        "environmentVariables": {
            "API_KEY": "kanarien-vogel", "LOG_LEVEL": "warning-level", "PIN_TOKEN": 1_234_567,
            "DSN": "postgres://u:hinter-dem@host/db",
            "STORE": "AccountName=anet;AccountKey=abcdefgh==;X=y",
        },
        "description": "kanarien",
    }}));
    for (text, shown) in [
        ("kanarien-vogel", "(hidden)"),
        ("1234567", "(hidden)"),
        ("by hinter-dem", "by (hidden)"),
        ("key abcdefgh==", "key (hidden)"),
        ("warning-level of kanarien on anet", "warning-level of kanarien on anet"),
    ] {
        assert_eq!(values.hide(text), shown, "{text}");
    }
}

#[test]
fn a_multi_line_key_is_found_line_by_line() {
    let values = values(&["first-line-of-a-key\nsecond-line-of-a-key\nend"]);
    assert_eq!(values.hide("> second-line-of-a-key"), "> (hidden)");
    assert_eq!(values.hide("the end"), "the end");
}
