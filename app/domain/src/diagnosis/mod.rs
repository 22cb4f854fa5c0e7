//! Explains Azure's failures in plain words: rules map error codes and log lines to a cause, a fix and a section of
//! Microsoft's documentation.
//!
//! A diagnosis is an interpretation, so screens also show Azure's own message and the matching line. A failure that
//! matches no rule has no diagnosis.

mod rules;

use crate::text::shortened;
use rules::{RULES, Rule};
use serde::{Deserialize, Serialize};

/// Microsoft's troubleshooting article; each rule links to a section.
const ARTICLE: &str =
    "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints";

/// Maximum length of the matching line on screens, in characters.
const LINE_CHARS_MAX: usize = 200;

/// A failure in plain words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnosis {
    pub cause: String,
    pub fix: String,
    pub link: String,
    /// The matching line of the message or the log.
    pub line: String,
}

/// Why Azure failed to provision something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub message: String,
    /// The diagnosis, if a rule matches.
    pub diagnosis: Option<Diagnosis>,
}

impl Failure {
    /// Diagnoses Azure's message and the last log lines of the containers.
    #[must_use]
    pub fn new(message: String, log: &[String]) -> Self {
        let diagnosis = diagnose(&message, log);
        Self { message, diagnosis }
    }
}

/// Diagnoses Azure's message and the last log lines of the containers. The first matching rule wins; rules are
/// ordered from specific to general. In a log the last matching line counts, because the cause of a crash is at the
/// end.
#[must_use]
pub fn diagnose(message: &str, log: &[String]) -> Option<Diagnosis> {
    let lines = || log.iter().rev().map(String::as_str).chain(message.lines());
    RULES.iter().find_map(|rule| {
        let line = lines().find(|line| rule.fits(line))?;
        Some(rule.says(line))
    })
}

impl Rule {
    fn fits(&self, line: &str) -> bool {
        let line = line.to_ascii_lowercase();
        self.words.iter().any(|all| all.iter().all(|part| line.contains(part)))
    }

    fn says(&self, line: &str) -> Diagnosis {
        Diagnosis {
            cause: self.cause.to_owned(),
            fix: self.fix.to_owned(),
            link: format!("{ARTICLE}#{}", self.anchor),
            line: shortened(line.trim(), LINE_CHARS_MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(message: &str, log: &[&str]) -> Option<Diagnosis> {
        let log: Vec<_> = log.iter().map(|&line| line.to_owned()).collect();
        diagnose(message, &log)
    }

    /// Messages of Azure, Python and the kernel, and a word that the cause must contain.
    #[test]
    fn known_failures_have_a_diagnosis() {
        let crashed = "ResourceNotReady: User container has crashed or terminated. Please see troubleshooting guide";
        let cases: [(&str, &[&str], &str, &str); 30] = [
            (
                crashed,
                &["ModuleNotFoundError: No module named 'sklearn'"],
                "package",
                "No module named",
            ),
            (
                crashed,
                &["ImportError: libGL.so.1: cannot open shared object file"],
                "package",
                "libGL",
            ),
            (
                crashed,
                &["  File \"score.py\", line 3", "SyntaxError: invalid syntax"],
                "syntax",
                "SyntaxError",
            ),
            (
                crashed,
                &["MemoryError: Unable to allocate 3.05 GiB for an array"],
                "memory",
                "3.05 GiB",
            ),
            (crashed, &["torch.cuda.OutOfMemoryError: CUDA out of memory."], "GPU has", "CUDA"),
            (crashed, &["worker exited with signal 9 (Killed)"], "memory", "signal 9"),
            (crashed, &["OSError: [Errno 28] No space left on device"], "disk", "Errno 28"),
            (
                crashed,
                &[
                    "FileNotFoundError: [Errno 2] No such file or directory: '/var/azureml-app/azureml-models/nbq/2/m.pkl'",
                ],
                "file",
                "m.pkl",
            ),
            (crashed, &["OSError: [Errno 98] Address already in use"], "port", "Errno 98"),
            (
                crashed,
                &["TypeError: register() takes 3 positional arguments but 4 were given"],
                "flask",
                "register",
            ),
            (crashed, &["Exception: User does not have a valid init() function"], "init", "init()"),
            (crashed, &["all fine", ""], "stopped", "crashed"),
            (
                "ResourceNotReady: the readiness probe of instance i-0 failed 3 times.",
                &[],
                "readiness",
                "readiness",
            ),
            (
                "ResourceNotReady: Liveness probe failed: HTTP probe failed with statuscode: 502",
                &[],
                "liveness",
                "Liveness",
            ),
            (
                "OutOfQuota: Not enough quota available for Standard_DS3_v2 in SubscriptionId",
                &[],
                "quota",
                "Standard_DS3_v2",
            ),
            (
                "OutOfQuota: Kubernetes unschedulable. Details:0/1 nodes are available: 1 Too many pods",
                &[],
                "cluster",
                "unschedulable",
            ),
            (
                "SkuNotAvailable: The requested VM size is currently not available in location westeurope",
                &[],
                "region",
                "SkuNotAvailable",
            ),
            ("BadArgument: Unable to download user container image", &[], "image", "Unable"),
            ("BadArgument: Unable to download user model", &[], "model", "user model"),
            (
                "BadArgument: Startup task failed due to authorization error",
                &[],
                "identity",
                "authorization",
            ),
            (
                "ImageBuildFailure: container registry authorization failure",
                &[],
                "registry",
                "ImageBuildFailure",
            ),
            (
                "ImageBuildFailure: failed to communicate with the workspace's container registry",
                &[],
                "private",
                "communicate",
            ),
            ("ImageBuildFailure: the image build timed out", &[], "long", "timed out"),
            ("ImageBuildFailure: see the build log", &[], "image", "build log"),
            (
                "ResourceNotFound: the storage account anet was not found",
                &[],
                "does not exist",
                "anet",
            ),
            ("WorkspaceManagedNetworkNotReady: provision it first", &[], "network", "provision"),
            (
                "OperationCanceled: Operation was canceled by another operation that has a higher priority",
                &[],
                "another",
                "priority",
            ),
            ("SecretsInjectionError: the secret is not there", &[], "secret", "Injection"),
            (
                "InternalServerError: An unexpected error occurred",
                &[],
                "Azure's side",
                "unexpected",
            ),
            (
                "RequestDisallowedByPolicy: Resource was disallowed by policy deny-public",
                &[],
                "policy",
                "deny-public",
            ),
        ];
        for (message, log, cause, line) in cases {
            let found =
                of(message, log).unwrap_or_else(|| panic!("no diagnosis of {message} {log:?}"));
            assert!(found.cause.contains(cause), "{message} {log:?}: {found:?}");
            assert!(found.line.contains(line), "{message} {log:?}: {found:?}");
            assert!(found.link.starts_with(ARTICLE) && !found.fix.is_empty());
        }
    }

    #[test]
    fn unknown_failures_have_no_diagnosis() {
        assert_eq!(of("ValidationError: the name has blanks", &[]), None);
        assert_eq!(of("", &[]), None);
        assert_eq!(of("", &["INFO: 200 requests answered"]), None);
    }

    #[test]
    fn the_last_matching_line_counts_and_is_truncated() {
        let long = format!("ModuleNotFoundError: No module named '{}'", "x".repeat(1_000));
        let found = of("", &["ModuleNotFoundError: No module named 'first'", &long]);
        let line = found.expect("found").line;
        assert!(line.contains("xxx") && line.chars().count() == LINE_CHARS_MAX, "{line}");
    }

    #[test]
    fn no_rule_hides_another() {
        for (index, rule) in RULES.iter().enumerate() {
            let line = rule.example;
            let first = RULES.iter().position(|rule| rule.fits(line));
            assert_eq!(first, Some(index), "{line}");
            let words = rule.words.iter().flat_map(|all| all.iter());
            assert!(
                words.clone().all(|part| !part.is_empty() && *part == part.to_ascii_lowercase())
            );
            assert!(rule.fix.ends_with('.') && rule.cause.ends_with('.'), "{line}");
        }
    }
}
