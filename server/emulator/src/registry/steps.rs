//! The lines that ACR itself writes into the log of a quick build, as public logs show them.

use std::time::Duration;

use uuid::Uuid;

use crate::builds::kept::{Image, Run, RunStatus};
use crate::builds::log::RunLog;
use crate::inner::Inner;

/// The log of one run, and what its lines need.
#[derive(Clone, Copy)]
pub struct Steps<'a> {
    pub inner: &'a Inner,
    pub run: &'a Run,
    pub log: &'a RunLog,
}

/// A duration as Go prints it in whole seconds: `33s`, `1m25s`, `2h0m5s`.
fn short(duration: Duration) -> String {
    let all = duration.as_secs();
    let (hours, minutes, seconds) = (all / 3_600, all / 60 % 60, all % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds}s"),
        (0, _) => format!("{minutes}m{seconds}s"),
        _ => format!("{hours}h{minutes}m{seconds}s"),
    }
}

impl Steps<'_> {
    pub fn say(&self, text: &str) {
        self.log.say(self.inner.clock.now(), text);
    }

    /// Everything before the build.
    pub fn begin(&self) {
        let server = &self.run.login_server;
        self.say(&format!("Using acb_vol_{} as the home volume", Uuid::new_v4()));
        self.say("Setting up Docker configuration...");
        self.say("Successfully set up Docker configuration");
        self.say(&format!("Logging in to registry: {server}"));
        self.say(&format!("Successfully logged into {server}"));
        self.execute("build", self.run.order.timeout_s);
        self.say("Scanning for dependencies...");
        self.say("Successfully scanned dependencies");
        self.say("Launching container with name: build");
    }

    fn execute(&self, step: &str, timeout_s: u64) {
        self.say(&format!(
            "Executing step ID: {step}. Timeout(sec): {timeout_s}, Working directory: '', Network: ''"
        ));
    }

    /// The end of the build step, and the beginning of the push.
    pub fn built(&self) {
        self.say("Successfully executed container: build");
        if !self.run.images.is_empty() && self.run.order.is_push_enabled {
            self.execute("push", self.run.order.timeout_s);
        }
    }

    /// One image goes to the registry.
    pub fn push(&self, image: &Image) {
        let name = self.name(image);
        self.say(&format!("Pushing image: {name}, attempt 1"));
        self.log.line(&format!(
            "The push refers to repository [{}/{}]",
            self.run.login_server, image.repository
        ));
    }

    pub fn pushed(&self, image: &Image, digest: &str, bytes: usize) {
        self.log.line(&format!("{}: digest: {digest} size: {bytes}", image.tag));
        self.say(&format!("Successfully pushed image: {}", self.name(image)));
    }

    fn name(&self, image: &Image) -> String {
        format!("{}/{}:{}", self.run.login_server, image.repository, image.tag)
    }

    /// The summary of a successful run. `took` is the time of each step.
    pub fn summary(&self, digest: &str, images: &[Image], took: [Duration; 2]) {
        let marked = |step: &str, took: Duration| {
            self.say(&format!(
                "Step ID: {step} marked as successful (elapsed time in seconds: {:.6})",
                took.as_secs_f64()
            ));
        };
        marked("build", took[0]);
        self.say("Populating digests for step ID: build...");
        self.say("Successfully populated digests for step ID: build");
        if images.is_empty() {
            return;
        }
        marked("push", took[1]);
        self.say("The following dependencies were found:");
        for image in images {
            self.log.line(&format!(
                "- image:\n    registry: {}\n    repository: {}\n    tag: {}\n    digest: {digest}\n  git: {{}}",
                self.run.login_server, image.repository, image.tag
            ));
        }
    }

    /// A step has failed; the last words of its program are already in the log.
    pub fn failed(&self, step: &str) {
        self.say(&format!("Container failed during run: {step}. No retries remaining."));
        self.log.line(&format!("failed to run step ID: {step}: exit status 1"));
    }

    /// The last lines.
    pub fn end(&self, status: RunStatus, error: Option<&str>, took: Duration) {
        let (id, took) = (self.run.id(), short(took));
        let error = error.unwrap_or_default();
        self.log.line("");
        self.log.line(&match status {
            RunStatus::Succeeded => format!("Run ID: {id} was successful after {took}"),
            RunStatus::Canceled => format!("Run ID: {id} was canceled after {took}"),
            RunStatus::Timeout => format!("Run ID: {id} timed out after {took}. Error: {error}"),
            _ => format!("Run ID: {id} failed after {took}. Error: {error}"),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_short() {
        let check = |seconds, expect: &str| {
            assert_eq!(short(Duration::from_secs(seconds)), expect);
        };
        check(0, "0s");
        check(33, "33s");
        check(85, "1m25s");
        check(7_205, "2h0m5s");
    }
}
