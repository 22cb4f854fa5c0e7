//! The images that the deployments of a plan run. Approvals cover their digests.

use crate::name::DeploymentName;
use serde::{Deserialize, Serialize};

/// The image of one deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedImage {
    /// The version of the environment: `env:3`.
    pub environment: String,
    /// The image as the version names it.
    pub image: String,
    /// What the image is now: `sha256:…`. `None` if it is not in the workspace's registry, or if the console may not
    /// read that registry.
    pub digest: Option<String>,
}

impl PlannedImage {
    /// Whether the version names a tag, which can move to another image.
    #[must_use]
    pub fn can_move(&self) -> bool {
        !self.image.contains('@')
    }

    /// A sentence that describes how the image of a deployment changed; `None` if it did not.
    #[must_use]
    pub fn changed(&self, name: &DeploymentName, now: &Self) -> Option<String> {
        let of = |image: &Self| match &image.digest {
            Some(digest) => format!("{} ({digest})", image.environment),
            None => format!("{} (digest not known)", image.environment),
        };
        (self.digest != now.digest || self.environment != now.environment).then(|| {
            format!("The image of {name} changed: it was {}, it is now {}.", of(self), of(now))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_changes_with_its_digest_or_version() {
        let image = |environment: &str, digest: Option<&str>| PlannedImage {
            environment: environment.to_owned(),
            image: "acr.azurecr.io/env:latest".to_owned(),
            digest: digest.map(str::to_owned),
        };
        let name = "green".parse().expect("a name");
        let one = image("env:1", Some("sha256:1"));
        assert_eq!(one.changed(&name, &one), None);
        for (now, says) in [
            (image("env:1", Some("sha256:2")), "it is now env:1 (sha256:2)."),
            (image("env:2", Some("sha256:1")), "it is now env:2 (sha256:1)."),
            (image("env:1", None), "it is now env:1 (digest not known)."),
        ] {
            let said = one.changed(&name, &now).expect("it changed");
            assert!(said.contains(says), "{said}");
        }
        assert!(one.can_move());
        let pinned = PlannedImage { image: "acr.azurecr.io/env@sha256:1".to_owned(), ..one };
        assert!(!pinned.can_move());
    }
}
