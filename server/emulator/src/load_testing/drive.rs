//! A run from ACCEPTED to its end. Each status is in the state before anybody can read it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::conclude::{self, End};
use super::execute::{self, Setting};
use super::wire::run_key;
use super::{misfortune, plan};
use crate::inner::Inner;
use crate::loads::kept::{InputFile, Run, RunError, Status, Validation};
use crate::store::Unkept;
use crate::when;

/// How long to wait before writing a change again, in the machine's time, because a disk follows no other clock.
const KEEP_AGAIN: Duration = Duration::from_secs(1);
/// How long Azure's engines need, in seconds at normal speed.
const PHASES_S: [(Status, f64); 2] = [(Status::NotStarted, 0.5), (Status::Provisioning, 3.0)];
const CONFIGURING_S: f64 = 2.0;
const BRIEF_S: f64 = 0.5;
const DEPROVISIONING_S: f64 = 1.5;

/// Why a run does not go on.
pub enum Cut {
    /// Somebody has stopped it.
    Cancelled,
    Failed(RunError),
    /// The emulator stops, or the run is gone. Nobody writes anything any more.
    Gone,
}

/// A run that is being driven.
pub struct Drive {
    pub inner: Arc<Inner>,
    pub resource: String,
    pub guid: String,
    pub id: String,
    pub key: String,
    cancel: watch::Receiver<bool>,
}

/// Starts a run that is in the state.
pub fn spawn(inner: &Arc<Inner>, resource: &str, guid: &str, id: &str) {
    let key = run_key(guid, id);
    inner.agenda.enter(&key);
    let cancel = inner.load_tests.enter(&key);
    let (resource, guid, id) = (resource.to_owned(), guid.to_owned(), id.to_owned());
    let drive = Drive { inner: Arc::clone(inner), resource, guid, id, key, cancel };
    tokio::spawn(async move {
        let end = drive.to_the_end().await;
        if let Some(end) = end {
            conclude::conclude(&drive, end).await;
        }
        drive.inner.load_tests.leave(&drive.key);
        drive.inner.agenda.leave(&drive.key);
    });
}

impl Drive {
    /// The run as it is in the state.
    pub fn run(&self) -> Result<Run, Cut> {
        let found = self
            .inner
            .store
            .read(|state| state.load_testing.get(&self.resource)?.runs.get(&self.id).cloned());
        found.ok_or(Cut::Gone)
    }

    /// Changes the run in the state as soon as the disk allows it.
    pub async fn keep(&self, change: impl Fn(&mut Run)) -> Result<(), Cut> {
        let mut is_logged = false;
        loop {
            let now_ms = when::unix_ms(self.inner.clock.now());
            let written = self.inner.store.write(|state| {
                let run = state.load_testing.get_mut(&self.resource)?.runs.get_mut(&self.id)?;
                change(run);
                run.stamp.modified_ms = now_ms;
                Some(())
            });
            match written {
                Ok(Some(())) => return Ok(()),
                Ok(None) | Err(Unkept::Stopped) => return Err(Cut::Gone),
                Err(unkept) if !is_logged => {
                    tracing::error!(run = self.id, %unkept, "cannot save a test run; it is retried");
                    is_logged = true;
                }
                Err(_) => {}
            }
            self.inner.agenda.elsewhere(&self.key, tokio::time::sleep(KEEP_AGAIN)).await;
        }
    }

    /// Returns when the run must not go on.
    async fn interrupted(&self) -> Cut {
        let mut cancel = self.cancel.clone();
        match cancel.wait_for(|is_cancelled| *is_cancelled).await {
            Ok(_) => Cut::Cancelled,
            Err(_) => Cut::Gone,
        }
    }

    /// Enters a status, unless the run was stopped meanwhile.
    async fn enter(&self, status: Status) -> Result<(), Cut> {
        self.keep(|run| {
            if run.status != Status::Cancelling {
                run.status = status;
            }
        })
        .await?;
        if self.run()?.status == Status::Cancelling { Err(Cut::Cancelled) } else { Ok(()) }
    }

    /// Waits for `seconds` at normal speed.
    pub async fn pause(&self, seconds: f64) {
        let until = self.inner.clock.now() + self.inner.pace.seconds(seconds);
        self.inner.agenda.sleep_until(&self.key, &self.inner.clock, until).await;
    }

    /// Stays in a status for some seconds.
    async fn stay(&self, status: Status, seconds: f64) -> Result<(), Cut> {
        self.enter(status).await?;
        tokio::select! {
            biased;
            cut = self.interrupted() => {
                self.inner.agenda.enter(&self.key);
                Err(cut)
            }
            () = self.pause(seconds) => Ok(()),
        }
    }

    /// The run's end; `None` if nobody can write it any more.
    async fn to_the_end(&self) -> Option<End> {
        match self.go().await {
            Ok(end) => Some(end),
            Err(Cut::Cancelled) => Some(End::of(Status::Cancelled)),
            Err(Cut::Failed(error)) => Some(End { errors: vec![error], ..End::of(Status::Failed) }),
            Err(Cut::Gone) => None,
        }
    }

    async fn go(&self) -> Result<End, Cut> {
        self.await_validation().await?;
        for (status, seconds) in PHASES_S {
            self.stay(status, seconds).await?;
        }
        let run = self.run()?;
        if misfortune::is_stuck(&self.inner, &run) {
            return Err(self.inner.agenda.elsewhere(&self.key, self.interrupted()).await);
        }
        if misfortune::has_no_engines(&run) {
            let text =
                "The engines could not be provisioned. Try again later, or in another region.";
            return Err(Cut::Failed(plan::error("ProvisioningFailed", text)));
        }
        self.stay(Status::Provisioned, BRIEF_S).await?;
        self.stay(Status::Configuring, CONFIGURING_S).await?;
        let secrets = plan::secrets_of(&self.inner, &self.guid, &run).map_err(Cut::Failed)?;
        let mask = plan::mask(&secrets);
        let test = plan::plan(&self.inner, &self.guid, &run, secrets).map_err(Cut::Failed)?;
        self.stay(Status::Configured, BRIEF_S).await?;
        self.enter(Status::Executing).await?;
        let started_ms = when::unix_ms(self.inner.clock.now());
        self.keep(|run| run.execution_ms.0 = Some(started_ms)).await?;
        let setting = Setting {
            inner: &self.inner,
            guid: &self.guid,
            run: &run,
            key: &self.key,
            started_ms,
            cancel: self.cancel.clone(),
        };
        let work = Box::pin(execute::execute(&setting, &test, mask));
        let executed = self.inner.agenda.elsewhere(&self.key, work).await;
        if self.cancel.has_changed().is_err() {
            return Err(Cut::Gone);
        }
        let end = End::executed(&run, executed);
        if end.status == Status::Done {
            self.wind_down(&end).await?;
        }
        Ok(end)
    }

    /// A run that is stopped now keeps its results.
    async fn wind_down(&self, end: &End) -> Result<(), Cut> {
        let ended_ms = end.ended_ms(when::unix_ms(self.inner.clock.now()));
        self.keep(|run| run.execution_ms.1 = Some(ended_ms)).await?;
        for (status, seconds) in [
            (Status::Executed, BRIEF_S),
            (Status::Deprovisioning, DEPROVISIONING_S),
            (Status::Deprovisioned, BRIEF_S),
        ] {
            match self.stay(status, seconds).await {
                // The engines have nothing left to stop.
                Ok(()) | Err(Cut::Cancelled) => {}
                Err(cut) => return Err(cut),
            }
        }
        Ok(())
    }

    /// Waits until the files are validated.
    async fn await_validation(&self) -> Result<(), Cut> {
        loop {
            let validated = self.inner.load_tests.validated.notified();
            tokio::pin!(validated);
            // From here on, no notification is missed.
            validated.as_mut().enable();
            let files = self.validated_files()?;
            if let Some(file) = files.iter().find(|file| file.validation == Validation::Failure) {
                self.stay(Status::ValidationFailure, BRIEF_S).await?;
                let why = file.failure.as_deref().unwrap_or("it is not valid");
                let text = format!("The file {} is not valid. {why}", file.name);
                return Err(Cut::Failed(plan::error("ValidationFailed", text)));
            }
            if files.iter().all(|file| file.validation != Validation::Initiated) {
                self.keep(|run| run.files.clone_from(&files)).await?;
                return Ok(());
            }
            let waiting = self.inner.agenda.elsewhere(&self.key, validated);
            tokio::select! {
                biased;
                cut = self.interrupted() => {
                    self.inner.agenda.enter(&self.key);
                    return Err(cut);
                }
                () = waiting => {}
            }
        }
    }

    /// The run's files with what is now known of them.
    fn validated_files(&self) -> Result<Vec<InputFile>, Cut> {
        let run = self.run()?;
        let known = self.inner.store.read(|state| {
            let test = state.load_testing.get(&self.resource)?.tests.get(&run.test)?;
            Some(test.files.clone())
        });
        let known = known.unwrap_or_default();
        let updated = run.files.into_iter().map(|file| {
            let same = known.get(&file.name).filter(|other| other.blob == file.blob);
            match same {
                Some(same) => same.clone(),
                // It was replaced or deleted before its validation ended.
                None if file.validation == Validation::Initiated => InputFile {
                    validation: Validation::Failure,
                    failure: Some("It was replaced or deleted while it was validated.".to_owned()),
                    ..file
                },
                None => file,
            }
        });
        Ok(updated.collect())
    }
}
