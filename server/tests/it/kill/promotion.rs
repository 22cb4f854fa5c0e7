//! A console that is killed during an approved change that moves live traffic in steps: each share is set
//! once, and if a condition is not met, the route is restored automatically, once.

use super::victim::Victim;
use super::witness::{Before, expect_intact};
use super::{Death, SPEED, soak_rounds, timed};
use crate::changes::ROUTE;
use crate::changes::WHY;
use crate::changes::decide;
use crate::support::fleet::{Azure, Besides, ENDPOINT, within};
use crate::support::{Browser, DANA, LEO};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

/// More events than such a run has, including its roll-back.
const EVENTS_MAX: usize = 30;
/// The longest wait before a random kill, in milliseconds: about the duration of a run.
const RANDOM_MS_MAX: u64 = 6_000;

/// The outcome of the bake.
#[derive(Debug, Clone, Copy)]
enum Course {
    Through,
    /// A condition is not met.
    Back,
}

impl Course {
    /// The number of requests that the newcomer must get during the bake. Its client sends a few dozen.
    fn requests_min(self) -> u32 {
        match self {
            Self::Through => 1,
            Self::Back => 1_000_000,
        }
    }

    /// The live traffic that is set, in order; the last one is the final state.
    fn routes(self) -> [Value; 2] {
        let halves = json!({ "anet-eedi": 50, "anet-green": 50 });
        match self {
            Self::Through => [halves, json!({ "anet-green": 100 })],
            Self::Back => [halves, json!({ "anet-eedi": 100 })],
        }
    }

    /// The final state of the change.
    fn state(self) -> &'static str {
        match self {
            Self::Through => "succeeded",
            Self::Back => "rolled_back",
        }
    }

    /// The number of runs: the run, and the one that rolls it back.
    fn runs(self) -> i64 {
        match self {
            Self::Through => 1,
            Self::Back => 2,
        }
    }
}

/// A console on a stage that requires an approval and moves traffic in steps.
struct Lane {
    course: Course,
    victim: Victim,
    client: JoinHandle<()>,
}

impl Lane {
    async fn start(course: Course) -> Self {
        let azure = Azure::in_a_hurry(SPEED).await;
        let client = azure.client("anet-green").await;
        let stage = format!(
            ", policy: {{ approvals: 1, promotion: {{ steps: [50, 100], bake_minutes: 1, \
             conditions: {{ requests_min: {} }} }} }}",
            course.requests_min()
        );
        let besides = Besides { stage, is_hurried: true, ..Besides::default() };
        Self { course, victim: Victim::start(azure, &besides).await, client }
    }

    /// Has a change approved, kills the console during its run, and checks the outcome.
    async fn round(&mut self, death: Death) {
        self.victim.witness.azure.route(&json!({ "anet-eedi": 100 })).await;
        // Sessions expire by the clock, too.
        let mut dana = self.victim.console.signed_in(DANA).await;
        let mut leo = self.victim.console.signed_in(LEO).await;
        // This route is the one from before the last round, so the console doubts it for a while.
        let mut asking = dana.clone();
        let change = within("it is believed", async || propose(&mut asking).await).await;
        decide(&mut leo, &change, "approve", "").await.expect(303);
        let page = dana.get(&change).await.expect(200);
        let seen = page.attribute("input[name=seen]", "value").expect("a hash");
        let start = dana.own(&format!("{change}/start")).form(&[("seen", &seen)]);
        let before = self.victim.witness.before().await;
        let asked = tokio::spawn(start.send());
        self.victim.dies(death, before).await;
        // The request may have had no answer; the store decides.
        let _ = asked.await;
        if self.victim.witness.beside.runs().await == before.runs {
            decide(&mut dana, &change, "start", "").await.expect(303);
        }
        self.check(before, death).await;
    }

    /// Checks that each share was set once, or that the route was restored once, and that the change has
    /// the outcome.
    async fn check(&self, before: Before, death: Death) {
        let witness = &self.victim.witness;
        let said = format!("{:?} killed at {death:?}\n{}", self.course, self.victim.console.log());
        let progress = witness.beside.rested().await;
        assert_eq!(progress, "\"succeeded\"", "{said}");
        assert_eq!(witness.beside.runs().await - before.runs, self.course.runs(), "{said}");
        let log = witness.accepted(before).await;
        assert!(log.iter().all(|write| write["method"] == "PUT"), "{log:#?} {said}");
        let routes: Vec<_> =
            log.iter().map(|write| write["body"]["properties"]["traffic"].clone()).collect();
        assert_eq!(routes, self.course.routes(), "{said}");
        let endpoint = witness.azure.get(ENDPOINT).await.expect("it is there");
        assert_eq!(Some(&endpoint["properties"]["traffic"]), routes.last(), "{said}");
        let state = "SELECT state FROM changes ORDER BY proposed DESC LIMIT 1";
        within("the change has the outcome", async || {
            (witness.beside.text(state).await == self.course.state()).then_some(())
        })
        .await;
    }
}

async fn propose(dana: &mut Browser) -> Option<String> {
    let fields = [
        ("live.anet-eedi", "0"),
        ("live.anet-green", "100"),
        ("base", "anet-eedi=100"),
        ("do", "propose"),
        ("reason", WHY),
    ];
    let page = dana.post(ROUTE, &fields).await;
    if page.status == 503 {
        return None;
    }
    Some(page.expect(303).header("location").expect("the change's page").to_owned())
}

/// Runs rounds, each with its own moment of death. Returns the number of kills.
async fn survives(course: Course, rounds: usize, death: impl Fn(usize) -> Death) -> usize {
    let mut lane = Lane::start(course).await;
    for round in 0..rounds {
        lane.round(death(round)).await;
    }
    lane.client.abort();
    expect_intact(lane.victim.console.browser()).await;
    lane.victim.kills
}

/// In one round after each event; in the others at a random time.
fn briefly(round: usize) -> Death {
    if round == 0 { Death::Each } else { Death::Random(RANDOM_MS_MAX) }
}

#[tokio::test]
async fn a_killed_console_sets_each_share_once() {
    survives(Course::Through, 2, briefly).await;
}

#[tokio::test]
async fn a_killed_console_rolls_back_once() {
    survives(Course::Back, 2, briefly).await;
}

#[tokio::test]
#[ignore = "takes minutes: make soak"]
async fn soak_promotions() {
    let rounds = soak_rounds(40);
    // By turns: at one event, after each event, and at a random time.
    let death = |round: usize| match round % 3 {
        0 => Death::At(i64::try_from(round / 3 % EVENTS_MAX).expect("small")),
        1 => Death::Each,
        _ => Death::Random(RANDOM_MS_MAX),
    };
    let lanes = tokio::join!(
        timed("kills during bakes that pass", survives(Course::Through, rounds, death)),
        timed("kills during roll-backs", survives(Course::Back, rounds, death)),
    );
    eprintln!("{} kills in promotions survived", lanes.0 + lanes.1);
}
