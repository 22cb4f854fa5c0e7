//! Which rules can be overridden, and who may acknowledge broken glass.

use super::*;
use crate::guard::fixtures::{name, route};
use crate::ids::RunId;
use crate::intent::{Intent, ReleaseRequest, Yaml};
use crate::policy::Policy;
use crate::run::warrant::{Consent, GoodState, Made, Warrant, held_by_freeze};
use crate::stage::EndpointKey;
use crate::timestamp::Timestamp;
use crate::user::Person;
use crate::user::{Role, User};

const RUN: &str = "6f2c1b6a-0c1d-4e7f-9a3b-0123456789ab";

fn verdict(guard: &str, level: Level, reason: &str) -> Verdict {
    let text = |text: &str| text.to_owned();
    Verdict {
        guard: text(guard),
        rule: text("A rule"),
        level,
        reason: text(reason),
        help: text(""),
    }
}

#[test]
fn only_named_rules_are_overridden() {
    let freeze = Freeze { by: "Leo Lead".to_owned(), at: Timestamp(0), reason: "Exams".to_owned() };
    let closed = [verdict("stage-open", Level::Blocks, "Closed.")];
    let lacks = [verdict("evidence-complete", Level::Blocks, "A comparison is missing.")];
    let warned = [verdict("evidence-complete", Level::Passes, "All there.")];
    let none = InTheWay::default();
    let frozen = InTheWay { freeze: Some(&freeze), verdicts: &closed, ..none };
    let outside = InTheWay { opens: Some("on Monday"), verdicts: &closed, ..none };
    for (policy, rules, says) in [
        (InTheWay { approvals: 1, ..none }, vec![Rule::Approval], "One other person"),
        (
            InTheWay { approvals: 3, verdicts: &warned, ..none },
            vec![Rule::Approval],
            "3 other people",
        ),
        (frozen, vec![Rule::Freeze], "Leo Lead froze the stage: Exams"),
        (outside, vec![Rule::Hours], "opens on Monday"),
        (InTheWay { opens: Some("on Monday"), ..frozen }, vec![Rule::Freeze, Rule::Hours], "Exams"),
        (InTheWay { verdicts: &lacks, ..none }, vec![Rule::Evidence], "is missing"),
        (
            InTheWay { approvals: 1, no_way_back: Some("It is a roll-back."), ..none },
            vec![Rule::Approval, Rule::RollBack],
            "It is a roll-back.",
        ),
    ] {
        let found = set_aside(policy).expect("rules");
        assert_eq!(found.iter().map(|one| one.rule).collect::<Vec<_>>(), rules);
        assert!(found.iter().any(|one| one.says.contains(says)), "{says}: {found:?}");
        // Each guard that blocks is one whose rule is overridden.
        let guards = overridden_guards(&found);
        let blocking = policy.verdicts.iter().filter(|verdict| verdict.level == Level::Blocks);
        assert!(blocking.map(|one| one.guard.as_str()).all(|guard| guards.contains(&guard)));
    }
}

#[test]
fn protections_against_mistakes_are_never_overridden() {
    let none = set_aside(InTheWay::default()).expect_err("nothing is in the way");
    assert!(none.contains("without breaking glass"), "{none}");
    for guard in ["live-adds-up", "names-legal", "no-run-in-flight", "quota-suffices", "else"] {
        let verdicts = [
            verdict("stage-open", Level::Blocks, "Closed."),
            verdict(guard, Level::Blocks, "It must not be."),
        ];
        let policy = InTheWay { approvals: 2, verdicts: &verdicts, ..InTheWay::default() };
        let why = set_aside(policy).expect_err("it is forbidden");
        assert_eq!(why, "It must not be. Breaking glass does not override this.");
    }
    // A warning does not block.
    let warned = [verdict("mirrored-before-live", Level::Warns, "Careful.")];
    let policy = InTheWay { approvals: 1, verdicts: &warned, ..InTheWay::default() };
    assert_eq!(set_aside(policy).expect("one").len(), 1);
    for id in OF_THE_POLICY {
        let guard = crate::guard::TABLE.iter().find(|guard| guard.id == id).expect("a guard");
        assert!(guard.judged_at_start, "{id} concerns a temporary condition");
    }
}

fn at() -> EndpointKey {
    EndpointKey {
        stage: "anet-prod".parse().expect("a stage"),
        endpoint: "anet-ep".parse().expect("an endpoint"),
    }
}

#[test]
fn a_purpose_survives_a_round_trip_through_its_form() {
    let release = ReleaseRequest::Defined {
        id: crate::repository::ReleaseId {
            repository: "anet/ml".to_owned(),
            workflow: "deploy.yml".to_owned(),
            job: "prod".to_owned(),
        },
        reference: Some("main".parse().expect("a reference")),
        answers: vec![("model_version".to_owned(), "7 & more".to_owned())],
    };
    for purpose in [
        Purpose::Intent(Intent::SetRoute {
            at: at(),
            route: route("blue=90,green=10;mirror=red:20"),
        }),
        Purpose::Intent(Intent::SetRoute { at: at(), route: route("") }),
        Purpose::Intent(Intent::CreateDeployment { at: at(), deployment: Yaml::default() }),
        Purpose::Intent(Intent::DeleteDeployment { at: at(), name: name("green") }),
        Purpose::RollBack(RunId(RUN.to_owned())),
        Purpose::Change(ChangeId(RUN.to_owned())),
        Purpose::Intent(Intent::Release { release }),
    ] {
        assert_eq!(Purpose::parse(at(), &purpose.fields()), Ok(purpose.clone()));
    }
    let pairs = |fields: &[(&str, &str)]| -> Vec<(String, String)> {
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    for (fields, field) in [
        (pairs(&[]), "what"),
        (pairs(&[("what", "everything")]), "what"),
        (pairs(&[("what", "route"), ("live.blue", "60")]), "live"),
        (pairs(&[("what", "delete"), ("deployment", "../x")]), "deployment"),
        (pairs(&[("what", "roll-back"), ("run", "7")]), "run"),
        (pairs(&[("what", "change"), ("change", "../7")]), "change"),
        (pairs(&[("what", "release"), ("repository", "x")]), "job"),
    ] {
        let problems = Purpose::parse(at(), &fields).expect_err("refused");
        assert_eq!(problems[0].field, field);
    }
}

#[test]
fn another_person_must_acknowledge() {
    let user = |object: &str, role| User {
        tenant: "t".to_owned(),
        object: object.to_owned(),
        name: object.to_owned(),
        username: format!("{object}@anet.example"),
        roles: [role].into(),
    };
    let leo = user("leo", Role::Lead);
    let broken = Broken {
        id: GlassId(RUN.to_owned()),
        on: at(),
        run: RunId(RUN.to_owned()),
        title: "Set the route".to_owned(),
        by: Person::from(&leo),
        at: Timestamp(0),
        reason: "Clients get errors".to_owned(),
        set_aside: Vec::new(),
        change: None,
        entry: 7,
        acknowledged: None,
    };
    let pair = ["leo@anet.example".to_owned(), "leo.admin@anet.example".to_owned()];
    let policy = Policy { same_person: vec![pair.into()], ..Policy::default() };
    let why = |user: &User| broken.why_not_acknowledge(user, Some(&policy));
    assert!(why(&leo).expect("no").contains("You broke this glass yourself"));
    let other = user("leo.admin", Role::Admin);
    assert!(why(&other).expect("no").contains("are the same person"));
    assert_eq!(broken.why_not_acknowledge(&other, None), None);
    assert!(why(&user("vera", Role::Viewer)).expect("no").contains("Only these roles"));
    for role in [Role::DataScientist, Role::Lead, Role::Auditor, Role::Admin] {
        assert_eq!(why(&user("somebody", role)), None, "{role:?}");
    }
    let by = Person::from(&user("ada", Role::Auditor));
    let acknowledged = Acknowledged { by, at: Timestamp(0), comment: None, entry: 9 };
    let broken = Broken { acknowledged: Some(acknowledged), ..broken };
    let why = broken.why_not_acknowledge(&user("amir", Role::Admin), None);
    assert!(why.expect("once").starts_with("ada acknowledged it"));
}

#[test]
fn broken_glass_overrides_only_named_rules_and_sets_no_good_state() {
    let glass = |rules: &[Rule]| {
        let id = GlassId(RUN.to_owned());
        let one = |rule: &Rule| SetAside { rule: *rule, says: String::new() };
        let set_aside = rules.iter().map(one).collect();
        Consent::Glass(Glass {
            id,
            reason: "Clients get errors".to_owned(),
            set_aside,
            change: None,
        })
    };
    let (all, half) = (route("blue=100"), route("blue=50,green=50"));
    let held = |rules| held_by_freeze(Some(&Warrant::new(glass(rules), Made::new())), &all, &half);
    assert!(held(&[Rule::Approval]), "a freeze that nobody saw holds it back");
    assert!(!held(&[Rule::Approval, Rule::Freeze]));
    let consent = glass(&[Rule::Freeze]);
    assert!(!consent.makes_good());
    let former = GoodState { route: all, made_of: None };
    let warrant = Warrant::new(consent.clone(), Made::new()).after(Some(former.clone()));
    assert_eq!(warrant.good, Some(former));
    // The warrant survives storage.
    let json = serde_json::to_string(&warrant).expect("JSON");
    assert_eq!(serde_json::from_str::<Warrant>(&json).expect("a warrant"), warrant);
    assert_eq!(serde_json::to_string(&Consent::WayBack).expect("JSON"), "\"way_back\"");
}
