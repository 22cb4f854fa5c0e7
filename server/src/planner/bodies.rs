//! Azure's own bodies of an endpoint and its deployments, stored as text. Parsed bodies would need several times the
//! memory, and only comparisons with a release need them.

use crate::redact::Values;
use domain::name::DeploymentName;
use serde_json::Value;
use std::collections::BTreeMap;

/// The text of one body.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Body(Box<str>);

impl Body {
    /// Keeps a body as text.
    #[must_use]
    pub fn new(body: &Value) -> Self {
        Self(body.to_string().into())
    }

    /// The body as Azure reported it; `Null` when there is no body.
    #[must_use]
    pub fn value(&self) -> Value {
        serde_json::from_str(&self.0).unwrap_or_default()
    }
}

impl Bodies {
    /// The secrets of an endpoint and its deployments.
    #[must_use]
    pub fn secrets(&self) -> Values {
        let mut values = Values::of_body(&self.endpoint.value());
        self.deployments.values().for_each(|body| values.add_body(&body.value()));
        values
    }
}

/// The bodies of one endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bodies {
    pub endpoint: Body,
    pub deployments: BTreeMap<DeploymentName, Body>,
}
