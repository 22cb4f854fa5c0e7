//! Converts a draft from and to a form or URL query: `at=anet-prod/anet-ep-prod&name=anet-nbq2&mirror=20`.

use super::ShadowDraft;
use crate::name::DeploymentName;
use crate::release::percent::Percent;
use crate::route::{MIRROR_MAX, RouteError};
use crate::route_form::FieldProblem;
use crate::stage::EndpointKey;
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
    Name,
    Config,
    Model,
    Environment,
    /// Percentage of live traffic to mirror.
    Mirror,
    /// Percentage of live traffic.
    Traffic,
}

impl Field {
    /// All fields, in the order of the steps.
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

    /// The field's name in a form.
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

    /// The field's label.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::At => "Endpoint",
            Self::Reference => "Branch, tag or commit",
            Self::Name => "Name of the new deployment",
            Self::Config => "YAML path in the repository",
            Self::Model => "Model",
            Self::Environment => "Environment",
            Self::Mirror => "Mirror %",
            Self::Traffic => "Live %",
        }
    }

    /// The problem with a text in this field, if any. An empty text is valid.
    #[must_use]
    pub fn problem(self, text: &str) -> Option<String> {
        self.take(text, &mut ShadowDraft::default()).err()
    }

    /// Parses a text and stores the value in a draft.
    fn take(self, text: &str, draft: &mut ShadowDraft) -> Result<(), String> {
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

    /// The draft's value for this field.
    #[must_use]
    pub fn of(self, draft: &ShadowDraft) -> Option<String> {
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
    crate::text::sentence(&error.to_string())
}

fn place(text: &str) -> Result<EndpointKey, String> {
    let Some((stage, endpoint)) = text.split_once('/') else {
        return Err("Choose an endpoint. Example: anet-prod/anet-ep-prod.".to_owned());
    };
    let (stage, endpoint) = (stage.parse().map_err(sentence)?, endpoint.parse().map_err(sentence)?);
    Ok(EndpointKey { stage, endpoint })
}

/// Rejects names that end in “shadow”: the shadow becomes the primary, and Azure cannot rename a deployment.
fn name(text: &str) -> Result<DeploymentName, String> {
    let said = text.to_ascii_lowercase();
    if said.ends_with("shadow") {
        let text: String = text.chars().take(40).collect();
        return Err(format!(
            "“{text}” ends in “shadow”, and the deployment keeps that name as the primary once it is promoted. \
             Choose a name that suits a primary. Example: anet-nbq2."
        ));
    }
    text.parse().map_err(sentence)
}

/// 0 counts as not given, as in the templates.
fn percent(text: &str) -> Result<Option<Percent>, String> {
    let shown = || text.chars().take(20).collect::<String>();
    let number: i64 = text.parse().map_err(|_| format!("“{}” is not a whole number.", shown()))?;
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

/// Reads a draft from a query. Leaves invalid fields out of the draft and returns their problems.
#[must_use]
pub fn parse(query: &[(String, String)]) -> (ShadowDraft, Vec<FieldProblem>) {
    let mut draft = ShadowDraft::default();
    let mut problems = Vec::new();
    for field in Field::ALL {
        let given = query.iter().rfind(|(key, _)| key == field.key());
        let taken = given.map_or(Ok(()), |(_, text)| field.take(text, &mut draft));
        if let Err(message) = taken {
            problems.push(FieldProblem::new(field.key(), message));
        }
    }
    (draft, problems)
}

/// The inverse of [`parse`].
#[must_use]
pub fn fields(draft: &ShadowDraft) -> Vec<(String, String)> {
    let one = |field: Field| Some((field.key().to_owned(), field.of(draft)?));
    Field::ALL.into_iter().filter_map(one).collect()
}
