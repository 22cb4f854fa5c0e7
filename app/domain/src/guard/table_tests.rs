//! The table of all guards: ids, declared levels, and verdicts that were stored earlier.

use super::fixtures::{delete, endpoint, key, name, set_route, wanted};
use super::inputs::{Bandwidth, Gate, Image, InFlight, Quota, Size};
use super::*;
use crate::asset::{Asset, AssetKind, Found, Looked};
use crate::evidence::fact::{Evidence, EvidenceState};
use crate::guard::Level::{Blocks, Passes, Warns};
use crate::guard::context::Wanted;
use crate::timestamp::Timestamp;
use std::collections::BTreeSet;

/// The input of a guard.
#[derive(Debug)]
struct Input {
    on: Option<Endpoint>,
    moves: Vec<Move>,
    facts: GuardInputs,
}

/// An input on an endpoint with the deployments `blue` and `green`, of which `blue` is live.
fn input(moves: impl Into<Vec<Move>>) -> Input {
    let on = Some(endpoint("blue green", "blue=100"));
    Input { on, moves: moves.into(), facts: GuardInputs::default() }
}

impl Input {
    fn on(self, words: &str, route: &str) -> Self {
        Self { on: Some(endpoint(words, route)), ..self }
    }

    fn without_endpoint(self) -> Self {
        Self { on: None, ..self }
    }

    fn with(self, change: impl FnOnce(&mut GuardInputs)) -> Self {
        let mut facts = self.facts;
        change(&mut facts);
        Self { facts, ..self }
    }

    fn judged(&self, guard: &Guard) -> Option<Verdict> {
        let Self { on, moves, facts } = self;
        let at = &Target::Endpoint(on.as_ref().map_or_else(key, |on| on.key.clone()));
        guard.judge(&GuardContext { at, endpoint: on.as_ref(), moves, facts })
    }
}

fn create(name: &str) -> Input {
    input([Move::Create(wanted(name))])
}

fn create_with(change: impl FnOnce(&mut Wanted)) -> Input {
    let mut new = wanted("red");
    change(&mut new);
    input([Move::Create(new)])
}

fn update(name: &str) -> Input {
    input([Move::Update(wanted(name))])
}

fn route(text: &str) -> Input {
    input([set_route(text)])
}

fn on_kubernetes(name: &str) -> Input {
    let mut input = create(name);
    input.on.iter_mut().for_each(|on| on.kubernetes = true);
    input
}

fn quota(free_cores: u32) -> Input {
    let quota = Quota {
        instance_type: "Standard_DS3_v2".to_owned(),
        family: "standardDSv2Family".to_owned(),
        cores: 4,
        free_cores,
    };
    create("red").with(|facts| facts.quota = Some(vec![quota]))
}

fn image(image: Option<Image>) -> Input {
    create("red").with(|facts| {
        facts.release_environment = Some("env".to_owned());
        facts.image = image;
    })
}

fn sizes(sizes: &[Size]) -> Input {
    create("red").with(|facts| facts.sizes = Some(sizes.to_vec()))
}

fn asset(found: Found) -> Input {
    let asset = Asset { kind: AssetKind::Model, reference: "azureml:nbq:2".to_owned() };
    let looked = Looked { asset: asset.clone(), found };
    create_with(|new| new.assets = vec![asset]).with(|facts| facts.assets = Some(vec![looked]))
}

fn mirror(live_bytes_per_s: u64) -> Input {
    let known = Bandwidth { live_bytes_per_s, limit_bytes_per_s: 5_000_000 };
    route("blue=100;mirror=green:50").with(|facts| facts.bandwidth = Some(known))
}

fn timeout(minute_p99_ms: Option<u32>) -> Input {
    create("red").with(|facts| facts.minute_p99_ms = minute_p99_ms)
}

fn evidence(state: EvidenceState) -> Input {
    let one =
        Evidence { what: "replay diff of green".to_owned(), deployment: name("green"), state };
    route("green=100").with(|facts| facts.evidence = Some(vec![one]))
}

fn environment(name: Option<&str>) -> Input {
    let named = name.map(str::to_owned);
    create_with(|new| new.environment = named)
        .with(|facts| facts.release_environment = Some("env".to_owned()))
}

fn drift(fields: &[&str]) -> Input {
    let fields = fields.iter().map(|field| (*field).to_owned()).collect();
    input([Move::Observe]).with(|facts| facts.release_drift = Some(fields))
}

fn gate(gate: Gate) -> Input {
    route("green=100").with(|facts| facts.gate = Some(gate))
}

fn in_flight(runs: Vec<InFlight>) -> Input {
    route("green=100").with(|facts| facts.in_flight = Some(runs))
}

fn nowhere(missing: &[&str]) -> Input {
    let missing = missing.iter().map(|one| (*one).to_owned()).collect();
    input([Move::Observe]).with(|facts| facts.nowhere = Some(missing))
}

fn other_size() -> Wanted {
    Wanted { instance_type: Some("Standard_F4s_v2".to_owned()), ..wanted("green") }
}

fn full() -> String {
    (0..20).map(|number| format!("dep-{number} ")).collect()
}

/// An input that the product can produce and for which a guard gives a level. The product can produce:
///
/// * endpoints as `server/src/azure/wire.rs` reads them from Azure
/// * the moves that `server/src/planner/draft.rs` makes for a release or for a person's intent
/// * facts that `server/src` sets; `server/house/src/guards.rs` finds facts that it never sets
fn example(guard: &str, level: Level) -> Option<Input> {
    let built = |at, commit| Image::Built { at: Timestamp(at), commit_at: Timestamp(commit) };
    let size = |serves| Size { name: "Standard_DS3_v2".to_owned(), serves };
    let run = || InFlight { what: "Set the route".to_owned(), by: "Dana".to_owned() };
    let again = || [delete("green"), Move::Create(other_size())];
    Some(match (guard, level) {
        ("inputs-answered", Blocks) => {
            route("").with(|facts| facts.unanswered.push("deploy".to_owned()))
        }
        ("changes-something", Passes) => route("green=100"),
        ("changes-something", Warns) => {
            input([Move::Observe]).with(|facts| facts.left_undone = Some("no YAML".to_owned()))
        }
        ("changes-something", Blocks) => route("blue=100"),
        ("stage-open", Passes) => gate(Gate::Open),
        ("stage-open", Blocks) => gate(Gate::Outside { opens: "on Monday at 09:00".to_owned() }),
        ("endpoint-exists", Passes) => input([Move::PutEndpoint]).without_endpoint(),
        ("endpoint-exists", Blocks) => input([Move::Observe]).without_endpoint(),
        ("one-change-at-a-time", Passes) => route("green=100"),
        ("one-change-at-a-time", Blocks) => update("green").on("blue green!Updating", "blue=100"),
        ("no-run-in-flight", Passes) => in_flight(Vec::new()),
        ("no-run-in-flight", Blocks) => in_flight(vec![run()]),
        ("names-legal", Passes) => create("red"),
        ("names-legal", Blocks) => {
            let mut long = on_kubernetes(&"d".repeat(31));
            long.on
                .iter_mut()
                .for_each(|on| on.key.endpoint = "e".repeat(32).parse().expect("a name"));
            long
        }
        ("name-to-keep", Passes) => create("red"),
        ("name-to-keep", Blocks) => create("red-shadow"),
        ("room-for-one-more", Passes) => create("red"),
        ("room-for-one-more", Blocks) => create("red").on(&full(), "dep-0=100"),
        ("deployment-exists", Passes) => input([delete("green")]),
        ("deployment-exists", Blocks) => input([delete("red")]),
        ("new-not-replaced", Passes) => create("red"),
        ("new-not-replaced", Blocks) => create("green"),
        ("no-update-of-live", Passes) => update("green"),
        ("no-update-of-live", Blocks) => update("blue"),
        ("instance-type-recreates", Passes) => update("green"),
        ("instance-type-recreates", Warns) => input(again()),
        ("instance-type-recreates", Blocks) => input([Move::Update(other_size())]),
        ("delete-only-idle", Passes) => input([delete("green")]),
        ("delete-only-idle", Blocks) => input([delete("blue")]),
        ("others-remain", Passes) => input([delete("green")]),
        ("others-remain", Warns) => input([delete("green")]).on("green", ""),
        ("create-and-live-apart", Passes) => create("red"),
        ("create-and-live-apart", Blocks) => create("red").on("blue", "red=100"),
        ("deployments-ready", Passes) => route("green=100"),
        ("deployments-ready", Warns) => {
            route("blue=100;mirror=green:5").on("blue!Failed green", "blue=100")
        }
        ("deployments-ready", Blocks) => route("green=100").on("blue green!Failed", "blue=100"),
        ("live-adds-up", Passes) => route("green=100"),
        ("live-adds-up", Warns) => route(""),
        ("mirror-possible", Passes) => route("blue=100;mirror=green:5"),
        ("mirror-possible", Blocks) => {
            input([Move::Observe]).with(|facts| facts.mirror_to_live = Some(name("blue")))
        }
        ("mirrored-before-live", Passes) => route("blue=100;mirror=green:5"),
        ("mirrored-before-live", Warns) => route("green=100"),
        ("capacity-suffices", Warns) => {
            let mut fewer = route("green=100");
            let on = fewer.on.as_mut().expect("an endpoint");
            on.deployments[1].instance_count = Some(1);
            fewer
        }
        ("bandwidth-suffices", Passes) => mirror(1_000_000),
        ("bandwidth-suffices", Warns) => mirror(3_000_000),
        ("bandwidth-suffices", Blocks) => mirror(4_000_000),
        ("assets-registered", Passes) => create("red"),
        ("assets-registered", Blocks) => {
            create_with(|new| new.unregistered = vec!["local model: ./nbq".to_owned()])
        }
        ("assets-exist", Passes) => asset(Found::There),
        ("assets-exist", Warns) => asset(Found::NotChecked("Azure did not say".to_owned())),
        ("assets-exist", Blocks) => asset(Found::Missing),
        ("size-offered", Passes) => sizes(&[size(true)]),
        ("size-offered", Warns) => sizes(&[size(false)]),
        ("size-offered", Blocks) => sizes(&[Size { name: "Standard_F2".to_owned(), serves: true }]),
        ("environment-matches", Passes) => environment(Some("env")),
        ("environment-matches", Warns) => environment(None),
        ("environment-matches", Blocks) => environment(Some("other")),
        ("image-fresh", Passes) => image(Some(built(2, 1))),
        ("image-fresh", Warns) => image(None),
        ("image-fresh", Blocks) => image(Some(built(1, 2))),
        ("quota-suffices", Passes) => quota(16),
        ("quota-suffices", Warns) => create("red"),
        ("quota-suffices", Blocks) => quota(15),
        ("timeout-covers-p99", Passes) => timeout(Some(100)),
        ("timeout-covers-p99", Warns) => timeout(None),
        ("timeout-covers-p99", Blocks) => timeout(Some(5_000)),
        ("watchers-exist", Passes) => nowhere(&[]),
        ("watchers-exist", Warns) => nowhere(&["the action group ag-x"]),
        ("nothing-left-to-workflow", Warns) => {
            let left = "make the queue q".to_owned();
            input([Move::Observe]).with(|facts| facts.left_to_workflow.push(left))
        }
        ("load-tests-on-dev", Passes) => input([Move::LoadTest]),
        ("load-tests-on-dev", Blocks) => {
            input([Move::LoadTest]).with(|facts| facts.protected = true)
        }
        ("evidence-complete", Passes) => evidence(EvidenceState::Good),
        ("evidence-complete", Blocks) => evidence(EvidenceState::Missing),
        ("release-agrees", Passes) => drift(&[]),
        ("release-agrees", Warns) => drift(&["deployment blue /properties/model"]),
        _ => return None,
    })
}

#[test]
fn every_level_of_every_guard_has_an_input_that_the_product_can_produce() {
    for guard in TABLE {
        assert!(guard.levels.iter().any(|level| *level != Passes), "{} can only pass", guard.id);
        for level in [Passes, Warns, Blocks] {
            let example = example(guard.id, level);
            assert_eq!(example.is_some(), guard.levels.contains(&level), "{} {level:?}", guard.id);
            if let Some(input) = example {
                let found = input.judged(&guard).map(|verdict| verdict.level);
                assert_eq!(found, Some(level), "{} for {input:?}", guard.id);
            }
        }
    }
}

#[test]
fn ids_are_unique_and_in_kebab_case_and_texts_fit_their_place() {
    let ids: BTreeSet<_> = TABLE.iter().map(|guard| guard.id).collect();
    assert_eq!(ids.len(), TABLE.len());
    for guard in TABLE {
        let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(guard.id.chars().all(kebab), "{}", guard.id);
        assert!(guard.help.len() > 80, "{} explains itself", guard.id);
        assert!(guard.rule.len() < 60, "{} is short", guard.rule);
    }
    assert!(ROUTE.iter().all(|guard| ids.contains(guard.id)));
}

fn verdict(guard: &str, level: Level) -> Verdict {
    Verdict {
        guard: guard.to_owned(),
        rule: String::new(),
        level,
        reason: format!("{guard}."),
        help: String::new(),
    }
}

#[test]
fn a_guard_that_is_judged_at_the_start_does_not_block_proposing() {
    for guard in TABLE {
        let blocking = [verdict(guard.id, Blocks), verdict("mirrored-before-live", Warns)];
        let reason = format!("{}.", guard.id);
        assert_eq!(blocked(&blocking).as_deref(), Some(reason.as_str()));
        let expected = (!guard.judged_at_start).then_some(reason);
        assert_eq!(not_to_propose(&blocking), expected);
    }
    let at_start: Vec<_> = TABLE.iter().filter(|guard| guard.judged_at_start).collect();
    assert_eq!(at_start.len(), JUDGED_AT_START.len());
    assert!(at_start.iter().all(|guard| JUDGED_AT_START.contains(&guard.id)));
}

#[test]
fn verdicts_of_guards_that_no_longer_exist_can_be_read() {
    for id in ["endpoint-unchanged", "alert-counts-numbers"] {
        assert!(TABLE.iter().all(|guard| guard.id != id), "{id} is a former guard");
        let stored = format!(
            r#"{{"guard":"{id}","rule":"A rule","level":"blocks","reason":"A reason.","help":"Help."}}"#
        );
        let read: Verdict = serde_json::from_str(&stored).expect("a verdict");
        assert_eq!((read.guard.as_str(), read.level), (id, Blocks));
        assert_eq!(not_to_propose(std::slice::from_ref(&read)).as_deref(), Some("A reason."));
        assert_eq!(serde_json::to_string(&read).expect("JSON"), stored);
    }
}
