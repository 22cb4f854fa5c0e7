//! Failures by name: a build whose image has a name with one of these prefixes goes wrong accordingly, as
//! deployments do ([`dataplane::Fault`]).

use crate::builds::kept::Image;

/// What goes wrong in a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfortune {
    /// The registry refuses the push.
    Denied,
    /// The agent's disk is full.
    Space,
    /// The base image does not exist.
    Base,
    /// The agent is lost: the run ends in `Error`.
    Agent,
    /// The log stops, and the run stays `Running`.
    StuckLog,
    /// No agent takes the run.
    StuckQueue,
}

const NAMES: [(&str, Misfortune); 6] = [
    ("fail-denied", Misfortune::Denied),
    ("fail-space", Misfortune::Space),
    ("fail-base", Misfortune::Base),
    ("fail-agent", Misfortune::Agent),
    ("stuck-log", Misfortune::StuckLog),
    ("stuck-queue", Misfortune::StuckQueue),
];
/// `scheduleRun` itself is refused.
const REFUSED: &str = "fail-quota";

/// Whether the name, or its last part, has the prefix.
fn has(repository: &str, prefix: &str) -> bool {
    let last = repository.rsplit('/').next().unwrap_or(repository);
    repository.starts_with(prefix) || last.starts_with(prefix)
}

/// What goes wrong in a build of these images.
pub fn of(images: &[Image]) -> Option<Misfortune> {
    let named = |image: &Image| NAMES.iter().find(|(prefix, _)| has(&image.repository, prefix));
    images.iter().find_map(named).map(|(_, misfortune)| *misfortune)
}

/// Whether the registry does not even schedule a build with these image names.
pub fn is_refused(names: &[String]) -> bool {
    names.iter().any(|name| has(name, REFUSED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_counts_at_the_start_of_the_name_and_of_its_last_part() {
        let check = |repository: &str, expect: Option<Misfortune>| {
            let image = Image { repository: repository.to_owned(), tag: "1".to_owned() };
            assert_eq!(of(&[image]), expect, "{repository}");
        };
        check("fail-denied", Some(Misfortune::Denied));
        check("team/fail-space-2", Some(Misfortune::Space));
        check("stuck-log/app", Some(Misfortune::StuckLog));
        check("my-fail-denied", None);
        assert!(is_refused(&["fail-quota:1".to_owned()]) && !is_refused(&["app:1".to_owned()]));
    }
}
