//! Random sequences through the real pages: approvals, starts, roll-backs, retries, freezes, and outside
//! changes in Azure. In any order, no deployment gets more live traffic without an approval than in the
//! last route that was approved and held, and a deployment that gets more is the one that was approved. The
//! test judges by Azure's state and by its own model, and uses none of the console's rules.

use super::{asks_back, created_again_elsewhere, decides, newest, proposed, updated_elsewhere};
use crate::changes::protected;
use crate::changes::standing;
use crate::support::{Browser, DANA, LEO, TestConsole};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const NAMES: [&str; 3] = ["anet-eedi", "anet-green", "anet-red"];
/// Random operations of one sequence.
const OPS: usize = 8;

#[derive(Debug, Clone)]
enum Op {
    /// Proposes, approves and starts a route; a deployment may change in between.
    Approved { to: usize, meanwhile: Option<(usize, bool)> },
    /// Requests the roll-back of a run, counted from the newest.
    RollBack { of: usize },
    /// Requests a retry.
    Retry { of: usize },
    /// Sets the route outside the console.
    Route { to: usize },
    /// Updates a deployment, or deletes and creates it again, outside the console.
    Deployment { name: usize, again: bool },
    /// Freezes or unfreezes the stage.
    Freeze { on: bool },
}

fn op() -> impl Strategy<Value = Op> {
    let (name, route) = (0..NAMES.len(), 0..ROUTES.len());
    prop_oneof![
        4 => (route.clone(), prop::option::weighted(0.2, (name.clone(), any::<bool>())))
            .prop_map(|(to, meanwhile)| Op::Approved { to, meanwhile }),
        5 => (0..3_usize).prop_map(|of| Op::RollBack { of }),
        1 => (0..2_usize).prop_map(|of| Op::Retry { of }),
        1 => route.prop_map(|to| Op::Route { to }),
        2 => (name, any::<bool>()).prop_map(|(name, again)| Op::Deployment { name, again }),
        1 => any::<bool>().prop_map(|on| Op::Freeze { on }),
    ]
}

const ROUTES: [[u64; 3]; 5] = [[100, 0, 0], [0, 100, 0], [50, 50, 0], [0, 40, 60], [20, 0, 80]];

type Split = BTreeMap<String, u64>;
/// Distinguishes a deployment from another one with the same name.
type Made = BTreeMap<String, Value>;

fn split_of(to: usize) -> Split {
    let shares = NAMES.iter().zip(ROUTES[to]).filter(|(_, share)| *share > 0);
    shares.map(|(name, share)| ((*name).to_owned(), share)).collect()
}

fn text(split: &Split) -> String {
    split.iter().map(|(name, share)| format!("{name}={share}")).collect::<Vec<_>>().join(",")
}

fn risen<'a>(from: &'a Split, to: &'a Split) -> impl Iterator<Item = (&'a String, u64)> {
    let had = |name: &String| from.get(name).copied().unwrap_or(0);
    to.iter().filter(move |(name, share)| **share > had(name)).map(|(name, share)| (name, *share))
}

/// The last route that was approved and held.
#[derive(Clone)]
struct Good {
    split: Split,
    made: Made,
}

struct World {
    console: TestConsole,
    dana: Browser,
    leo: Browser,
    runs: Vec<String>,
    good: Option<Good>,
    /// The good state before the newest approved change. A roll-back of that change means that it did not
    /// hold.
    before: Option<Good>,
    modes: u32,
    /// Roll-backs that were carried out.
    backs: u32,
}

impl World {
    async fn start() -> Self {
        let console = protected().await;
        console.with_deployment("anet-red").await;
        let (dana, leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
        Self { console, dana, leo, runs: Vec::new(), good: None, before: None, modes: 0, backs: 0 }
    }

    async fn split(&self) -> Split {
        let split = super::split(&self.console).await;
        serde_json::from_value(split).expect("whole shares")
    }

    async fn made(&self) -> Made {
        let mut made = Made::new();
        for name in NAMES {
            let path = self.console.arm_path(&format!("/deployments/{name}"));
            let body = self.console.ask(Method::GET, &path, None).await;
            let of = json!([
                body["systemData"]["createdAt"],
                body["properties"]["environmentVariables"]
            ]);
            made.insert(name.to_owned(), of);
        }
        made
    }

    async fn at_rest(&self) {
        self.console
            .eventually("no run is in flight", async || {
                let open = self.console.services.operations.table.open().await.expect("a store");
                let is_busy =
                    self.console.endpoint().await["properties"]["provisioningState"] != "Succeeded";
                (open.is_empty() && !is_busy).then_some(())
            })
            .await;
    }

    async fn play(&mut self, op: &Op) {
        let (from, made) = (self.split().await, self.made().await);
        match op {
            Op::Approved { to, meanwhile } => {
                return self.approved(*to, *meanwhile, from, made).await;
            }
            Op::RollBack { of } => {
                if let Some(run) = self.runs.iter().rev().nth(*of).cloned() {
                    let page = asks_back(&mut self.dana, &run, &text(&from)).await;
                    if page.status == 303 {
                        self.backs += 1;
                        self.runs.push(page.header("location").expect("a run").to_owned());
                    }
                }
            }
            Op::Retry { of } => {
                if let Some(run) = self.runs.iter().rev().nth(*of).cloned() {
                    self.dana.post(&run, &[("decision", "retry")]).await;
                }
            }
            Op::Route { to } => {
                let to = serde_json::to_value(split_of(*to)).expect("JSON");
                return self.console.with_route(to, json!({})).await;
            }
            Op::Deployment { name, again } => return self.elsewhere(NAMES[*name], *again).await,
            Op::Freeze { on } => {
                let path = if *on { "freeze" } else { "thaw" };
                let path = format!("/stages/anet-prod/{path}");
                self.leo.post(&path, &[("reason", "Exams")]).await;
            }
        }
        self.at_rest().await;
        let (to, now) = (self.split().await, self.made().await);
        for (name, share) in risen(&from, &to) {
            let good = self.before.as_ref().expect("nothing was approved yet");
            let had = good.split.get(name).copied().unwrap_or(0);
            assert!(share <= had, "{op:?}: {name} got {share} % and had {had} %");
            assert_eq!(good.made.get(name), now.get(name), "{op:?}: {name} is something else");
        }
        if to != from {
            self.good.clone_from(&self.before);
        }
    }

    async fn elsewhere(&mut self, name: &str, again: bool) {
        self.modes += 1;
        let is_live = self.split().await.contains_key(name);
        match again && !is_live {
            true => created_again_elsewhere(&self.console, name).await,
            false => updated_elsewhere(&self.console, name, &self.modes.to_string()).await,
        }
    }

    async fn approved(
        &mut self,
        to: usize,
        meanwhile: Option<(usize, bool)>,
        from: Split,
        made: Made,
    ) {
        let wanted = split_of(to);
        if wanted == from {
            return;
        }
        let base = text(&from);
        let fields: Vec<_> = NAMES
            .iter()
            .zip(ROUTES[to])
            .map(|(name, share)| (format!("live.{name}"), share.to_string()))
            .chain([("base".to_owned(), base)])
            .collect();
        let fields: Vec<_> = fields.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let change = proposed(&self.console, &mut self.dana, &fields).await;
        decides(&self.console, &mut self.leo, &change, "approve").await.expect(303);
        if let Some((name, again)) = meanwhile {
            self.elsewhere(NAMES[name], again).await;
        }
        decides(&self.console, &mut self.dana, &change, "start").await;
        self.at_rest().await;
        if standing(&mut self.dana, &change).await == "waits for approval" {
            // A deployment changed after its approval, so the change must not be carried out.
            assert_eq!(self.split().await, from, "nothing is sent");
            return;
        }
        let now_is = self.split().await;
        if now_is == from {
            return;
        }
        assert_eq!(now_is, wanted);
        let now = self.made().await;
        for (name, _) in risen(&from, &wanted) {
            assert_eq!(made.get(name), now.get(name), "{name} is not what was approved");
        }
        let former = self.good.take().unwrap_or(Good { split: from.clone(), made: now.clone() });
        let rises = |name: &String| wanted[name] > from.get(name).copied().unwrap_or(0);
        let made = wanted.keys().map(|name| {
            let known = if rises(name) { made.get(name) } else { former.made.get(name) };
            (name.clone(), known.or_else(|| now.get(name)).expect("it is there").clone())
        });
        self.good = Some(Good { made: made.collect(), split: wanted.clone() });
        self.before = Some(former);
        self.runs.push(newest(&mut self.dana).await);
    }
}

async fn sequence(ops: &[Op]) -> u32 {
    let mut world = World::start().await;
    for op in ops {
        world.play(op).await;
    }
    world.backs
}

/// The same sequences in every run, so that failures can be reproduced.
async fn sequences(many: u32) {
    let all = prop::collection::vec(op(), OPS);
    let mut runner = TestRunner::deterministic();
    let mut backs = 0;
    for _ in 0..many {
        // Each begins with a change and its roll-back, so that it covers the rules.
        let mut ops = vec![Op::Approved { to: 1, meanwhile: None }, Op::RollBack { of: 0 }];
        ops.extend(all.new_tree(&mut runner).expect("a sequence").current());
        println!("{ops:?}");
        backs += sequence(&ops).await;
    }
    assert!(backs > 0, "nothing was ever rolled back");
}

#[tokio::test]
async fn no_sequence_adds_live_traffic_without_an_approval() {
    sequences(1).await;
}

#[tokio::test]
#[ignore = "takes minutes: make soak"]
async fn soak_going_live() {
    sequences(20).await;
}
