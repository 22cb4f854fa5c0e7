//! Faults on demand: a person asks for one by the name given to a deployment.
//!
//! One list serves the instances, the control plane and the help text. What the control plane must act out itself is
//! marked by [`Fault::is_control_plane`].

use std::fmt;

/// Something that goes wrong on purpose with a deployment whose name starts with [`Fault::prefix`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The model server exits shortly after it started, again and again.
    Crash,
    /// The model server runs and is alive, but never becomes ready.
    Readiness,
    /// Every scoring request is answered 500 by the model, hence 424 by the endpoint.
    Scoring,
    /// Every scoring request takes about 300 ms longer.
    SlowScoring,
    /// One scoring request in ten is answered 500 by the model.
    Some,
    /// The environment's image cannot be pulled (acted out by the control plane).
    ImagePull,
    /// The subscription has no cores left (acted out by the control plane).
    Quota,
    /// The model's files cannot be downloaded (acted out by the control plane).
    ModelDownload,
}

impl Fault {
    /// Every fault there is, in the order in which help should list them.
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

    /// What a deployment's name starts with to ask for this fault.
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

    /// What happens, in one sentence for a person.
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

    /// The fault that a deployment of this name asks for.
    pub fn from_deployment_name(name: &str) -> Option<Fault> {
        Fault::all().iter().copied().find(|fault| name.starts_with(fault.prefix()))
    }

    /// Whether the control plane acts the fault out, before any instance is started.
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
