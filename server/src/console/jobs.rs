//! Jobs: storing, following, cancelling and repeating one, and reading its log.

use super::SignedIn;
use crate::error::OrInternal as _;
use crate::jobs::begin;
use crate::jobs::log::Digest;
use crate::store::jobs::{AppendError, Job};
use app::error::ConsoleError;
use app::port::{
    Activity, ActivityKind, ActivityView, Begun, Cause, JobView, LogMatches, LogPage, LogRemoved,
    LogSection, Onward, Result,
};
use domain::job::build::{Build, Method};
use domain::job::view::LogSize;
use domain::job::{Ending, Fact, JobId};
use domain::timestamp::Timestamp;
use domain::user::Right;

/// Maximum number of entries on a page of activity.
const ACTIVITY_MAX: usize = 50;
/// The most endpoints to which a job's page links for a deployment of the image.
const ENDPOINTS_MAX: usize = 5;
/// Maximum number of lines in one response.
const LINES_MAX: usize = 2_000;
/// How many chunks a search reads at once.
const CHUNKS_AT_ONCE: i64 = 8;

impl SignedIn {
    pub(super) async fn view_activity(
        &self,
        kind: ActivityKind,
        before: Option<Timestamp>,
    ) -> Result<ActivityView> {
        let services = &self.services;
        let until = before.unwrap_or(Timestamp(i64::MAX));
        let most = i64::try_from(ACTIVITY_MAX).unwrap_or(i64::MAX) + 1;
        let mut items = Vec::new();
        if kind != ActivityKind::Builds {
            let runs = services.operations.table.before(until, most).await;
            let runs = runs.or_internal("runs cannot be read")?;
            items.extend(runs.into_iter().map(|run| Activity::Run(Box::new(run))));
        }
        if kind != ActivityKind::Runs {
            let jobs = services.jobs.table.before(until, most).await;
            let jobs = jobs.or_internal("jobs cannot be read")?;
            items.extend(jobs.into_iter().map(|job| Activity::Job(Box::new(job))));
        }
        let started = |item: &Activity| match item {
            Activity::Run(run) => run.started,
            Activity::Job(job) => job.started,
        };
        items.sort_by_key(|item| std::cmp::Reverse(started(item)));
        let has_more = items.len() > ACTIVITY_MAX;
        items.truncate(ACTIVITY_MAX);
        let older = items.last().filter(|_| has_more).map(|item| started(item).0);
        Ok(ActivityView { now: services.clock.now(), kind, items, older })
    }

    pub(super) async fn store_build(&self, build: Build) -> Result<Begun> {
        let image = build.image.clone();
        match begin::begin(&self.services.jobs, build, &self.principal).await {
            Ok(begin::Begun::New(job)) => Ok(Begun { job, was_open: false }),
            Ok(begin::Begun::Same(job)) => Ok(Begun { job, was_open: true }),
            Ok(begin::Begun::Other(id)) => Err(ConsoleError::Conflict(format!(
                "Another build of {image} is in progress: job {id}. Nothing was started. Wait until it ends, or cancel \
                 it."
            ))),
            Err(AppendError::Stale) => Err(ConsoleError::Conflict(format!(
                "Another build of {image} has just ended. Nothing was started. Try again."
            ))),
            Err(error) => Err(crate::error::internal("a job cannot be stored", &error)),
        }
    }

    /// Starts an ended job again: the same commit with the same inputs.
    pub(super) async fn repeat(&self, id: &JobId, failed_only: bool) -> Result<Begun> {
        let job = self.find_job(id).await?;
        if job.ended.is_none() {
            return Err(ConsoleError::Conflict(
                "The job has not ended. Nothing was started. Wait until it ends, or cancel it."
                    .to_owned(),
            ));
        }
        let mut build = Build { repeats: Some(job.id.clone()), ..job.build.clone() };
        if let Method::Workflow { rerun, .. } = &mut build.method {
            *rerun = job.state.run().filter(|_| failed_only).and_then(|run| run.parse().ok());
            if failed_only && rerun.is_none() {
                return Err(ConsoleError::Refused(
                    "The job never started a workflow run, so no failed jobs can run again. Nothing was started. Build \
                     again instead."
                        .to_owned(),
                ));
            }
        } else if failed_only {
            return Err(ConsoleError::Refused(
                "A registry builds an image in one piece. Nothing was started. Build again instead.".to_owned(),
            ));
        }
        self.store_build(build).await
    }

    pub(super) async fn cancel(&self, id: &JobId) -> Result<()> {
        let jobs = &self.services.jobs;
        // The engine may write at the same moment.
        for _ in 0..CANCEL_TRIES {
            let mut job = self.find_job(id).await?;
            if job.ended.is_some() {
                return Err(ConsoleError::Conflict(
                    "The job has ended, so it cannot be cancelled.".to_owned(),
                ));
            }
            match jobs.table.cancel(&mut job, &self.principal, jobs.clock.now()).await {
                Ok(()) => {
                    jobs.moved();
                    return Ok(());
                }
                // Somebody has already asked.
                Err(AppendError::Illegal(_)) => return Ok(()),
                Err(AppendError::Stale) => {}
                Err(error) => {
                    return Err(crate::error::internal("a job cannot be written", &error));
                }
            }
        }
        Err(ConsoleError::Conflict(
            "The job is changing too quickly. Nothing was cancelled. Try again.".to_owned(),
        ))
    }

    async fn find_job(&self, id: &JobId) -> Result<Job> {
        let found = self.services.jobs.table.load(id).await.or_internal("a job cannot be read")?;
        found.ok_or_else(|| {
            ConsoleError::NotFound(
                "There is no such job. The Activity page lists all jobs.".to_owned(),
            )
        })
    }

    pub(super) async fn view_job(&self, id: &JobId) -> Result<JobView> {
        let services = &self.services;
        let job = self.find_job(id).await?;
        let log =
            services.jobs.table.log::<Digest>(id).await.or_internal("a log cannot be read")?;
        let usual = services.jobs.table.usual_ms(&job.build.target(), job.started).await;
        let (mut version, mut digest, mut url) = (None, None, None);
        let (mut deployment, mut change) = (None, None);
        for fact in job.state.facts() {
            match fact {
                Fact::Version { version: found, .. } => version = Some(found.clone()),
                Fact::Image { digest: found, .. } => digest = Some(found.clone()),
                Fact::Run { url: found, .. } => url.clone_from(found),
                Fact::Deployment { run } => deployment = Some(run.clone()),
                Fact::Change { change: found } => change = Some(found.clone()),
                Fact::Source { .. } => {}
            }
        }
        let uses = version.as_deref().map_or_else(Vec::new, |version| {
            self.uses_of(&job.build.stage, job.build.image.as_str(), Some(version))
        });
        let may_not = self.principal.why_not(Right::Build);
        let ended = || job.ended.map(|_| "The job has ended.".to_owned());
        let cancelling = || {
            let by = job.state.cancel.as_ref()?;
            Some(format!("{by} has already asked to cancel the job."))
        };
        let open = || job.ended.is_none().then(|| "The job has not ended.".to_owned());
        Ok(JobView {
            now: services.clock.now(),
            steps: job.state.steps.clone(),
            log: log.size,
            log_removed: log.removed.map(|at| LogRemoved { at, kept_days: services.jobs.log_days }),
            sections: sections(&log.digest, job.ended.is_some()),
            cause: cause(&job, &log.digest),
            warnings: job.state.warnings().map(str::to_owned).collect(),
            approvals: job.state.steps.iter().flat_map(|step| step.approvals.clone()).collect(),
            version,
            digest,
            url,
            usual_ms: usual.or_internal("jobs cannot be read")?,
            uses,
            onward: self.onward(&job),
            deployment,
            change,
            may_not_cancel: may_not.clone().or_else(ended).or_else(cancelling),
            may_not_repeat: may_not.or_else(open),
            job: job.view(),
        })
    }

    /// Where the image of a job can be deployed.
    fn onward(&self, job: &Job) -> Onward {
        if job.state.ending() != Some(&Ending::Succeeded) {
            return Onward::default();
        }
        let build = &job.build;
        let observed =
            self.services.stages.get(&build.stage).ok().map(|place| place.observer.now());
        let endpoints = observed.iter().flat_map(|observed| observed.endpoints.values());
        let endpoints: Vec<_> = endpoints.map(|endpoint| endpoint.key.clone()).collect();
        Onward {
            release: build.release.clone().filter(|_| build.can_deploy),
            // With more endpoints than links, the person chooses from a list instead.
            endpoints: if endpoints.len() <= ENDPOINTS_MAX { endpoints } else { Vec::new() },
        }
    }

    pub(super) async fn read_log(&self, id: &JobId, first: u64, count: u32) -> Result<LogPage> {
        let job = self.find_job(id).await?;
        let table = &self.services.jobs.table;
        let log = table.log::<Digest>(id).await.or_internal("a log cannot be read")?;
        let size = if log.removed.is_some() { LogSize::default() } else { log.size };
        let first = first.max(1);
        let count = usize::try_from(count).unwrap_or(LINES_MAX).min(LINES_MAX);
        let lines = table.lines(id, first, count).await.or_internal("a log cannot be read")?;
        Ok(LogPage { first, lines, size, ended: job.ended.is_some() })
    }

    pub(super) async fn find_in_log(&self, id: &JobId, text: &str) -> Result<LogMatches> {
        use domain::job_log::line::Line;
        use domain::job_log::search::{Query, Search};
        self.find_job(id).await?;
        let Some(query) = Query::new(text) else { return Ok(LogMatches::default()) };
        let mut search = Search::new(query.clone());
        let table = &self.services.jobs.table;
        let mut next = 1;
        loop {
            let chunks = table.chunks(id, next, CHUNKS_AT_ONCE).await;
            let mut chunks = chunks.or_internal("a log cannot be read")?;
            chunks.retain(|chunk| chunk.first >= next);
            let Some(last) = chunks.last() else { break };
            next = last.first + last.lines;
            for chunk in chunks.iter().filter(|chunk| !query.is_absent(&chunk.text)) {
                for (number, line) in chunk.numbered().filter(|(_, line)| !query.is_absent(line)) {
                    search.push(number, &Line::parse(line).text());
                }
            }
            if search.has_more() {
                break;
            }
            // A long log must not keep other requests waiting.
            tokio::task::yield_now().await;
        }
        let lines = search.matches().iter().map(|found| found.line).collect();
        Ok(LogMatches { lines, more: search.has_more() })
    }
}

/// How often a cancellation is tried again while the engine writes too.
const CANCEL_TRIES: usize = 20;

fn sections(digest: &Digest, ended: bool) -> Vec<LogSection> {
    let all = digest.sections.list();
    let count = all.len();
    let section = |(at, section): (usize, &domain::job_log::fold::Section)| LogSection {
        title: section.title.clone(),
        first: section.first,
        last: (ended || at + 1 < count).then_some(section.last),
        failed: section.has_error,
    };
    all.iter().enumerate().map(section).collect()
}

fn cause(job: &Job, digest: &Digest) -> Option<Cause> {
    if !matches!(job.state.ending(), Some(Ending::Failed { .. })) {
        return None;
    }
    let found = digest.explainer.explanation()?;
    Some(Cause { what: found.what, remedy: found.todo, line: found.number, quote: found.line })
}
