//! A route as a plain HTML form or a URL's query carries it:
//! `live.blue=90&live.green=10&mirror=red&mirror_percent=20`.

use super::endpoint::Endpoint;
use super::name::DeploymentName;
use super::route::{Mirror, Route, RouteError, Split};

/// The prefix of the fields with live shares; a deployment's name follows.
pub const LIVE_PREFIX: &str = "live.";
/// The field that names the mirrored deployment; empty for none.
pub const MIRROR: &str = "mirror";
/// The field with the mirrored per cent.
pub const MIRROR_PERCENT: &str = "mirror_percent";
/// The field with the route that the person saw when deciding, in its text form.
pub const BASE: &str = "base";

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
    let mut shares = Vec::new();
    for (field, value) in fields {
        let Some(name) = field.strip_prefix(LIVE_PREFIX) else { continue };
        match (name.parse::<DeploymentName>(), percent(value)) {
            (Ok(name), Ok(_)) if shares.iter().any(|(known, _)| *known == name) => {
                let message = format!("{name} is there twice; name each deployment once");
                problems.push(problem(field, message));
            }
            (Ok(name), Ok(share)) => shares.push((name, share)),
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
    let share = percent(text).map_err(|message| vec![problem(MIRROR_PERCENT, message)])?;
    if share == 0 {
        return Ok(None);
    }
    Mirror::new(name, share).map(Some).map_err(|error| vec![problem(MIRROR_PERCENT, error)])
}

fn percent(text: &str) -> Result<u32, String> {
    let shown: String = text.chars().take(20).collect();
    match text.trim().parse::<u32>() {
        Ok(value) if value <= 100 => Ok(value),
        _ => Err(format!("“{shown}” is not a percentage: write a whole number from 0 to 100")),
    }
}
