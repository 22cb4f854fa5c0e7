//! A draft as a form or a URL's query carries it: `at=anet-prod/anet-ep-prod&name=anet-nbq2&mirror=20`.

use super::Draft;
use crate::domain::name::DeploymentName;
use crate::domain::release::percent::Percent;
use crate::domain::route::{MIRROR_MAX, RouteError};
use crate::domain::route_form::FieldProblem;
use crate::domain::stage::EndpointKey;
use serde::{Deserialize, Serialize};
use std::fmt::Display;

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The endpoint, as `stage/endpoint`.
    At,
    /// A branch, a tag or a commit.
    Reference,
    /// The new deployment's name.
    Name,
    /// Where its YAML is.
    Config,
    /// Its model.
    Model,
    /// Its environment.
    Environment,
    /// The mirrored per cent.
    Mirror,
    /// The live per cent.
    Traffic,
}

impl Field {
    /// All of them, in the order of the steps.
    pub const ALL: [Self; 8] = [
        Self::At,
        Self::Reference,
        Self::Name,
        Self::Config,
        Self::Model,
        Self::Environment,
        Self::Mirror,
        Self::Traffic,
    ];

    /// Its name in a form.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::At => "at",
            Self::Reference => "ref",
            Self::Name => "name",
            Self::Config => "config",
            Self::Model => "model",
            Self::Environment => "environment",
            Self::Mirror => "mirror",
            Self::Traffic => "traffic",
        }
    }

    /// For people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::At => "Endpoint",
            Self::Reference => "Branch, tag or commit",
            Self::Name => "Name of the new deployment",
            Self::Config => "Its YAML's path in the repository",
            Self::Model => "Model",
            Self::Environment => "Environment",
            Self::Mirror => "Mirrored per cent",
            Self::Traffic => "Live per cent",
        }
    }

    /// What is wrong with a text in it; nothing while it is empty.
    #[must_use]
    pub fn problem(self, text: &str) -> Option<String> {
        self.take(text, &mut Draft::default()).err()
    }

    /// Puts a text into a draft.
    fn take(self, text: &str, draft: &mut Draft) -> Result<(), String> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(());
        }
        match self {
            Self::At => draft.at = Some(place(text)?),
            Self::Reference => draft.reference = Some(text.parse().map_err(sentence)?),
            Self::Name => draft.name = Some(name(text)?),
            Self::Config => draft.config = Some(text.parse().map_err(sentence)?),
            Self::Model => draft.model = Some(text.parse().map_err(sentence)?),
            Self::Environment => draft.environment = Some(text.parse().map_err(sentence)?),
            Self::Mirror => draft.mirror = mirror(text)?,
            Self::Traffic => draft.traffic = percent(text)?,
        }
        Ok(())
    }

    /// What a draft has for it.
    #[must_use]
    pub fn of(self, draft: &Draft) -> Option<String> {
        let text = |value: Option<&dyn Display>| value.map(ToString::to_string);
        match self {
            Self::At => draft.at.as_ref().map(|at| format!("{}/{}", at.stage, at.endpoint)),
            Self::Reference => text(draft.reference.as_ref().map(|it| it as _)),
            Self::Name => text(draft.name.as_ref().map(|it| it as _)),
            Self::Config => text(draft.config.as_ref().map(|it| it as _)),
            Self::Model => text(draft.model.as_ref().map(|it| it as _)),
            Self::Environment => text(draft.environment.as_ref().map(|it| it as _)),
            Self::Mirror => draft.mirror.map(|percent| percent.get().to_string()),
            Self::Traffic => draft.traffic.map(|percent| percent.get().to_string()),
        }
    }
}

fn sentence(error: impl Display) -> String {
    format!("{error}.")
}

fn place(text: &str) -> Result<EndpointKey, String> {
    let Some((stage, endpoint)) = text.split_once('/') else {
        return Err("Choose an endpoint, like anet-prod/anet-ep-prod.".to_owned());
    };
    let (stage, endpoint) = (stage.parse().map_err(sentence)?, endpoint.parse().map_err(sentence)?);
    Ok(EndpointKey { stage, endpoint })
}

/// The shadow of today is the primary of tomorrow, and Azure cannot rename it.
fn name(text: &str) -> Result<DeploymentName, String> {
    let said = text.to_ascii_lowercase();
    if said.ends_with("shadow") {
        let text: String = text.chars().take(40).collect();
        return Err(format!(
            "“{text}” ends in “shadow”, and would keep that name as the primary once it is promoted. \
             Choose a name that suits a primary, like one with the model's version."
        ));
    }
    text.parse().map_err(sentence)
}

/// 0 counts as not given, as in the templates.
fn percent(text: &str) -> Result<Option<Percent>, String> {
    let shown = || text.chars().take(20).collect::<String>();
    let number: i64 =
        text.parse().map_err(|_| format!("“{}” is no whole number of per cent.", shown()))?;
    if number == 0 { Ok(None) } else { Percent::try_from(number).map(Some).map_err(sentence) }
}

fn mirror(text: &str) -> Result<Option<Percent>, String> {
    match percent(text)? {
        Some(percent) if percent.get() > MIRROR_MAX => {
            let percent = u32::from(percent.get());
            Err(sentence(RouteError::MirrorPercent { percent }))
        }
        percent => Ok(percent),
    }
}

/// Reads a draft from a query. What is wrong is left out of it, and told.
#[must_use]
pub fn parse(query: &[(String, String)]) -> (Draft, Vec<FieldProblem>) {
    let mut draft = Draft::default();
    let mut problems = Vec::new();
    for field in Field::ALL {
        let given = query.iter().rfind(|(key, _)| key == field.key());
        let taken = given.map_or(Ok(()), |(_, text)| field.take(text, &mut draft));
        if let Err(message) = taken {
            problems.push(FieldProblem { field: field.key().to_owned(), message });
        }
    }
    (draft, problems)
}

/// A draft as the fields of a query: the reverse of [`parse`].
#[must_use]
pub fn fields(draft: &Draft) -> Vec<(String, String)> {
    let one = |field: Field| Some((field.key().to_owned(), field.of(draft)?));
    Field::ALL.into_iter().filter_map(one).collect()
}
