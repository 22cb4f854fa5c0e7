//! A route as a plain HTML form or a URL's query carries it:
//! `live.blue=90&live.green=10&mirror=red&mirror_percent=20`.

use super::endpoint::Endpoint;
use super::name::DeploymentName;
use super::route::{MIRROR_MAX, Mirror, Route, RouteError, Split};
use super::text::shortened;

/// The prefix of the fields with live shares; a deployment's name follows.
pub const LIVE_PREFIX: &str = "live.";
/// The field that names the mirrored deployment; empty for none.
pub const MIRROR: &str = "mirror";
/// The field with the mirrored per cent.
pub const MIRROR_PERCENT: &str = "mirror_percent";
/// The field with the route that the person saw when deciding, in its text form.
pub const BASE: &str = "base";

/// Characters of a refused text that are shown.
const SHOWN_MAX: usize = 20;
/// Most digits of a share: 100 has three.
const DIGITS_MAX: usize = 3;

/// One refused field and the sentence about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// The field's name.
    pub field: String,
    /// What is wrong, which rule, what to do.
    pub message: String,
}

fn problem(field: &str, message: impl std::fmt::Display) -> FieldProblem {
    FieldProblem { field: field.to_owned(), message: message.to_string() }
}

/// Reads a route from the fields of a form. Fields that do not belong to it are left alone.
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
                let message = format!("{name} is there twice; name each deployment once");
                problems.push(problem(field, message));
            }
            (Ok(name), Ok(share)) => shares.push((name, u32::from(share))),
            (Err(error), _) => problems.push(problem(field, error)),
            (_, Err(message)) => problems.push(problem(field, message)),
        }
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
            RouteError::Share { deployment, .. } => format!("{LIVE_PREFIX}{deployment}"),
            RouteError::MirrorIsLive { .. } => MIRROR.to_owned(),
            _ => "live".to_owned(),
        };
        vec![problem(&field, error)]
    })
}

/// The fields of an endpoint's route, one share for every deployment that it has or names: the reverse
/// of [`parse`].
#[must_use]
pub fn fields(endpoint: &Endpoint) -> Vec<(String, String)> {
    let route = &endpoint.route;
    let idle = endpoint.deployments.iter().map(|deployment| &deployment.name);
    let idle = idle.filter(|name| route.split().share(name) == 0);
    let mut fields: Vec<_> =
        idle.map(|name| (format!("{LIVE_PREFIX}{name}"), "0".to_owned())).collect();
    fields.extend(of_route(route));
    fields
}

/// The fields of a route alone.
#[must_use]
pub fn of_route(route: &Route) -> Vec<(String, String)> {
    let share =
        |(name, share): (&DeploymentName, u8)| (format!("{LIVE_PREFIX}{name}"), share.to_string());
    let mut fields: Vec<_> = route.split().iter().map(share).collect();
    if let Some(mirror) = route.mirror() {
        fields.push((MIRROR.to_owned(), mirror.deployment().to_string()));
        fields.push((MIRROR_PERCENT.to_owned(), mirror.percent().to_string()));
    }
    fields
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
        let message = format!("{} percentages are given; one mirror has one", percents.len());
        return Err(vec![problem(MIRROR_PERCENT, message)]);
    }
    let text = percents.first().copied().unwrap_or("");
    let share = mirror_share(text).map_err(|message| vec![problem(MIRROR_PERCENT, message)])?;
    Mirror::new(name, u32::from(share))
        .map(Some)
        .map_err(|error| vec![problem(MIRROR_PERCENT, error)])
}

/// Reads a live share as somebody writes it: digits alone, with blanks around them.
///
/// # Errors
/// The rule, and what was written.
pub fn share(text: &str) -> Result<u8, String> {
    match whole(text) {
        Some(value) if value <= 100 => Ok(value),
        _ => Err(refused(text, "a live share is a whole number from 0 to 100")),
    }
}

/// Reads how much is mirrored, by the same rule.
///
/// # Errors
/// The rule, and what was written.
pub fn mirror_share(text: &str) -> Result<u8, String> {
    match whole(text) {
        Some(0) => Err(format!(
            "0 % cannot be mirrored: Azure mirrors 1 to {MIRROR_MAX} % of live traffic. Choose nobody to \
             clear the mirror"
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

/// Digits and nothing else: no sign, no fraction, no exponent, no other alphabet's digits.
fn whole(text: &str) -> Option<u8> {
    let digits = text.trim();
    let are_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| are_digits && digits.len() <= DIGITS_MAX)
}

fn refused(text: &str, rule: &str) -> String {
    if text.trim().is_empty() {
        return format!("Nothing is written here, and nothing is not a percentage: {rule}");
    }
    format!("“{}” is not a percentage: {rule}", shortened(text, SHOWN_MAX))
}
