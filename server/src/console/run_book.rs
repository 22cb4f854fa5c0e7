//! A shadow's run book: its observed state, and what the workflow's next run would do.

use super::SignedIn;
use super::release_found::Found;
use super::release_plan::{live, on_stage};
use crate::error::OrInternal as _;
use crate::export::{self, shadow, state, workflow};
use crate::planner::Planned;
use crate::planner::file::Files;
use crate::planner::pinned::PinnedRelease;
use crate::stages::StageContext;
use app::error::ConsoleError;
use app::port::{Result, RunBookView};
use domain::document::{Document, Form};
use domain::endpoint::Endpoint;
use domain::provisioning::ProvisioningState;
use domain::release::input::{Given, Inputs};
use domain::release::origin::Origin;
use domain::release::{Release, Template};
use domain::repository::FileProblem;
use domain::route::{Part, Route, Split};
use domain::run_book::inputs::Run;
use domain::run_book::step::{Progress, Which};
use domain::run_book::steps::steps;
use domain::run_book::{Basis, Seen, ShadowDraft};
use domain::stage::EndpointKey;

/// Maximum number of endpoints in the selection; any other can be opened from its own page.
const OFFERED_MAX: usize = 500;
/// Maximum number of other stages' endpoints that are listed.
const ELSEWHERE_MAX: usize = 5;

/// The run book with its next run's plan.
#[derive(Debug, Default)]
pub(super) struct RunBook {
    seen: Seen,
    problems: Vec<FileProblem>,
    pub(super) planned: Option<Planned>,
    pub(super) documents: Vec<Document>,
}

/// A run as a release, with its files.
struct NextRun {
    release: Release,
    files: Files,
    problems: Vec<FileProblem>,
    documents: Vec<Document>,
}

impl SignedIn {
    pub(super) async fn view_run_book(&self, draft: &ShadowDraft) -> Result<RunBookView> {
        let RunBook { seen, problems, planned, documents } =
            Box::pin(self.run_book_of(draft)).await?;
        let mut endpoints: Vec<EndpointKey> = Vec::new();
        for place in self.services.stages.iter() {
            let now = place.observer.now();
            endpoints.extend(now.endpoints.values().map(|endpoint| endpoint.key.clone()));
        }
        endpoints.truncate(OFFERED_MAX);
        endpoints.extend(draft.at.clone().filter(|at| !endpoints.contains(at)));
        let plan = planned.map(|planned| planned.plan);
        Ok(RunBookView { endpoints, seen, problems, plan, documents })
    }

    pub(super) async fn run_book_of(&self, draft: &ShadowDraft) -> Result<RunBook> {
        let Some(at) = &draft.at else { return Ok(RunBook::default()) };
        let endpoint = match self.observed(at).await {
            Ok(endpoint) => endpoint,
            // The first step of the run book says that the endpoint does not exist.
            Err(ConsoleError::NotFound(_)) => return Ok(RunBook::default()),
            Err(error) => return Err(error),
        };
        let place = self.place(at)?;
        let found = self.releases_of(at, draft.reference.as_ref()).await?;
        let known = found.first().map(|one| one.understood.defined.release.inputs.clone());
        let basis = found.into_iter().find(|one| one.is_for(at));
        let seen = self.seen(draft, place, &endpoint, basis.as_ref()).await?;
        let mut book = RunBook { seen, ..RunBook::default() };
        let Some(name) = &draft.name else { return Ok(book) };
        if book.seen.part(name) == Some(Part::Live(100)) {
            let cleaned = basis.as_ref().and_then(|basis| cleaned_up(draft, &endpoint, basis));
            book.documents.extend(cleaned);
            return Ok(book);
        }
        let Some(run) = draft.run().filter(|run| is_in_order(draft, &book.seen, *run)) else {
            return Ok(book);
        };
        self.may_read()?;
        let live = live(place, &endpoint).await?;
        let made = match run {
            Run::Deploy => shadow::made(draft, &live, book.seen.primary(Some(name)), place),
            Run::Promote => None,
        };
        let next = match &basis {
            Some(basis) => self.teams_run(draft, run, &book.seen, basis, made).await?,
            None => self.first_run(draft, run, &book.seen, known.as_ref(), made)?,
        };
        book.problems.clone_from(&next.problems);
        book.documents.clone_from(&next.documents);
        let infra = basis.as_ref().and_then(|basis| basis.understood.defined.infra.as_ref());
        if book.problems.is_empty() {
            let id = basis.as_ref().map(|basis| basis.understood.defined.id.clone());
            let release = on_stage(place, &next.release);
            let release = PinnedRelease {
                infra: infra.cloned(),
                ..PinnedRelease::new(id.unwrap_or_default(), release, next.files.clone())
            };
            book.planned = self.plan_at(place, Some(live), release).await;
        }
        if let Some(planned) = &book.planned {
            book.documents.push(self.document(planned, Some(&next.release), Form::With)?);
            book.documents.push(self.document(planned, None, Form::Commands)?);
        }
        Ok(book)
    }

    async fn seen(
        &self,
        draft: &ShadowDraft,
        place: &StageContext,
        endpoint: &Endpoint,
        basis: Option<&Found>,
    ) -> Result<Seen> {
        let now = self.services.clock.now();
        let mut seen = Seen { endpoint: Some(endpoint.clone()), ..Seen::default() };
        seen.basis = basis.map(|found| {
            let targets = domain::release_drift::targets(&found.understood.defined.release);
            Basis {
                id: found.understood.defined.id.clone(),
                has_shadow: targets.len() > 1,
                primary: targets.into_iter().next(),
                build: found.build.clone(),
            }
        });
        let Some(name) = &draft.name else { return Ok(seen) };
        seen.traffic = Some(place.traffic.of(place, endpoint, now).await);
        let others = self.services.stages.iter().filter(|one| one.stage.name != place.stage.name);
        for other in others {
            let now = other.observer.now();
            let has = now.endpoints.values().filter(|endpoint| {
                let found = endpoint.deployment(name);
                found.is_some_and(|found| found.state == ProvisioningState::Succeeded)
            });
            seen.elsewhere.extend(has.map(|endpoint| endpoint.key.clone()));
        }
        seen.elsewhere.truncate(ELSEWHERE_MAX);
        Ok(seen)
    }

    /// The next run of the team's release, with the shadow's inputs.
    async fn teams_run(
        &self,
        draft: &ShadowDraft,
        run: Run,
        seen: &Seen,
        basis: &Found,
        made: Option<shadow::Made>,
    ) -> Result<NextRun> {
        let known = &basis.understood.defined.release;
        let wanted = draft.inputs(run, &known.inputs, seen.primary(draft.name.as_ref()));
        // An input that is no longer wanted is set to null, which counts as omitted.
        let gone = known.inputs.iter().filter(|(key, _)| wanted.get(key).is_none());
        let mut answers: Inputs = gone.map(|(key, _)| (key.to_owned(), Given::Null)).collect();
        answers = answers.with(&wanted);
        let Some(made) = made else {
            let again = basis.reader.with_answers(&basis.snapshot, &basis.understood, &answers);
            let again = again.await.map_err(|e| ConsoleError::Unavailable(e.to_string()))?;
            let release = Release { inputs: wanted, ..again.defined.release };
            let problems = again.defined.problems;
            return Ok(NextRun { release, files: again.files, problems, documents: Vec::new() });
        };
        let release = Release { inputs: wanted, ..known.with(&answers) };
        let mut files = basis.understood.files.clone();
        Ok(with_made(release, &mut files, made))
    }

    /// The first run, for an endpoint that no repository has a release for.
    fn first_run(
        &self,
        draft: &ShadowDraft,
        run: Run,
        seen: &Seen,
        known: Option<&Inputs>,
        made: Option<shadow::Made>,
    ) -> Result<NextRun> {
        let name = draft.name.as_ref();
        let (at, primary) = draft.at.as_ref().zip(seen.primary(name)).ok_or_else(incomplete)?;
        let whole = Split::new([(primary.clone(), 100)]).and_then(|split| Route::new(split, None));
        let whole = whole.or_internal("a whole route")?;
        let now = state::first_form(at, &whole, known).map_err(ConsoleError::Refused)?;
        let inputs = draft.inputs(run, &now, Some(primary));
        let release = Release::read(Origin::default(), Template::DeployRealtime, inputs);
        match (made, run) {
            (Some(made), _) => Ok(with_made(release, &mut Files::new(), made)),
            (None, Run::Promote) => Ok(with_problems(release, Files::new(), Vec::new())),
            (None, Run::Deploy) => {
                let message = "no repository that the console reads has a release for this endpoint, so there is no file to read. Name the model, and the console makes the YAML from the primary's";
                let mut next = with_problems(release, Files::new(), Vec::new());
                next.problems.push(problem("shadow_deployment_config", message.to_owned()));
                Ok(next)
            }
        }
    }
}

fn incomplete() -> ConsoleError {
    ConsoleError::Refused(
        "No deployment is live on this endpoint. Make a deployment live first.".to_owned(),
    )
}

fn problem(field: &str, message: String) -> FileProblem {
    let (file, field) = ("workflow".to_owned(), Some(field.to_owned()));
    FileProblem { file, line: None, column: None, field, message }
}

/// The next run with a YAML of the shadow that the console made.
fn with_made(release: Release, files: &mut Files, made: shadow::Made) -> NextRun {
    let shadow::Made { path, rendered, document } = made;
    let mut problems = Vec::new();
    match rendered {
        Ok(rendered) => {
            files.insert(path, rendered);
        }
        Err(found) => problems.extend(found.into_iter().map(crate::releases::of_spec)),
    }
    let mut next = with_problems(release, std::mem::take(files), vec![document]);
    next.problems.extend(problems);
    next
}

fn with_problems(release: Release, files: Files, documents: Vec<Document>) -> NextRun {
    let problems = release.problems.iter();
    let problems = problems.map(|found| problem(&found.key, found.message.clone())).collect();
    NextRun { release, files, problems, documents }
}

/// Whether all steps before the run are done.
fn is_in_order(draft: &ShadowDraft, seen: &Seen, run: Run) -> bool {
    let steps = steps(draft, seen);
    let progress = |which| steps.iter().find(|step| step.which == which).map(|step| step.progress);
    match run {
        Run::Deploy => progress(Which::Endpoint) == Some(Progress::Done),
        Run::Promote => progress(Which::Promote) == Some(Progress::Open),
    }
}

/// The workflow's inputs after the promotion; `None` if the workflow has them already.
fn cleaned_up(draft: &ShadowDraft, endpoint: &Endpoint, basis: &Found) -> Option<Document> {
    let inputs = &basis.understood.defined.release.inputs;
    let config = draft.config.as_ref().map(|path| format!("./{path}"));
    let named = || match &inputs.get("shadow_deployment_config")?.given {
        Given::Text(text) => Some(text.clone()),
        _ => None,
    };
    let primary = endpoint.route.primary()?;
    let known = config.or_else(named);
    let own = format!("./{}", state::deployment_file(&endpoint.key.endpoint, primary));
    let hint = match &known {
        Some(_) => String::new(),
        None => format!("# Put the exported YAML of {primary} at {own} first.\n"),
    };
    let config = known.unwrap_or(own);
    let cleaned = workflow::cleaned_up(inputs, &endpoint.route, &config)?;
    let is_clean = basis.deploy().is_some_and(|_| {
        let targets = domain::release_drift::targets(&basis.understood.defined.release);
        targets.as_slice() == [primary.clone()]
    });
    let uses = &basis.understood.defined.release.origin.uses;
    let text = format!("{hint}{}", export::text(&workflow::call(uses, &cleaned)));
    let name = format!("with-{}.yml", endpoint.key.endpoint);
    (!is_clean).then_some(Document { form: Form::With, name, text })
}
