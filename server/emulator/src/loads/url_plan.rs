//! Turns the requests of a URL test into a plan: variables replaced, and everything checked that can be.

use std::collections::BTreeMap;
use std::time::Duration;

use http::{HeaderName, HeaderValue, Method, Uri};
use load::{UrlLoad, UrlPlan, UrlRequest};
use url::Url;

use super::url_config::{Load, Request, UrlConfig};

/// How long one response may take. The service names no limit.
const RESPONSE_MAX: Duration = Duration::from_secs(60);
/// Connections of an engine: enough for slow responses, and fewer than a process may have files.
const CONNECTIONS: (u32, u32) = (100, 10_000);
/// Stands for each variable while a file is validated, because a run can bring its own variables.
const ANY: &str = "http://validation.invalid";

/// What `${name}` stands for.
#[derive(Clone, Copy, Debug)]
pub enum Variables<'a> {
    Known(&'a BTreeMap<String, String>),
    /// Anything: only the rest is checked.
    Any,
}

impl Variables<'_> {
    fn fill(self, text: &str) -> Result<String, String> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            filled += before;
            let Some((name, after)) = after.split_once('}') else {
                filled += "${";
                rest = after;
                continue;
            };
            match self {
                Variables::Known(all) => {
                    let value = all.get(name).ok_or_else(|| {
                        format!("uses ${{{name}}}, which is not an environment variable or secret of the test")
                    })?;
                    filled += value;
                }
                Variables::Any => filled += if filled.is_empty() { ANY } else { "0" },
            }
            rest = after;
        }
        Ok(filled + rest)
    }
}

/// The plan of a URL test.
///
/// # Errors
/// The broken rule. It does not contain the value of a variable.
pub fn plan(config: &UrlConfig, variables: Variables<'_>, engines: u32) -> Result<UrlPlan, String> {
    let request = |one: &Request| {
        built(one, variables).map_err(|rule| format!("the request {:?} {rule}", one.name))
    };
    let load = match config.load {
        Load::UsersPerEngine(users) => UrlLoad::Users(users.saturating_mul(engines)),
        Load::PerSecond(rate, response_ms) => {
            let open =
                u64::from(rate) * u64::from(response_ms) / 1000 * 2 / u64::from(engines.max(1));
            let open = u32::try_from(open).unwrap_or(u32::MAX);
            UrlLoad::Rate {
                per_second: f64::from(rate),
                connections_max: open.clamp(CONNECTIONS.0, CONNECTIONS.1),
            }
        }
    };
    Ok(UrlPlan {
        requests: config.requests.iter().map(request).collect::<Result<_, _>>()?,
        load,
        ramp_up: Duration::from_secs(config.ramp_up_s),
        duration: Duration::from_secs(config.duration_s),
        timeout: RESPONSE_MAX,
        extra_roots: Vec::new(),
    })
}

fn built(request: &Request, variables: Variables<'_>) -> Result<UrlRequest, String> {
    let not_url = || "has an endpoint that is not a URL of http or https".to_owned();
    let mut url = Url::parse(&variables.fill(&request.endpoint)?).map_err(|_| not_url())?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err(not_url());
    }
    if !request.query.is_empty() {
        let mut pairs = url.query_pairs_mut();
        for (name, value) in &request.query {
            pairs.append_pair(name, &variables.fill(value)?);
        }
    }
    url.set_fragment(None);
    let mut headers = Vec::new();
    for (name, value) in &request.headers {
        let header = HeaderName::try_from(name.as_str());
        let header = header.map_err(|_| format!("has the invalid header {name:?}"))?;
        let value = HeaderValue::from_str(&variables.fill(value)?);
        let mut value =
            value.map_err(|_| format!("has an invalid value of the header {name:?}"))?;
        value.set_sensitive(true);
        headers.push((header, value));
    }
    let method = Method::from_bytes(request.method.to_uppercase().as_bytes());
    let is_body = !request.body.is_empty();
    if is_body && !headers.iter().any(|(name, _)| name == http::header::CONTENT_TYPE) {
        headers.push((http::header::CONTENT_TYPE, HeaderValue::from_static("application/json")));
    }
    Ok(UrlRequest {
        name: request.name.clone(),
        method: method.map_err(|_| "has an invalid method".to_owned())?,
        url: Uri::try_from(url.as_str()).map_err(|_| not_url())?,
        headers,
        body: variables.fill(&request.body)?.into(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::url_config::{quick, read};
    use super::*;

    fn config() -> Value {
        json!({
            "version": "1.0",
            "scenarios": { "group": { "requests": [{
                "requestName": "score", "requestType": "URL", "endpoint": "${ENDPOINT_URL}/score", "method": "POST",
                "headers": { "Authorization": "Bearer ${API_KEY}" },
                "queryParameters": [{ "key": "a", "value": "1 & ${N}" }], "body": "{\"a\": \"${N}\"}",
            }], "csvDataSetConfigList": [] } },
            "testSetup": [{ "virtualUsersPerEngine": 5, "durationInSeconds": 30, "loadType": "Linear",
                "scenario": "group", "rampUpTimeInSeconds": 6 }],
        })
    }

    fn parsed(config: &Value) -> Result<UrlConfig, String> {
        read(config.to_string().as_bytes())
    }

    #[test]
    fn variables_and_secrets_are_filled_in() {
        let config = parsed(&config()).expect("a valid file");
        let known = [("ENDPOINT_URL", "http://127.0.0.1:1/e"), ("API_KEY", "hunter2"), ("N", "7")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let plan = plan(&config, Variables::Known(&known.into()), 2).expect("a plan");
        let request = &plan.requests[0];
        assert_eq!(request.url.to_string(), "http://127.0.0.1:1/e/score?a=1+%26+7");
        assert_eq!(request.headers[0].1, "Bearer hunter2");
        assert_eq!((&request.body[..], &request.method), (&b"{\"a\": \"7\"}"[..], &Method::POST));
        assert_eq!((plan.load, plan.ramp_up.as_secs()), (UrlLoad::Users(10), 6));
    }

    #[test]
    fn a_missing_variable_is_named_and_does_not_matter_before_a_run() {
        let config = parsed(&config()).expect("a valid file");
        let refused =
            plan(&config, Variables::Known(&BTreeMap::new()), 1).expect_err("no variables");
        assert!(refused.contains("ENDPOINT_URL") && refused.contains("\"score\""), "{refused}");
        plan(&config, Variables::Any, 1).expect("validation knows no variables");
    }

    #[test]
    fn what_the_generator_cannot_do_is_refused() {
        let without = |pointer: &str, value: Value| {
            let mut config = config();
            *config.pointer_mut(pointer).expect("a place") = value;
            parsed(&config).and_then(|config| plan(&config, Variables::Any, 1))
        };
        let request = "/scenarios/group/requests/0";
        for (pointer, value) in [
            ("/version".to_owned(), json!("2.0")),
            ("/testSetup/0/loadType".to_owned(), json!("Spike")),
            ("/testSetup/0/scenario".to_owned(), json!("other")),
            ("/testSetup/0/durationInSeconds".to_owned(), json!(0)),
            ("/scenarios/group/csvDataSetConfigList".to_owned(), json!([{}])),
            ("/scenarios/group/requests".to_owned(), json!([])),
            (format!("{request}/requestType"), json!("CURL")),
            (format!("{request}/endpoint"), json!("ftp://x")),
            (format!("{request}/method"), json!("a b")),
            (format!("{request}/headers"), json!({ "a b": "c" })),
        ] {
            assert!(without(&pointer, value).is_err(), "{pointer}");
        }
    }

    #[test]
    fn a_quick_test_has_users_or_a_rate() {
        let of = |config: Value| quick(&json!({ "optionalLoadTestConfig": config }));
        let users = of(
            json!({ "endpointUrl": "http://a/", "virtualUsers": 3, "duration": 10, "rampUpTime": 20 }),
        );
        let users = users.expect("valid");
        assert_eq!((users.load, users.ramp_up_s), (Load::UsersPerEngine(3), 10));
        let rate =
            of(json!({ "endpointUrl": "http://a/", "requestsPerSecond": 500 })).expect("valid");
        let rate = plan(&rate, Variables::Any, 1).expect("a plan");
        assert_eq!(rate.load, UrlLoad::Rate { per_second: 500.0, connections_max: 1_000 });
        assert!(
            of(json!({})).is_err()
                && of(json!({ "endpointUrl": "http://a/", "virtualUsers": 0 })).is_err()
        );
    }
}
