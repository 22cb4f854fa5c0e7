//! The order of jobs.

use super::dispatch::jobs_for;
use super::model::{Attempt, Cancel, Conclusion, Run, Status, Step, Work};
use super::plan::{Next, advance};
use super::workflow::Workflow;
use crate::github::environments::{self, Environments};

const REPOSITORY: &str = "anet/ml-azua";
const BUILD: &str = "uses: a/b/.github/workflows/build.yml@v1";

/// A run of these jobs, with an environment `prod` that has a reviewer.
fn run(jobs: &str) -> (Run, Environments) {
    let workflow = Workflow::parse(&format!("on: workflow_dispatch\njobs:\n{jobs}")).expect(jobs);
    let attempt = Attempt {
        number: 1,
        actor: "dana-scott".to_owned(),
        started_at: 0,
        updated_at: 0,
        status: Status::Queued,
        conclusion: None,
    };
    let mut run = Run {
        id: 1,
        number: 1,
        path: ".github/workflows/x.yml".to_owned(),
        name: "X".to_owned(),
        branch: "main".to_owned(),
        git_ref: "refs/heads/main".to_owned(),
        sha: "0".repeat(40),
        inputs: std::iter::once(("to".to_owned(), "prod".to_owned())).collect(),
        actor: "dana-scott".to_owned(),
        created_at: 0,
        updated_at: 0,
        cancel: Cancel::No,
        attempts: vec![attempt],
        jobs: Vec::new(),
        reviews: Vec::new(),
    };
    let mut last_id = 10;
    run.jobs = jobs_for(&run, REPOSITORY, &workflow, &mut last_id, 0);
    let mut all = Environments::new();
    environments::ensure(&mut all, "prod", 0);
    all.get_mut("prod").expect("it is new").reviewers.push("leo-lead".to_owned());
    (run, all)
}

fn next(run: &mut Run, environments: &Environments) -> Next {
    advance(run, REPOSITORY, environments, 1)
}

/// Ends a job that was started.
fn end(run: &mut Run, id: u64, conclusion: Conclusion) {
    let job = run.job_mut(id).expect("a job");
    assert_eq!(job.status, Status::InProgress);
    let step = Step {
        name: "x".to_owned(),
        status: Status::InProgress,
        conclusion: None,
        started_at: None,
        completed_at: None,
        log: (0, 0),
    };
    job.steps.push(step);
    job.complete(conclusion, 2);
}

fn conclusions(run: &Run) -> Vec<Option<&'static str>> {
    run.jobs.iter().map(|job| job.conclusion.map(Conclusion::as_str)).collect()
}

fn outcome(run: &Run) -> (Status, Option<Conclusion>) {
    let attempt = run.attempt().expect("an attempt");
    (attempt.status, attempt.conclusion)
}

#[test]
fn jobs_wait_for_what_they_need() {
    let (mut run, environments) =
        run(&format!("  a: {{{BUILD}}}\n  b: {{{BUILD}}}\n  c: {{needs: [a, b], {BUILD}}}\n"));
    assert_eq!(next(&mut run, &environments).start, [11, 12]);
    assert_eq!(outcome(&run), (Status::InProgress, None));
    end(&mut run, 11, Conclusion::Success);
    assert!(next(&mut run, &environments).start.is_empty());
    end(&mut run, 12, Conclusion::Success);
    assert_eq!(next(&mut run, &environments).start, [13]);
    end(&mut run, 13, Conclusion::Success);
    assert!(next(&mut run, &environments).is_over);
    assert_eq!(outcome(&run), (Status::Completed, Some(Conclusion::Success)));
}

#[test]
fn after_a_failure_only_jobs_run_that_ask_for_it() {
    let (mut run, environments) = run(&format!(
        "  a: {{{BUILD}}}\n  b: {{needs: a, {BUILD}}}\n  c: {{needs: b, if: failure(), {BUILD}}}\n  d: {{needs: b, \
         if: always(), {BUILD}}}\n"
    ));
    next(&mut run, &environments);
    end(&mut run, 11, Conclusion::Failure);
    assert_eq!(next(&mut run, &environments).start, [13, 14]);
    end(&mut run, 13, Conclusion::Success);
    end(&mut run, 14, Conclusion::Success);
    assert!(next(&mut run, &environments).is_over);
    let expected = [Some("failure"), Some("skipped"), Some("success"), Some("success")];
    assert_eq!(conclusions(&run), expected);
    assert_eq!(outcome(&run), (Status::Completed, Some(Conclusion::Failure)));
}

#[test]
fn a_job_that_is_not_carried_out_stops_no_other() {
    let (mut run, environments) = run(&format!(
        "  checks: {{runs-on: x, steps: []}}\n  build: {{needs: checks, {BUILD}}}\n  off: {{if: false, {BUILD}}}\n  \
         after: {{needs: off, {BUILD}}}\n"
    ));
    assert_eq!(next(&mut run, &environments).start, [11]);
    assert!(matches!(run.jobs[0].work, Work::Unplayed(_)));
    end(&mut run, 11, Conclusion::Skipped);
    assert_eq!(next(&mut run, &environments).start, [12]);
    assert_eq!(conclusions(&run)[2..], [Some("skipped"), Some("skipped")]);
}

#[test]
fn a_protected_environment_waits_for_its_reviewer() {
    let with =
        "uses: ./.github/workflows/deploy_realtime.yml, with: {environment: '${{ inputs.to }}'}";
    let (mut run, environments) = run(&format!("  a: {{{with}}}\n"));
    assert_eq!(next(&mut run, &environments), Next::default());
    assert_eq!(outcome(&run), (Status::Waiting, None));
    run.job_mut(11).expect("a job").is_approved = true;
    assert_eq!(next(&mut run, &environments).start, [11]);
}

#[test]
fn a_cancelled_run_ends_what_has_not_started() {
    let jobs = format!(
        "  a: {{{BUILD}}}\n  b: {{needs: a, {BUILD}}}\n  c: {{needs: a, if: always(), {BUILD}}}\n"
    );
    let (mut asked, environments) = run(&jobs);
    next(&mut asked, &environments);
    asked.cancel = Cancel::Asked;
    end(&mut asked, 11, Conclusion::Cancelled);
    assert_eq!(next(&mut asked, &environments).start, [13]);
    let (mut forced, environments) = run(&jobs);
    next(&mut forced, &environments);
    forced.cancel = Cancel::Forced;
    end(&mut forced, 11, Conclusion::Cancelled);
    assert!(next(&mut forced, &environments).is_over);
    assert_eq!(outcome(&forced), (Status::Completed, Some(Conclusion::Cancelled)));
}

#[test]
fn what_cannot_be_evaluated_fails_and_says_why() {
    let (mut run, environments) = run(&format!("  a: {{if: 'vars.ON == 1', {BUILD}}}\n"));
    assert_eq!(next(&mut run, &environments).start, [11]);
    let Work::Invalid(reason) = &run.jobs[0].work else { panic!("{:?}", run.jobs[0]) };
    assert!(reason.contains("vars.ON"), "{reason}");
}
