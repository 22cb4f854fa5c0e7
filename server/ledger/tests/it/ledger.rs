//! Ledgers for tests.

use ledger::canonical;
use ledger::checkpoint::Checkpoint;
use ledger::entry::{About, Actor, By, Draft, Ending, Facts, Instant, Kind, Outcome};
use ledger::export;
use ledger::key::Signer;
use ledger::tree::{Edge, Hash, leaf};

/// The name of the tests' ledger.
pub const ORIGIN: &str = "understudy.example.org";

pub fn signer() -> Signer {
    Signer::from_seed(ORIGIN, &[42; 32]).expect("a key")
}

/// A typical entry.
pub fn draft(number: u64) -> Draft {
    let ms = 1_790_000_000_000 + i64::try_from(number).expect("small") * 1_234;
    let kind = Kind::ALL[usize::try_from(number % 9).expect("small")];
    let facts = |route: &str| Facts::from([("route".to_owned(), route.to_owned())]);
    Draft {
        at: Instant::from_ms(ms).expect("a time"),
        by: By {
            id: Some("7d1b6b0e-3f0b-4c55-8f4e-5eedda7a0001/11b5".to_owned()),
            kind: Actor::Person,
            name: "Dana “D.” Scott\u{7f}\\".to_owned(),
            roles: vec!["DataScientist".to_owned()],
        },
        kind,
        what: format!("Set the route to anet-eedi {} %", number % 101),
        about: About {
            change: (number % 5 == 1).then(|| format!("change-{number}")),
            endpoint: Some("anet-ep-prod".to_owned()),
            job: (number % 5 == 3).then(|| format!("job-{number}")),
            operation: Some(format!("operation-{number}")),
            stage: Some("anet-prod".to_owned()),
            deployment: None,
        },
        before: facts("anet-eedi=100"),
        after: facts("anet-eedi=90,anet-green=10"),
        reason: number.is_multiple_of(3).then(|| "It is faster.\n\tAnd greener: 🌱".to_owned()),
        request: Some(format!("{number:032x}")),
        result: Ending { message: None, outcome: Outcome::Pending },
    }
}

/// The lines of a ledger's entries, and the tree over them.
pub fn entries(count: u64) -> (Vec<Vec<u8>>, Edge) {
    let (mut lines, mut edge, mut previous) = (Vec::new(), Edge::default(), Hash::EMPTY);
    for index in 0..count {
        let line = canonical::line(&draft(index).at(index, previous)).expect("short");
        previous = leaf(&line);
        edge.push(previous).expect("it grows");
        lines.push(line);
    }
    (lines, edge)
}

/// The checkpoint of a tree.
pub fn checkpoint(edge: &Edge) -> Checkpoint {
    let root = edge.root().expect("a root");
    Checkpoint { origin: ORIGIN.to_owned(), size: edge.size(), root }
}

/// A whole export.
pub fn exported(count: u64) -> Vec<u8> {
    let (lines, edge) = entries(count);
    let mut all: Vec<u8> =
        lines.into_iter().flat_map(|line| [line, vec![b'\n']].concat()).collect();
    all.extend(export::end(&checkpoint(&edge), &signer()).expect("it is signed"));
    all
}
