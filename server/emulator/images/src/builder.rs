//! Which builder builds.

/// A way to build an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Builder {
    Buildah,
    Docker,
    /// Reads the Dockerfile and runs its start command as a plain process.
    Process,
}

/// The option `--builder`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BuilderChoice {
    /// buildah if installed and usable, else docker if its daemon answers, else [`Builder::Process`].
    #[default]
    Auto,
    Only(Builder),
}

impl BuilderChoice {
    /// Finds the builder, by running the programs once.
    pub async fn find(self) -> Builder {
        match self {
            Self::Only(builder) => builder,
            Self::Auto if crate::buildah::is_usable().await => Builder::Buildah,
            Self::Auto if crate::docker::is_usable().await => Builder::Docker,
            Self::Auto => Builder::Process,
        }
    }
}

/// The text names no builder.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write auto, buildah, docker or process")]
pub struct BuilderChoiceError;

impl std::str::FromStr for BuilderChoice {
    type Err = BuilderChoiceError;
    fn from_str(text: &str) -> Result<Self, BuilderChoiceError> {
        match text {
            "auto" => Ok(Self::Auto),
            "buildah" => Ok(Self::Only(Builder::Buildah)),
            "docker" => Ok(Self::Only(Builder::Docker)),
            "process" => Ok(Self::Only(Builder::Process)),
            _ => Err(BuilderChoiceError),
        }
    }
}
