//! The requests of steps.

use super::dispatch::{self, NO_GITHUB};
use super::{Places, register, schedule};
use crate::azure::environments::{self, Registration};
use crate::azure::registry::{self, Registry, Schedule};
use crate::github::contents::Repository;
use crate::jobs::Error;
use crate::releases::Reader;
use domain::job::Output;
use std::collections::BTreeMap;
use std::time::Instant;

/// One request.
#[derive(Debug)]
pub enum Send {
    Schedule {
        registry: Box<Registry>,
        schedule: Box<Schedule>,
    },
    Register {
        name: String,
        version: String,
        registration: Box<Registration>,
    },
    /// Dispatches a workflow on a branch or tag.
    Dispatch {
        file: String,
        on: String,
        inputs: BTreeMap<String, String>,
    },
    /// Runs the failed jobs of a workflow run again.
    Rerun {
        run: u64,
    },
}

impl Send {
    /// Sends the request once, unless it would leave after `until`.
    ///
    /// # Errors
    /// [`Error`]. After a transient error, the other side may have carried out the request.
    pub async fn send(&self, (place, reader): Places<'_>, until: Instant) -> Result<Output, Error> {
        let arm = &place.arm.until(until);
        match self {
            Self::Schedule { registry, schedule } => {
                let scheduled = registry::schedule(arm, registry, schedule).await?;
                match scheduled.id {
                    Some(id) => Ok(schedule::queued(&id)),
                    // The next look finds the run.
                    None => Err(Error::Here(
                        "the registry accepted the build without naming its run".to_owned(),
                    )),
                }
            }
            Self::Register { name, version, registration } => {
                environments::register_version(arm, &place.workspace, name, version, registration)
                    .await?;
                Ok(register::registered(name, version, &registration.image))
            }
            Self::Dispatch { file, on, inputs } => {
                let repository = github(reader)?;
                let dispatched = repository.until(until).dispatch(file, on, inputs).await?;
                match dispatched.run {
                    Some(id) => Ok(dispatch::named(id, None)),
                    // An older server. The next look finds the run.
                    None => Err(Error::Here(
                        "GitHub accepted the workflow without naming its run".to_owned(),
                    )),
                }
            }
            Self::Rerun { run } => {
                let repository = github(reader)?;
                repository.until(until).rerun_failed(*run).await?;
                Ok(dispatch::named(*run, None))
            }
        }
    }
}

fn github(reader: &Reader) -> Result<&Repository, Error> {
    reader.source().on_github().ok_or_else(|| Error::Here(NO_GITHUB.to_owned()))
}
