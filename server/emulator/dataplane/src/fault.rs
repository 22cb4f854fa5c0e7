//! Faults on demand: a deployment's name selects one.
//!
//! The instances, the control plane and the help text use one list. [`Fault::is_control_plane`] marks the
//! faults that the control plane must simulate.

use std::fmt;

/// A deliberate fault of deployments whose name starts with [`Fault::prefix`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The model server repeatedly exits shortly after its start.
    Crash,
    /// The model server is alive but never becomes ready.
    Readiness,
    /// The model answers every scoring request with 500, so the endpoint answers 424.
    Scoring,
    /// Every scoring request takes about 300 ms longer.
    SlowScoring,
    /// The model answers one scoring request in ten with 500.
    Some,
    /// The environment's image cannot be pulled (simulated by the control plane).
    ImagePull,
    /// The subscription has no cores left (simulated by the control plane).
    Quota,
    /// The model's files cannot be downloaded (simulated by the control plane).
    ModelDownload,
}

impl Fault {
    /// All faults, in the order of the help text.
    pub const fn all() -> &'static [Fault] {
        &[
            Fault::Crash,
            Fault::Readiness,
            Fault::Scoring,
            Fault::SlowScoring,
            Fault::Some,
            Fault::ImagePull,
            Fault::Quota,
            Fault::ModelDownload,
        ]
    }

    /// The prefix of a deployment's name that selects this fault.
    pub const fn prefix(self) -> &'static str {
        match self {
            Fault::Crash => "fail-crash",
            Fault::Readiness => "fail-readiness",
            Fault::Scoring => "fail-scoring",
            Fault::SlowScoring => "slow-scoring",
            Fault::Some => "fail-some",
            Fault::ImagePull => "fail-image-pull",
            Fault::Quota => "fail-quota",
            Fault::ModelDownload => "fail-model-download",
        }
    }

    /// A description in one sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Fault::Crash => {
                "The model server exits right after it started, so the deployment fails in a crash loop."
            }
            Fault::Readiness => {
                "The model server runs but never reports ready, so the deployment fails on its readiness probe."
            }
            Fault::Scoring => {
                "The model answers every scoring request with 500, which callers see as 424."
            }
            Fault::SlowScoring => "Every scoring request takes about 300 ms longer.",
            Fault::Some => "The model answers one scoring request in ten with 500.",
            Fault::ImagePull => "The environment's image cannot be pulled from its registry.",
            Fault::Quota => "The subscription has too few cores left for the instances.",
            Fault::ModelDownload => "The storage initializer cannot download the model's files.",
        }
    }

    /// The fault that this name selects.
    pub fn from_deployment_name(name: &str) -> Option<Fault> {
        Fault::all().iter().copied().find(|fault| name.starts_with(fault.prefix()))
    }

    /// Whether the control plane simulates the fault before it starts an instance.
    pub const fn is_control_plane(self) -> bool {
        matches!(self, Fault::ImagePull | Fault::Quota | Fault::ModelDownload)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.prefix())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_prefix_names_its_own_fault() {
        for fault in Fault::all() {
            assert_eq!(Fault::from_deployment_name(fault.prefix()), Some(*fault));
            assert_eq!(Fault::from_deployment_name(&format!("{fault}-2")), Some(*fault));
        }
        assert_eq!(Fault::from_deployment_name("blue"), None);
        assert_eq!(Fault::from_deployment_name("my-fail-crash"), None);
    }
}
