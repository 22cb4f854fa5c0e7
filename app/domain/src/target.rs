//! The target of a plan, a change or a run.

use crate::name::StageName;
use crate::stage::EndpointKey;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a plan or a run changes. At most one run changes a target at a time, so that building an image, for example,
/// never blocks an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    Endpoint(EndpointKey),
    /// An image and its environment.
    Image {
        /// The stage that registers the environment.
        stage: StageName,
        name: String,
    },
}

impl Target {
    /// The stage.
    #[must_use]
    pub fn stage(&self) -> &StageName {
        match self {
            Self::Endpoint(at) => &at.stage,
            Self::Image { stage, .. } => stage,
        }
    }

    /// The name of the endpoint or image.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Endpoint(at) => at.endpoint.as_str(),
            Self::Image { name, .. } => name,
        }
    }

    /// The endpoint; `None` for another target.
    #[must_use]
    pub fn endpoint(&self) -> Option<&EndpointKey> {
        match self {
            Self::Endpoint(at) => Some(at),
            Self::Image { .. } => None,
        }
    }

    /// The text by which the store and its leases tell targets apart, in lower case, because Azure ignores case in names.
    #[must_use]
    pub fn key(&self) -> String {
        let kind = match self {
            Self::Endpoint(_) => "endpoint",
            Self::Image { .. } => "image",
        };
        format!("{kind}/{}/{}", self.stage(), self.name().to_lowercase())
    }
}

impl From<EndpointKey> for Target {
    fn from(at: EndpointKey) -> Self {
        Self::Endpoint(at)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.name(), self.stage())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_and_an_endpoint_of_the_same_name_have_different_keys() {
        let stage: StageName = "anet-prod".parse().expect("a stage");
        let endpoint =
            EndpointKey { stage: stage.clone(), endpoint: "Nbq-Ep".parse().expect("a name") };
        let endpoint = Target::Endpoint(endpoint);
        let image = Target::Image { stage, name: "nbq-ep".to_owned() };
        assert_eq!(endpoint.key(), "endpoint/anet-prod/nbq-ep");
        assert_eq!(image.key(), "image/anet-prod/nbq-ep");
    }
}
