//! Azure's own bodies of an endpoint and its deployments, kept as texts: as trees they would take several
//! times the memory, and they are only looked at when a release is compared.

use crate::redact::Values;
use app::domain::name::DeploymentName;
use serde_json::Value;
use std::collections::BTreeMap;

/// One body.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Body(Box<str>);

impl Body {
    /// Keeps it.
    #[must_use]
    pub fn new(body: &Value) -> Self {
        Self(body.to_string().into())
    }

    /// As Azure said it; `Null` when none was kept.
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

/// Those of one endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bodies {
    /// The endpoint's.
    pub endpoint: Body,
    /// Its deployments'.
    pub deployments: BTreeMap<DeploymentName, Body>,
}
