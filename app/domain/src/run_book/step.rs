//! The steps of the run book and their progress.

/// A step of the run book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Which {
    Endpoint,
    Image,
    /// Deploy and load-test on dev.
    Dev,
    /// Create the deployment without live traffic.
    Create,
    Mirror,
    Compare,
    Promote,
    /// Delete the old primary.
    Retire,
    /// Name the new primary in the workflow.
    CleanUp,
}

impl Which {
    /// All steps, in order.
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

    /// The step's word in URLs.
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

    /// Finds a step by its word in URLs.
    #[must_use]
    pub fn of_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|which| which.slug() == slug)
    }

    /// The step's title.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Endpoint => "Choose the endpoint",
            Self::Image => "Build the image",
            Self::Dev => "Test on dev",
            Self::Create => "Create without live traffic",
            Self::Mirror => "Mirror live traffic",
            Self::Compare => "Compare",
            Self::Promote => "Move live traffic",
            Self::Retire => "Delete the old primary",
            Self::CleanUp => "Clean up the workflow",
        }
    }
}

/// The progress of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Done, as observed.
    Done,
    /// In progress, as observed.
    Busy,
    /// Can be done now.
    Open,
    /// Blocked by something observed.
    Stuck,
    /// Out of order: another step comes first.
    Early,
    /// Can be done now, but only if the person needs it.
    Optional,
    /// Done outside the console, which does not observe it.
    Elsewhere,
}

/// A step and its progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub which: Which,
    pub progress: Progress,
    /// The observed facts and what to do next.
    pub says: String,
}
