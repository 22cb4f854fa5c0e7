//! The requests of a URL test, as its file `URL_TEST_CONFIG` or its configuration says them.
//!
//! Source of the file's format: azure-cli-extensions, load, recorded upload of `sample-url-requests.json` (version 1.0).

use serde_json::Value;

use super::body::whole;

/// More than anybody writes by hand.
const REQUESTS_MAX: usize = 1_000;
/// Users of one engine (learn.microsoft.com, URL tests: 250), and of all engines of the load crate.
const USERS_MAX: i64 = 20_000;
const DAY_S: i64 = 24 * 3600;

/// Requests with `${name}` in the place of variables, and how often they are sent.
#[derive(Clone, Debug, PartialEq)]
pub struct UrlConfig {
    pub requests: Vec<Request>,
    pub load: Load,
    pub ramp_up_s: u64,
    pub duration_s: u64,
}

/// How much is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Load {
    UsersPerEngine(u32),
    /// Of all engines together, with the longest response that is expected, in milliseconds.
    PerSecond(u32, u32),
}

/// One request.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    pub name: String,
    pub method: String,
    pub endpoint: String,
    pub headers: Vec<(String, String)>,
    pub query: Vec<(String, String)>,
    pub body: String,
}

fn number(value: Option<i64>, default: i64) -> u32 {
    u32::try_from(value.unwrap_or(default)).unwrap_or(u32::MAX)
}

/// A test without a file: `loadTestConfiguration.optionalLoadTestConfig`.
///
/// # Errors
/// The broken rule.
pub fn quick(configuration: &Value) -> Result<UrlConfig, String> {
    let of = &configuration["optionalLoadTestConfig"];
    let endpoint = of["endpointUrl"].as_str().filter(|url| !url.is_empty());
    let endpoint = endpoint.ok_or("A quick test needs optionalLoadTestConfig.endpointUrl.")?;
    let per_second = whole(of, "requestsPerSecond", 1, 1_000_000)?;
    let response_ms = number(whole(of, "maxResponseTimeInMs", 1, DAY_S * 1000)?, 1_000);
    let users = number(whole(of, "virtualUsers", 1, USERS_MAX)?, 1);
    let duration = whole(of, "duration", 1, DAY_S)?.unwrap_or(60);
    let ramp_up = whole(of, "rampUpTime", 0, DAY_S)?.unwrap_or(0);
    let request = Request {
        name: "HTTP Request".to_owned(),
        method: "GET".to_owned(),
        endpoint: endpoint.to_owned(),
        headers: Vec::new(),
        query: Vec::new(),
        body: String::new(),
    };
    Ok(UrlConfig {
        requests: vec![request],
        load: match per_second {
            Some(rate) => Load::PerSecond(number(Some(rate), 1), response_ms),
            None => Load::UsersPerEngine(users),
        },
        ramp_up_s: u64::try_from(ramp_up.min(duration)).unwrap_or(0),
        duration_s: u64::try_from(duration).unwrap_or(60),
    })
}

/// A file of the type `URL_TEST_CONFIG`.
///
/// # Errors
/// The broken rule.
pub fn read(bytes: &[u8]) -> Result<UrlConfig, String> {
    let all: Value =
        serde_json::from_slice(bytes).map_err(|error| format!("it is not JSON: {error}"))?;
    if all["version"] != "1.0" {
        return Err("its version must be \"1.0\"".to_owned());
    }
    let setup = match all["testSetup"].as_array().map(Vec::as_slice) {
        Some([setup]) => setup,
        _ => return Err("testSetup must have one entry".to_owned()),
    };
    let scenario = setup["scenario"].as_str().unwrap_or_default();
    let group = &all["scenarios"][scenario];
    if !group.is_object() {
        return Err(format!("there is no scenario {scenario:?}, which testSetup names"));
    }
    if group["csvDataSetConfigList"].as_array().is_some_and(|list| !list.is_empty()) {
        return Err("the emulator sends no CSV data; leave csvDataSetConfigList empty, or use a Locust test".to_owned());
    }
    if !matches!(setup["loadType"].as_str(), None | Some("Linear")) {
        return Err("the emulator knows the loadType Linear only".to_owned());
    }
    let requests = group["requests"].as_array().map(Vec::as_slice).unwrap_or_default();
    if requests.is_empty() || requests.len() > REQUESTS_MAX {
        return Err(format!("a scenario has 1 to {REQUESTS_MAX} requests"));
    }
    let users = whole(setup, "virtualUsersPerEngine", 1, USERS_MAX)?;
    let duration = whole(setup, "durationInSeconds", 1, DAY_S)?;
    let duration = duration.ok_or("testSetup needs durationInSeconds")?;
    let ramp_up = whole(setup, "rampUpTimeInSeconds", 0, duration)?.unwrap_or(0);
    Ok(UrlConfig {
        requests: requests.iter().map(request).collect::<Result<_, _>>()?,
        load: Load::UsersPerEngine(number(users, 1)),
        ramp_up_s: u64::try_from(ramp_up).unwrap_or(0),
        duration_s: u64::try_from(duration).unwrap_or(60),
    })
}

fn request(sent: &Value) -> Result<Request, String> {
    let text = |name: &str| sent[name].as_str().unwrap_or_default().to_owned();
    let name = text("requestName");
    let refuse = |what: &str| Err(format!("the request {name:?} {what}"));
    if name.is_empty() {
        return Err("each request needs a requestName".to_owned());
    }
    if !text("requestType").is_empty() && !text("requestType").eq_ignore_ascii_case("url") {
        return refuse("has a requestType that the emulator does not know; write URL");
    }
    if sent["responseVariables"].as_array().is_some_and(|list| !list.is_empty()) {
        return refuse(
            "takes variables from its response, which the emulator does not; use a Locust test",
        );
    }
    let endpoint = text("endpoint");
    let is_web = ["http://", "https://", "${"].iter().any(|start| endpoint.starts_with(start));
    if !is_web {
        return refuse("needs an endpoint that begins with http:// or https://");
    }
    let method = Some(text("method")).filter(|m| !m.is_empty()).unwrap_or_else(|| "GET".to_owned());
    let pairs = |map: &Value| match map.as_object() {
        None => Vec::new(),
        Some(map) => map
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
            .collect(),
    };
    let query = sent["queryParameters"].as_array().map(Vec::as_slice).unwrap_or_default();
    let pair =
        |one: &Value| Some((one["key"].as_str()?.to_owned(), one["value"].as_str()?.to_owned()));
    let body = match &sent["body"] {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    Ok(Request {
        method,
        endpoint,
        headers: pairs(&sent["headers"]),
        query: query.iter().filter_map(pair).collect(),
        body,
        name,
    })
}
