//! The steps of the run book, and how far one is.

/// A step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Which {
    /// An endpoint with a primary.
    Endpoint,
    /// The image.
    Image,
    /// Deployed and load-tested on dev.
    Dev,
    /// Created without live traffic.
    Create,
    /// Mirrored to.
    Mirror,
    /// Compared.
    Compare,
    /// Live.
    Promote,
    /// The old primary is gone.
    Retire,
    /// The workflow names the new primary.
    CleanUp,
}

impl Which {
    /// All, in order.
    pub const ALL: [Self; 9] = [
        Self::Endpoint,
        Self::Image,
        Self::Dev,
        Self::Create,
        Self::Mirror,
        Self::Compare,
        Self::Promote,
        Self::Retire,
        Self::CleanUp,
    ];

    /// Its word in URLs.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Endpoint => "endpoint",
            Self::Image => "image",
            Self::Dev => "dev",
            Self::Create => "create",
            Self::Mirror => "mirror",
            Self::Compare => "compare",
            Self::Promote => "promote",
            Self::Retire => "retire",
            Self::CleanUp => "clean-up",
        }
    }

    /// By its word in URLs.
    #[must_use]
    pub fn of_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|which| which.slug() == slug)
    }

    /// For people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Endpoint => "Choose the endpoint",
            Self::Image => "Build the image",
            Self::Dev => "Try it on dev",
            Self::Create => "Create it without live traffic",
            Self::Mirror => "Mirror live traffic to it",
            Self::Compare => "Compare",
            Self::Promote => "Move live traffic",
            Self::Retire => "Delete the old primary",
            Self::CleanUp => "Clean up the workflow",
        }
    }
}

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Observed to be done.
    Done,
    /// Observed to be under way.
    Busy,
    /// Can be done now.
    Open,
    /// Observed to be in the way.
    Stuck,
    /// Out of order: something else comes first.
    Early,
    /// Done elsewhere, and not observed from here.
    Elsewhere,
}

/// A step with what was observed of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Which.
    pub which: Which,
    /// How far it is.
    pub progress: Progress,
    /// The facts, and what to do.
    pub says: String,
}
