//! Why a deployment failed to start, with Azure's codes and our own texts.

/// A deployment that failed to start. Its instances have been stopped, and its log is kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StartFailure {
    /// The process of an instance exited repeatedly.
    #[error(
        "The user container has crashed or terminated: instance {instance} ended {restarts} times. \
         Look at the deployment's logs for the last words of the scoring script."
    )]
    CrashLoop {
        instance: String,
        /// The number of restarts.
        restarts: u32,
        log_tail: String,
    },
    /// An instance was alive but never ready.
    #[error(
        "The readiness probe of instance {instance} failed {failures} times. \
         The container runs, but its scoring script did not finish loading the model."
    )]
    ReadinessProbe {
        instance: String,
        /// The number of consecutive failed checks.
        failures: u32,
        log_tail: String,
    },
    /// An instance did not answer at all.
    #[error(
        "The liveness probe of instance {instance} failed {failures} times. \
         The container runs, but nothing in it answers."
    )]
    LivenessProbe {
        instance: String,
        /// The number of consecutive failed checks.
        failures: u32,
        log_tail: String,
    },
    /// The program could not be started.
    #[error("The model server could not be started: {reason}")]
    Spawn { reason: String },
    /// The deployment was stopped or restarted before it was ready.
    #[error("The deployment was stopped or replaced before it was ready.")]
    Cancelled,
}

impl StartFailure {
    /// The code that Azure would show.
    pub const fn code(&self) -> &'static str {
        match self {
            StartFailure::CrashLoop { .. }
            | StartFailure::ReadinessProbe { .. }
            | StartFailure::LivenessProbe { .. } => "ResourceNotReady",
            StartFailure::Spawn { .. } => "ContainerCannotRun",
            StartFailure::Cancelled => "OperationCanceled",
        }
    }

    /// The last lines of the log, if a process wrote any.
    pub fn log_tail(&self) -> Option<&str> {
        match self {
            StartFailure::CrashLoop { log_tail, .. }
            | StartFailure::ReadinessProbe { log_tail, .. }
            | StartFailure::LivenessProbe { log_tail, .. } => Some(log_tail),
            StartFailure::Spawn { .. } | StartFailure::Cancelled => None,
        }
    }
}
