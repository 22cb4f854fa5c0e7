//! Every method of [`Console`]: checks the right, then asks the module that knows.

use super::knowing::learning;
use super::{SignedIn, overview};
use app::domain::change::ChangeId;
use app::domain::change::event::SubjectHash;
use app::domain::change::proposal::{Act, Proposal, Words};
use app::domain::document::{Document, Export, Form};
use app::domain::evidence::{Capture, EvidenceId};
use app::domain::find::Find;
use app::domain::history::{LiveAt, Verdict};
use app::domain::history_filter::Filter;
use app::domain::log::{Container, Log};
use app::domain::name::{DeploymentName, StageName};
use app::domain::operation::Operation;
use app::domain::plan::asked::PlanOf;
use app::domain::plan::{Plan, PlanHash};
use app::domain::repository::{Reference, ReleaseId};
use app::domain::route::Route;
use app::domain::run::view::RunView;
use app::domain::run::{Decision, RunId};
use app::domain::run_book::Draft;
use app::domain::scoring::{Answer, Target};
use app::domain::session::Ending;
use app::domain::spec::Check;
use app::domain::stage::EndpointKey;
use app::domain::timestamp::Timestamp;
use app::domain::traffic::Traffic;
use app::domain::user::Right;
use app::port::{
    Account, ChangeView, ChangesView, Console, DeploymentView, EndpointView, EvidenceList,
    EvidenceView, HistoryEntry, HistoryView, Overview, ReleasePlan, ReleaseView, ReleasesView,
    Result, RunBookView, SessionsView, StageRules,
};

#[async_trait::async_trait]
impl Console for SignedIn {
    fn account(&self) -> Account {
        Account {
            user: self.asker.user.clone(),
            signed_in: self.signed_in,
            ends: self.ends,
            idle_minutes: self.idle_minutes,
            now: self.services.clock.now(),
        }
    }

    async fn check_right(&self, right: Right, what: &str, at: Option<&EndpointKey>) -> Result<()> {
        self.require_to(right, what, at).await
    }

    async fn sessions(&self, find: &str) -> Result<SessionsView> {
        self.view_sessions(find).await
    }

    async fn end_sessions(&self, which: Ending) -> Result<u64> {
        self.end(which).await
    }

    async fn overview(&self, find: &Find) -> Result<Overview> {
        self.require(Right::See).await?;
        overview::read(&self.services, find).await
    }

    async fn endpoint(&self, at: &EndpointKey) -> Result<EndpointView> {
        self.require(Right::See).await?;
        learning(self.view_endpoint(at)).await
    }

    async fn deployment(&self, at: &EndpointKey, name: &DeploymentName) -> Result<DeploymentView> {
        self.require(Right::See).await?;
        learning(self.view_deployment(at, name)).await
    }

    async fn traffic(&self, at: &EndpointKey) -> Result<Traffic> {
        self.require(Right::See).await?;
        let endpoint = self.observed(at).await?;
        let place = self.place(at)?;
        Ok(place.traffic.of(place, &endpoint, self.services.clock.now()).await)
    }

    async fn log(
        &self,
        at: &EndpointKey,
        name: &DeploymentName,
        container: Container,
        tail: u32,
    ) -> Result<Log> {
        self.require(Right::See).await?;
        self.knowing(at, self.view_log(at, name, container, tail)).await
    }

    async fn plan_route(&self, at: &EndpointKey, route: &Route) -> Result<Plan> {
        self.require(Right::See).await?;
        self.knowing(at, self.plan_of_route(at, route)).await
    }

    async fn apply_route(
        &self,
        at: &EndpointKey,
        route: &Route,
        base: &Route,
        saw: Option<&str>,
    ) -> Result<Operation> {
        self.require_change(at, "set the route").await?;
        let (runs, by) = (&self.services.operations, &self.asker);
        self.knowing(at, async {
            let begun = runs.set_seen_route(at, route, base, saw, by).await;
            self.recorded("set the route", at, begun).await
        })
        .await
    }

    async fn check_deployment(&self, at: &EndpointKey, yaml: &str) -> Result<Check> {
        self.require(Right::See).await?;
        self.knowing(at, self.check_yaml(at, yaml)).await
    }

    async fn definition(&self, id: &RunId) -> Result<String> {
        self.require(Right::See).await?;
        self.definition_of(id).await
    }

    async fn create_deployment(&self, at: &EndpointKey, yaml: &str) -> Result<Operation> {
        self.require_change(at, "create a deployment").await?;
        self.knowing(at, async {
            let begun = self.create(at, yaml).await;
            self.recorded("create a deployment", at, begun).await
        })
        .await
    }

    async fn delete_deployment(
        &self,
        at: &EndpointKey,
        name: &DeploymentName,
    ) -> Result<Operation> {
        self.require_change(at, "delete a deployment").await?;
        self.knowing(at, async {
            let begun = self.services.operations.delete_deployment(at, name, &self.asker).await;
            self.recorded("delete a deployment", at, begun).await
        })
        .await
    }

    async fn releases(&self, reference: Option<&Reference>, again: bool) -> Result<ReleasesView> {
        self.require(Right::See).await?;
        learning(self.view_releases(reference, again)).await
    }

    async fn release(&self, id: &ReleaseId, reference: Option<&Reference>) -> Result<ReleaseView> {
        self.require(Right::See).await?;
        learning(self.view_release(id, reference)).await
    }

    async fn plan_release(
        &self,
        id: &ReleaseId,
        reference: Option<&Reference>,
        answers: &[(String, String)],
    ) -> Result<ReleasePlan> {
        self.require(Right::See).await?;
        learning(self.view_release_plan(id, reference, answers)).await
    }

    async fn apply_release(
        &self,
        id: &ReleaseId,
        reference: Option<&Reference>,
        answers: &[(String, String)],
        hash: &PlanHash,
    ) -> Result<Operation> {
        self.require(Right::See).await?;
        learning(Box::pin(self.carry_out(id, reference, answers, hash))).await
    }

    async fn run(&self, id: &RunId) -> Result<RunView> {
        self.require(Right::See).await?;
        learning(self.view_run(id)).await
    }

    async fn decide(&self, id: &RunId, decision: Decision) -> Result<Operation> {
        self.require(Right::See).await?;
        learning(self.decide_run(id, decision)).await
    }

    async fn roll_back(&self, id: &RunId, saw: &Route) -> Result<Operation> {
        self.require(Right::See).await?;
        learning(self.roll_back_run(id, saw)).await
    }

    async fn plan_document(&self, of: &PlanOf, form: Form) -> Result<Document> {
        self.require(Right::See).await?;
        learning(self.document_of(of, form)).await
    }

    async fn export(&self, at: &EndpointKey, name: Option<&DeploymentName>) -> Result<Export> {
        self.require(Right::See).await?;
        self.knowing(at, self.export_of(at, name)).await
    }

    async fn run_book(&self, draft: &Draft) -> Result<RunBookView> {
        self.require(Right::See).await?;
        learning(self.view_run_book(draft)).await
    }

    async fn test(&self, at: &EndpointKey, target: &Target, body: &str) -> Result<Answer> {
        self.require(Right::Test).await?;
        self.knowing(at, self.send_test(at, target, body)).await
    }

    async fn capture(&self, at: &EndpointKey, what: Capture) -> Result<EvidenceId> {
        self.require(Right::Test).await?;
        self.knowing(at, self.capture_evidence(at, what)).await
    }

    async fn evidence_of(&self, at: &EndpointKey) -> Result<EvidenceList> {
        self.require(Right::See).await?;
        self.list_evidence(at).await
    }

    async fn evidence(&self, id: &EvidenceId) -> Result<EvidenceView> {
        self.require(Right::See).await?;
        self.view_evidence(id).await
    }

    async fn changes(&self) -> Result<ChangesView> {
        self.require(Right::See).await?;
        self.view_changes().await
    }

    async fn changes_for_me(&self) -> Result<usize> {
        let open = self.services.changes.open();
        Ok(open.iter().filter(|row| self.waits_for_me(row)).count())
    }

    async fn change(&self, id: &ChangeId) -> Result<ChangeView> {
        self.require(Right::See).await?;
        learning(self.view_change(id)).await
    }

    async fn propose(&self, proposal: Proposal) -> Result<ChangeId> {
        self.require(Right::Propose).await?;
        learning(self.propose_change(proposal)).await
    }

    async fn decide_change(
        &self,
        id: &ChangeId,
        act: Act,
        seen: &SubjectHash,
        comment: Option<Words>,
    ) -> Result<()> {
        learning(self.act_on(id, act, seen, comment.as_ref())).await
    }

    async fn stage(&self, name: &StageName) -> Result<StageRules> {
        self.require(Right::See).await?;
        self.view_stage(name).await
    }

    async fn freeze(&self, name: &StageName, reason: Words) -> Result<()> {
        self.require(Right::Freeze).await?;
        self.services.changes.freeze(name, &reason, &self.asker).await
    }

    async fn thaw(&self, name: &StageName, reason: Words) -> Result<()> {
        self.require(Right::Freeze).await?;
        self.services.changes.thaw(name, &reason, &self.asker).await
    }

    async fn history(&self, filter: &Filter) -> Result<HistoryView> {
        self.require(Right::See).await?;
        self.view_history(filter).await
    }

    async fn history_entry(&self, index: u64) -> Result<HistoryEntry> {
        self.require(Right::See).await?;
        self.view_history_entry(index).await
    }

    async fn live_at(&self, at: &EndpointKey, time: Timestamp) -> Result<LiveAt> {
        self.require(Right::See).await?;
        self.view_live_at(at, time).await
    }

    async fn verify_history(&self) -> Result<Verdict> {
        self.require(Right::Export).await?;
        self.check_history().await
    }
}
