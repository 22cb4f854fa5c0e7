//! A route in an HTML form or a URL query:
//! `live.blue=90&live.green=10&mirror=red&mirror_percent=20`.

use super::endpoint::Endpoint;
use super::name::DeploymentName;
use super::route::{MIRROR_MAX, Mirror, Route, RouteError, Split};
use super::text::{sentence, shortened};

/// The prefix of the fields with live shares; a deployment's name follows.
pub const LIVE_PREFIX: &str = "live.";
/// The field that says that no deployment gets live traffic, with the value [`OFF`].
pub const LIVE: &str = "live";
/// The value of [`LIVE`].
pub const OFF: &str = "off";
/// The field that names the deployment to mirror to; empty for no mirror.
pub const MIRROR: &str = "mirror";
/// The field with the percentage to mirror.
pub const MIRROR_PERCENT: &str = "mirror_percent";
/// The field with the route that the person saw, in text form.
pub const BASE: &str = "base";

/// Maximum number of characters of an invalid value that messages show.
const SHOWN_MAX: usize = 20;
/// Maximum number of digits of a share: 100 has three.
const DIGITS_MAX: usize = 3;

/// A problem with a form field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    pub field: String,
    /// The finding, the rule and the remedy.
    pub message: String,
}

impl FieldProblem {
    /// Completes the message to a sentence, because several problems are shown in a row.
    #[must_use]
    pub fn new(field: &str, message: impl std::fmt::Display) -> Self {
        Self { field: field.to_owned(), message: sentence(&message.to_string()) }
    }
}

fn problem(field: &str, message: impl std::fmt::Display) -> FieldProblem {
    FieldProblem::new(field, message)
}

/// Reads a route from form fields, ignoring unrelated fields.
///
/// # Errors
/// All problems found, each with its field.
pub fn parse(fields: &[(String, String)]) -> Result<Route, Vec<FieldProblem>> {
    let mut problems = Vec::new();
    let mut shares: Vec<(DeploymentName, u32)> = Vec::new();
    for (field, value) in fields {
        let Some(name) = field.strip_prefix(LIVE_PREFIX) else { continue };
        match (name.parse::<DeploymentName>(), share(value)) {
            (Ok(name), Ok(_)) if shares.iter().any(|(known, _)| *known == name) => {
                problems.push(problem(field, RouteError::Twice { deployment: name }));
            }
            (Ok(name), Ok(share)) => shares.push((name, u32::from(share))),
            (Err(error), _) => problems.push(problem(field, error)),
            (_, Err(message)) => problems.push(problem(field, message)),
        }
    }
    let gets_live = shares.iter().any(|(_, share)| *share > 0);
    // A form that lost its fields must not switch everything off.
    if !names_a_share(fields) {
        problems.push(problem(
            LIVE,
            "The form has no shares of live traffic. Give each deployment a share; 0 means no live traffic",
        ));
    } else if gets_live && fields.iter().any(is_off) {
        let message =
            "The form switches live traffic off and gives a deployment a share. Choose one";
        problems.push(problem(LIVE, message));
    }
    let mirror = mirror(fields).unwrap_or_else(|mut found| {
        problems.append(&mut found);
        None
    });
    if !problems.is_empty() {
        return Err(problems);
    }
    let route = Split::new(shares).and_then(|split| Route::new(split, mirror));
    route.map_err(|error| {
        let field = match &error {
            RouteError::Share { deployment, .. } | RouteError::Twice { deployment } => {
                format!("{LIVE_PREFIX}{deployment}")
            }
            RouteError::MirrorIsLive { .. } => MIRROR.to_owned(),
            _ => LIVE.to_owned(),
        };
        vec![problem(&field, error)]
    })
}

/// Reads [`BASE`]. An empty field is a route without live traffic.
///
/// # Errors
/// A full sentence: the field is missing, or is not a route.
pub fn base(fields: &[(String, String)]) -> Result<Route, String> {
    let Some((_, base)) = fields.iter().find(|(field, _)| field == BASE) else {
        return Err("The form is incomplete: the current traffic split is missing.".to_owned());
    };
    let read = base.parse::<Route>();
    read.map_err(|error| format!("In the form, the current traffic split is invalid: {error}."))
}

/// The problem of a [`BASE`] in a page's address that is not a route. An address may lack it.
#[must_use]
pub fn unreadable_base(fields: &[(String, String)]) -> Option<FieldProblem> {
    let (_, text) = fields.iter().find(|(field, _)| field == BASE)?;
    let error = text.parse::<Route>().err()?;
    Some(problem(
        BASE,
        format!(
            "In the address, “{BASE}” must be the traffic split that you started from: {error}. The console cannot \
             tell whether the split has changed since. Check the shares, then update the plan."
        ),
    ))
}

/// Whether fields say how live traffic is shared.
#[must_use]
pub fn names_a_share(fields: &[(String, String)]) -> bool {
    fields.iter().any(|field| field.0.starts_with(LIVE_PREFIX) || is_off(field))
}

fn is_off((field, value): &(String, String)) -> bool {
    field == LIVE && value == OFF
}

/// The fields of an endpoint's route, with a share for every deployment that exists or that the route names. The
/// inverse of [`parse`].
#[must_use]
pub fn fields(endpoint: &Endpoint) -> Vec<(String, String)> {
    let route = &endpoint.route;
    let idle = endpoint.deployments.iter().map(|deployment| &deployment.name);
    let idle = idle.filter(|name| route.split().share(name) == 0);
    let zeros = idle.map(|name| (format!("{LIVE_PREFIX}{name}"), "0".to_owned()));
    with_mirror(zeros.chain(shares(route)).collect(), route)
}

/// The fields of a route, with shares only for live deployments.
#[must_use]
pub fn of_route(route: &Route) -> Vec<(String, String)> {
    with_mirror(shares(route).collect(), route)
}

fn shares(route: &Route) -> impl Iterator<Item = (String, String)> {
    let shares = route.split().iter();
    shares.map(|(name, share)| (format!("{LIVE_PREFIX}{name}"), share.to_string()))
}

fn with_mirror(mut shares: Vec<(String, String)>, route: &Route) -> Vec<(String, String)> {
    if shares.is_empty() {
        shares.push((LIVE.to_owned(), OFF.to_owned()));
    }
    if let Some(mirror) = route.mirror() {
        shares.push((MIRROR.to_owned(), mirror.deployment().to_string()));
        shares.push((MIRROR_PERCENT.to_owned(), mirror.percent().to_string()));
    }
    shares
}

fn mirror(fields: &[(String, String)]) -> Result<Option<Mirror>, Vec<FieldProblem>> {
    let values = |name: &str| {
        let of_name =
            fields.iter().filter(move |(field, value)| field == name && !value.is_empty());
        of_name.map(|(_, value)| value.as_str()).collect::<Vec<_>>()
    };
    let names = values(MIRROR);
    let [name] = names.as_slice() else {
        if names.is_empty() {
            return Ok(None);
        }
        return Err(vec![problem(MIRROR, RouteError::Mirrors { count: names.len() })]);
    };
    let name: DeploymentName = name.parse().map_err(|error| vec![problem(MIRROR, error)])?;
    let percents = values(MIRROR_PERCENT);
    if percents.len() > 1 {
        let message = format!("{} mirror percentages are given. Give one", percents.len());
        return Err(vec![problem(MIRROR_PERCENT, message)]);
    }
    let text = percents.first().copied().unwrap_or("");
    let share = mirror_share(text).map_err(|message| vec![problem(MIRROR_PERCENT, message)])?;
    Mirror::new(name, u32::from(share))
        .map(Some)
        .map_err(|error| vec![problem(MIRROR_PERCENT, error)])
}

/// Parses a live share: digits only, with optional spaces around them.
///
/// # Errors
/// A sentence with the rule and the invalid text.
pub fn share(text: &str) -> Result<u8, String> {
    match whole(text) {
        Some(value) if value <= 100 => Ok(value),
        _ => Err(refused(text, "a live share is a whole number from 0 to 100")),
    }
}

/// Parses a mirror percentage, like [`share`].
///
/// # Errors
/// A sentence with the rule and the invalid text.
pub fn mirror_share(text: &str) -> Result<u8, String> {
    match whole(text) {
        Some(0) => Err(format!(
            "0 % cannot be mirrored: Azure mirrors 1 to {MIRROR_MAX} % of live traffic. Choose “No deployment” \
             to clear the mirror"
        )),
        Some(value) if value <= MIRROR_MAX => Ok(value),
        Some(value) => Err(RouteError::MirrorPercent { percent: u32::from(value) }.to_string()),
        None => {
            let rule =
                format!("Azure mirrors a whole number from 1 to {MIRROR_MAX} % of live traffic");
            Err(refused(text, &rule))
        }
    }
}

/// Accepts ASCII digits only: no sign, fraction or exponent.
fn whole(text: &str) -> Option<u8> {
    let digits = text.trim();
    let are_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| are_digits && digits.len() <= DIGITS_MAX)
}

fn refused(text: &str, rule: &str) -> String {
    if text.trim().is_empty() {
        return format!("An empty field is not a percentage: {rule}");
    }
    format!("“{}” is not a percentage: {rule}", shortened(text, SHOWN_MAX))
}
