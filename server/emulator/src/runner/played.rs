//! Failures that the name of the built environment asks for.

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Played {
    /// The build never ends.
    Stuck,
    /// The build fails.
    Fails,
    /// The registry denies the push.
    Denied,
    /// The runner is lost.
    Lost,
}

const BY_PREFIX: [(&str, Played); 4] = [
    ("stuck-run", Played::Stuck),
    ("fail-run", Played::Fails),
    ("fail-push", Played::Denied),
    ("lost-runner", Played::Lost),
];

impl Played {
    /// What the name asks for, if anything.
    pub fn by_name(name: &str) -> Option<Self> {
        BY_PREFIX.iter().find(|(prefix, _)| name.starts_with(prefix)).map(|(_, played)| *played)
    }
}
