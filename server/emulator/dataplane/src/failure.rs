//! Why a deployment could not be started, in Azure's codes and our words.

/// A deployment that did not come up. Its instances have been ended, its log has been kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StartFailure {
    /// The process of an instance ended, time after time.
    #[error(
        "The user container has crashed or terminated: instance {instance} ended {restarts} times. \
         Look at the deployment's logs for the last words of the scoring script."
    )]
    CrashLoop {
        /// The instance that was given up.
        instance: String,
        /// How often it had been restarted by then.
        restarts: u32,
        /// The last lines of the log.
        log_tail: String,
    },
    /// An instance was alive but never ready.
    #[error(
        "The readiness probe of instance {instance} failed {failures} times. \
         The container runs, but its scoring script did not finish loading the model."
    )]
    ReadinessProbe {
        /// The instance that was given up.
        instance: String,
        /// How many checks in a row had failed.
        failures: u32,
        /// The last lines of the log.
        log_tail: String,
    },
    /// An instance did not answer at all.
    #[error(
        "The liveness probe of instance {instance} failed {failures} times. \
         The container runs, but nothing in it answers."
    )]
    LivenessProbe {
        /// The instance that was given up.
        instance: String,
        /// How many checks in a row had failed.
        failures: u32,
        /// The last lines of the log.
        log_tail: String,
    },
    /// The program could not be started at all.
    #[error("The model server could not be started: {reason}")]
    Spawn {
        /// What the operating system said.
        reason: String,
    },
    /// The deployment was stopped, or started anew, before it was ready.
    #[error("The deployment was stopped or replaced before it was ready.")]
    Cancelled,
}

impl StartFailure {
    /// The code Azure would show.
    pub const fn code(&self) -> &'static str {
        match self {
            StartFailure::CrashLoop { .. }
            | StartFailure::ReadinessProbe { .. }
            | StartFailure::LivenessProbe { .. } => "ResourceNotReady",
            StartFailure::Spawn { .. } => "ContainerCannotRun",
            StartFailure::Cancelled => "OperationCanceled",
        }
    }

    /// The last lines of the log, if any process got far enough to write some.
    pub fn log_tail(&self) -> Option<&str> {
        match self {
            StartFailure::CrashLoop { log_tail, .. }
            | StartFailure::ReadinessProbe { log_tail, .. }
            | StartFailure::LivenessProbe { log_tail, .. } => Some(log_tail),
            StartFailure::Spawn { .. } | StartFailure::Cancelled => None,
        }
    }
}
