//! Lines as each program writes them, and what they mean.

use super::rules;
use super::sign::Pairs;
use super::{Explainer, Explanation, LINE_CHARS_MAX};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn explain(lines: &[&str]) -> Option<Explanation> {
    let mut explainer = Explainer::default();
    for (number, line) in (1..).zip(lines) {
        explainer.push(number, line);
    }
    explainer.explanation()
}

/// The rule, a line of a log, and what it is about.
const EXAMPLES: &[(&str, &str, Option<&str>)] = &[
    (
        "no-such-layer",
        "ERROR: failed to build: failed to solve: target stage \"bolt-ai-development\" could not be found",
        Some("bolt-ai-development"),
    ),
    (
        "no-such-layer",
        "failed to solve: target stage production could not be found",
        Some("production"),
    ),
    ("no-such-layer", "failed to reach build target debug in Dockerfile", Some("debug")),
    (
        "no-such-layer",
        "Error: the target \"release\" was not found in the provided Dockerfile",
        Some("release"),
    ),
    (
        "no-such-layer",
        "error: The target \"release\" was not found in the provided Dockerfile",
        Some("release"),
    ),
    (
        "dockerfile-missing",
        "ERROR: failed to solve: failed to read dockerfile: open Dockerfile: no such file or directory",
        Some("Dockerfile"),
    ),
    (
        "dockerfile-missing",
        "Error: no Containerfile or Dockerfile specified or found in context directory, /w",
        None,
    ),
    (
        "dockerfile-syntax",
        "ERROR: failed to solve: dockerfile parse error on line 4: FROM requires either one or three arguments",
        Some("line 4"),
    ),
    (
        "dockerfile-syntax",
        "Error response from daemon: dockerfile parse error line 3: unknown instruction: RUNN",
        Some("RUNN"),
    ),
    (
        "docker-hub-limit",
        "Error response from daemon: toomanyrequests: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit",
        None,
    ),
    (
        "base-image-missing",
        "ERROR: failed to solve: python:9.99: failed to resolve source metadata for docker.io/library/python:9.99: docker.io/library/python:9.99: not found",
        Some("docker.io/library/python:9.99"),
    ),
    (
        "base-image-missing",
        "manifest for dockeronwindows/ch03:2e-v2 not found: manifest unknown: manifest unknown.",
        Some("dockeronwindows/ch03:2e-v2"),
    ),
    (
        "base-image-missing",
        "ERROR: failed to solve: builder: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed (did you mean build?)",
        Some("builder"),
    ),
    (
        "base-image-missing",
        "pull access denied for nbq, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
        Some("nbq"),
    ),
    (
        "base-image-missing",
        "Error: creating build container: initializing source docker://quay.io/debian:sid: reading manifest sid in quay.io/debian: manifest unknown",
        Some("quay.io/debian:sid"),
    ),
    (
        "registry-firewall",
        "denied: client with IP '20.1.2.3' is not allowed access. Refer https://aka.ms/acr/firewall to grant access.",
        Some("20.1.2.3"),
    ),
    (
        "registry-denied",
        "#10 ERROR: unauthorized: authentication required, visit https://aka.ms/acr/authorization for more information.",
        None,
    ),
    ("registry-denied", "denied: requested access to the resource is denied", None),
    (
        "registry-denied",
        "failed to resolve secrets: failed to get ACR refresh token, exchange API response code: 403 Forbidden",
        None,
    ),
    (
        "registry-no-builds",
        "(TasksOperationsNotAllowed) ACR Tasks requests for the registry anet and 0000 are not permitted. Please file an Azure support request",
        None,
    ),
    ("registry-quota", "ERROR: (NotFound) The agent pool 'large' is not found.", None),
    (
        "timed-out",
        "The job running on runner ghrunner-yza3xr has exceeded the maximum execution time of 360 minutes.",
        None,
    ),
    ("timed-out", "##[error]The job has exceeded the maximum execution time of 6h0m0s", None),
    ("timed-out", "##[error]The action 'Build' has timed out after 10 minutes.", None),
    ("timed-out", "Error: failed to run step ID: acb_step_0: context deadline exceeded", None),
    (
        "runner-lost",
        "The hosted runner: GitHub Actions 9 lost communication with the server. Anything in your workflow that terminates the runner process, starves it for CPU/Memory, or blocks its network access can cause this error.",
        None,
    ),
    (
        "runner-lost",
        "2023-02-09T20:11:49.9484027Z ##[error]The runner has received a shutdown signal. This can happen when the runner service is stopped, or a manually started runner is canceled.",
        None,
    ),
    (
        "azure-login",
        "Error: AADSTS700213: No matching federated identity record found for presented assertion subject 'repo:a/b:environment:dev'.",
        Some("AADSTS700213"),
    ),
    (
        "environment-refused",
        "(AuthorizationFailed) The client 'x' with object id 'y' does not have authorization to perform action 'Microsoft.MachineLearningServices/workspaces/environments/versions/write' over scope '/s'",
        Some("Microsoft.MachineLearningServices/workspaces/environments/versions/write"),
    ),
    (
        "azure-denied",
        "The client 'x' with object id 'y' does not have authorization to perform action 'Microsoft.ContainerRegistry/registries/scheduleRun/action' over scope '/s'",
        Some("Microsoft.ContainerRegistry/registries/scheduleRun/action"),
    ),
    ("no-space", "OSError: [Errno 28] No space left on device", None),
    ("no-space", "#12 ERROR: failed to copy: write /var/lib/x: no space left on device", None),
    ("lfs-pointer", "_pickle.UnpicklingError: invalid load key, 'v'.", None),
    ("lfs-pointer", "version https://git-lfs.github.com/spec/v1", None),
    (
        "submodule-missing",
        "fatal: No url found for submodule path 'libs/nbq' in .gitmodules",
        Some("libs/nbq"),
    ),
    (
        "submodule-missing",
        "fatal: clone of 'https://github.com/a/b' into submodule path '/w/libs/b' failed",
        Some("/w/libs/b"),
    ),
    (
        "process-builder",
        "the process builder cannot carry out `pip install` together with |. Write it as a command of its own, or install buildah",
        None,
    ),
    (
        "copy-missing",
        "ERROR: failed to compute cache key: failed to calculate checksum of ref rf7w::h3qh: \"/x.txt\": not found",
        Some("/x.txt"),
    ),
    (
        "copy-missing",
        "ERROR: failed to solve: failed to compute cache key: failed to calculate checksum of ref s::r: failed to walk /tmp/m/config: lstat /tmp/m/config: no such file or directory",
        Some("/tmp/m/config"),
    ),
    (
        "copy-missing",
        "COPY failed: stat /var/lib/docker/tmp/docker-builder66/run.sh: no such file or directory",
        Some("/var/lib/docker/tmp/docker-builder66/run.sh"),
    ),
    (
        "copy-missing",
        "COPY failed: file not found in build context or excluded by .dockerignore: stat test1/: file does not exist",
        Some("test1/"),
    ),
    (
        "copy-missing",
        "Error: building at STEP \"COPY etc /etc\": checking on sources under \"/w\": copier: stat: \"/etc\": no such file or directory",
        Some("/etc"),
    ),
    (
        "pip-conflict",
        "ERROR: Cannot install mypy==1.13.0 and typing-extensions==4.2.0 because these package versions have conflicting dependencies.",
        Some("mypy==1.13.0 and typing-extensions==4.2.0"),
    ),
    (
        "pip-conflict",
        "#0 2.915 ERROR: Cannot install -r requirements.txt (line 1) and -r requirements.txt (line 4) because these package versions have conflicting dependencies.",
        None,
    ),
    (
        "pip-conflict",
        "ERROR: ResolutionImpossible: for help visit https://pip.pypa.io/en/latest/user_guide/#fixing-conflicting-dependencies",
        None,
    ),
    (
        "network",
        "WARNING: Retrying after connection broken by 'NewConnectionError(\"[Errno -3] Temporary failure in name resolution\")': /simple/x/",
        None,
    ),
    (
        "network",
        "Err:1 http://deb.debian.org Temporary failure resolving 'deb.debian.org'",
        Some("deb.debian.org"),
    ),
    ("network", "dial tcp: lookup pypi.org on 168.63.129.16:53: no such host", Some("pypi.org")),
    ("network", "net/http: TLS handshake timeout", None),
    ("network", "read tcp 10.0.0.4:443: read: connection reset by peer", None),
    (
        "pip-no-version",
        "ERROR: Could not find a version that satisfies the requirement torch==99 (from versions: 2.1, 2.2)",
        Some("torch==99"),
    ),
    (
        "pip-no-version",
        "#7 12.34 ERROR: No matching distribution found for litserv==0.2",
        Some("litserv==0.2"),
    ),
    ("apt-missing", "E: Unable to locate package libgl2", Some("libgl2")),
    ("apt-missing", "E: Package 'python3.8' has no installation candidate", Some("python3.8")),
    ("apt-missing", "  libfoo (no such package):", Some("libfoo")),
    ("pip-build", "  ERROR: Failed building wheel for tokenizers", Some("tokenizers")),
    ("pip-build", "error: subprocess-exited-with-error", None),
    (
        "out-of-memory",
        "ERROR: process \"/bin/sh -c make\" did not complete successfully: exit code: 137",
        None,
    ),
    (
        "out-of-memory",
        "Error: building at STEP \"RUN make\": while running runtime: exit status 137",
        None,
    ),
    ("cancelled", "##[error]The operation was canceled.", None),
    ("python-error", "Traceback (most recent call last):", None),
    ("python-error", "ModuleNotFoundError: No module named 'sklearn'", None),
    ("command-missing", "/bin/sh: 1: poetry: not found", Some("poetry")),
    ("command-missing", "bash: line 1: uv: command not found", Some("uv")),
    (
        "command-failed",
        "ERROR: process \"/bin/sh -c make -j2\" did not complete successfully: exit code: 2",
        Some("/bin/sh -c make -j2"),
    ),
    (
        "command-failed",
        "The command '/bin/sh -c make' returned a non-zero code: 2",
        Some("/bin/sh -c make"),
    ),
    ("command-failed", "##[error]Process completed with exit code 1.", None),
];

#[test]
fn each_known_failure_is_explained_with_its_subject() {
    for (rule, line, subject) in EXAMPLES {
        let found = explain(&["fine", line]).unwrap_or_else(|| panic!("no explanation of {line}"));
        assert_eq!((found.rule.as_str(), found.number), (*rule, 2), "{line}");
        assert_eq!(found.subject.as_deref(), *subject, "{line}");
        assert!(!found.what.contains(['{', '}']), "{}", found.what);
        assert_eq!(
            subject.is_some_and(|word| found.what.contains(word)),
            found.what.contains('“'),
            "{}",
            found.what
        );
    }
}

#[test]
fn each_rule_has_an_example_a_unique_name_and_whole_sentences() {
    let mut names = BTreeSet::new();
    for rule in rules::all() {
        assert!(names.insert(rule.name), "{} is twice in the table", rule.name);
        assert!(EXAMPLES.iter().any(|(name, ..)| *name == rule.name), "{}", rule.name);
        assert!(rule.what.ends_with('.') && rule.todo.ends_with('.'), "{}", rule.name);
        for sign in rule.signs {
            let texts = sign.parts.iter().chain([&sign.start]);
            assert!(
                !sign.start.is_empty() || !sign.parts.is_empty(),
                "{} fits any line",
                rule.name
            );
            assert!(texts.into_iter().all(|text| *text == text.to_lowercase()), "{}", rule.name);
        }
    }
    assert!(EXAMPLES.iter().all(|(name, ..)| names.contains(name)));
}

#[test]
fn a_cause_counts_more_than_its_consequences_and_the_first_line_more_than_later_ones() {
    let found = explain(&[
        "2026-11-30T12:00:00.1Z #7 [litserve 2/5] RUN pip install -r requirements.txt",
        "2026-11-30T12:00:01.1Z #7 1.2 ERROR: Cannot install a==1 and b==2 because these package versions have conflicting dependencies.",
        "2026-11-30T12:00:01.2Z #7 1.3 ERROR: ResolutionImpossible: for help visit https://pip.pypa.io",
        "2026-11-30T12:00:01.3Z #7 ERROR: process \"/bin/sh -c pip install\" did not complete successfully: exit code: 1",
        "2026-11-30T12:00:01.4Z ##[error]Process completed with exit code 1.",
    ])
    .expect("an explanation");
    assert_eq!((found.rule.as_str(), found.number), ("pip-conflict", 2));
    assert!(found.what.contains("“a==1 and b==2”"), "{}", found.what);
    assert!(found.line.starts_with("#7 1.2 ERROR: Cannot install"), "{}", found.line);
    let lost = explain(&[
        "##[error]The operation was canceled.",
        "Process completed with exit code 137.",
        "The runner has received a shutdown signal.",
    ]);
    assert_eq!(lost.map(|found| (found.rule, found.number)), Some(("runner-lost".to_owned(), 3)));
}

#[test]
fn repeated_instructions_and_missing_caches_are_no_failures() {
    for line in [
        "#7 [litserve 2/5] RUN echo \"no space left on device\"",
        "Step 3/9 : RUN grep toomanyrequests log",
        "STEP 3/9: RUN echo toomanyrequests",
        " > [litserve 2/5] RUN echo toomanyrequests:",
        "#5 ERROR: failed to configure registry cache importer: anet.azurecr.io/nbq:buildcache: not found: manifest unknown",
        "#5 importing cache manifest from anet.azurecr.io/nbq:buildcache: manifest unknown",
        "Successfully installed litserve-0.2",
        "",
    ] {
        assert_eq!(explain(&[line]), None, "{line}");
    }
}

#[test]
fn escape_sequences_and_hostile_subjects_are_shown_safely() {
    let found =
        explain(&["\u{1b}[31mE: Unable to \u{1b}[1mlocate package \u{202e}gpj.exe\u{1b}[0m"]);
    let found = found.expect("an explanation");
    assert_eq!(found.subject.as_deref(), Some("⟨U+202E⟩gpj.exe"));
    assert_eq!(found.line, "E: Unable to locate package ⟨U+202E⟩gpj.exe");
    let long = explain(&[&format!("E: Unable to locate package {}", "ü".repeat(1_000_000))]);
    let long = long.expect("an explanation");
    assert_eq!(long.line.chars().count(), LINE_CHARS_MAX);
    assert!(long.what.chars().count() < 300, "{}", long.what);
    let stored = serde_json::to_string(&{
        let mut explainer = Explainer::default();
        explainer.push(1, &format!("no space left on device {}", "x".repeat(1_000_000)));
        explainer
    });
    assert!(stored.expect("JSON").len() < 20_000, "the state is small");
}

proptest! {
    #[test]
    fn explaining_can_stop_and_resume_at_any_line(
        picks in prop::collection::vec((0..EXAMPLES.len(), ".{0,12}"), 0..12),
        stop in 0_usize..12,
    ) {
        let lines: Vec<_> = picks.iter().map(|(at, noise)| format!("{noise}{}", EXAMPLES[*at].1)).collect();
        let (mut once, mut twice) = (Explainer::default(), Explainer::default());
        for (number, line) in (1..).zip(&lines) {
            once.push(number, line);
            twice.push(number, line);
            if number == stop as u64 {
                let stored = serde_json::to_string(&twice).expect("JSON");
                twice = serde_json::from_str(&stored).expect("a state");
            }
        }
        prop_assert_eq!(once.explanation(), twice.explanation());
    }

    #[test]
    fn the_pairs_of_a_line_never_hide_a_rule(line in ".{0,30}", at in 0..EXAMPLES.len()) {
        let lower = format!("{line}{}", EXAMPLES[at].1).to_ascii_lowercase();
        for rule in rules::all() {
            let all = rule.signs.iter().any(|sign| {
                lower.starts_with(sign.start) && sign.parts.iter().all(|part| lower.contains(part))
            });
            prop_assert_eq!(rule.fits(&lower, &Pairs::of(&lower)), all);
        }
    }
}
