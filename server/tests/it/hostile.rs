//! Azure, GitHub and Entra ID send the worst possible answers. Whatever they send, each operation of each
//! client ends in time, reads no more bytes than allowed, names the service in its error, and sends no
//! credential to another host.
//!
//! The table is complete: the first test fails if a client has an operation that the table lacks.

mod azure;
mod document;
mod entra;
mod fresh;
mod github;
mod mode;
mod registry;
mod server;

use futures::StreamExt as _;
use mode::Mode;
use server::World;
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

/// Operations that run at the same time.
const AT_ONCE: usize = 8;
/// The longest time for one operation. Its own deadlines are shorter, but two cores do everything here.
const EACH_MAX: Duration = Duration::from_secs(30);
/// The most bytes that may leave the server for one request: the largest cap, plus what the network
/// buffers.
const SENT_MAX: usize = 32 * 1024 * 1024;

/// The client of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Client {
    Azure,
    GitHub,
    Entra,
}

impl Client {
    const ALL: [Self; 3] = [Self::Azure, Self::GitHub, Self::Entra];

    fn operations(self) -> &'static [&'static str] {
        match self {
            Self::Azure => &azure::OPERATIONS,
            Self::GitHub => &github::OPERATIONS,
            Self::Entra => &entra::OPERATIONS,
        }
    }

    /// The client's source file, from the server's folder.
    fn source(self) -> &'static str {
        match self {
            Self::Azure => "src/azure",
            Self::GitHub => "src/github",
            Self::Entra => "src/web/entra.rs",
        }
    }

    async fn run(self, operation: &str, world: &World) -> Result<(), String> {
        match self {
            Self::Azure => azure::run(operation, world).await,
            Self::GitHub => github::run(operation, world).await,
            Self::Entra => entra::run(operation, world).await,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Azure => "Azure",
            Self::GitHub => "GitHub",
            Self::Entra => "Entra",
        }
    }
}

/// The outcome of one operation.
struct Outcome {
    client: Client,
    operation: &'static str,
    said: Result<(), String>,
}

async fn all(mode: Mode) -> (World, Vec<Outcome>) {
    let world = World::start(mode).await;
    let each = Client::ALL
        .into_iter()
        .flat_map(|client| client.operations().iter().map(move |operation| (client, *operation)));
    let runs: Vec<_> = each
        .map(|(client, operation)| {
            let world = &world;
            async move {
                let run = Box::pin(client.run(operation, world));
                let said = tokio::time::timeout(EACH_MAX, run).await;
                let said = said.unwrap_or_else(|_| panic!("{operation} never ended: {mode:?}"));
                Outcome { client, operation, said }
            }
        })
        .collect();
    let at_once = if mode == Mode::Drip { runs.len() } else { AT_ONCE };
    let outcomes = futures::stream::iter(runs).buffer_unordered(at_once).collect().await;
    (world, outcomes)
}

/// What must be true in every mode.
#[track_caller]
fn check(mode: Mode, world: &World, outcomes: &[Outcome]) {
    assert_eq!(
        world.foreign_requests(),
        Vec::<String>::new(),
        "{mode:?}: the foreign host got a request"
    );
    assert!(world.most_sent() < SENT_MAX, "{mode:?}: {} bytes were taken", world.most_sent());
    for Outcome { client, operation, said } in outcomes {
        match said {
            Ok(()) => assert!(
                !mode.breaks(*client, operation),
                "{mode:?}: {operation} took it for an answer"
            ),
            Err(said) => {
                assert!(said.contains(client.name()), "{mode:?}: {operation}: {said}");
                assert!(!said.chars().any(char::is_control), "{mode:?}: {operation}: {said:?}");
                assert!(said.len() < 4_000, "{mode:?}: {operation}: {} bytes", said.len());
                for secret in server::SECRETS {
                    assert!(!said.contains(secret), "{mode:?}: {operation}: {said}");
                }
            }
        }
    }
}

async fn survives(mode: Mode) {
    let (world, outcomes) = all(mode).await;
    check(mode, &world, &outcomes);
}

#[test]
fn the_table_has_every_operation_of_every_client() {
    for client in Client::ALL {
        let source = Path::new(client.source());
        let written: BTreeSet<String> = public(source, source);
        let tried: BTreeSet<String> =
            client.operations().iter().map(|operation| (*operation).to_owned()).collect();
        assert_eq!(written, tried, "{client:?}: the table of this test must list every operation");
        assert!(written.len() >= 3, "{client:?}");
    }
}

/// The public async functions of a file or of a folder's files: `file::function`, or `folder/file::function`.
fn public(root: &Path, path: &Path) -> BTreeSet<String> {
    if path.is_dir() {
        let entries = std::fs::read_dir(path).expect("a folder");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        return paths.flat_map(|path| public(root, &path)).collect();
    }
    let root = if root.is_dir() { root } else { root.parent().expect("a folder") };
    let module = path.strip_prefix(root).expect("a file below").with_extension("");
    let module = module.to_str().expect("a name");
    let text = std::fs::read_to_string(path).expect("a file");
    let names = text.lines().filter_map(|line| line.trim_start().strip_prefix("pub async fn "));
    names
        .map(|rest| format!("{module}::{}", rest.split(['(', '<']).next().unwrap_or_default()))
        .collect()
}

#[tokio::test]
async fn honest_answers_are_accepted() {
    let (world, outcomes) = all(Mode::Honest).await;
    check(Mode::Honest, &world, &outcomes);
    for Outcome { operation, said, .. } in outcomes {
        // The code of a sign-in is valid only after a person has signed in.
        if operation != "entra::finish" {
            assert_eq!(
                said,
                Ok(()),
                "{operation}: must accept honest answers, or the other tests prove nothing"
            );
        }
    }
}

#[tokio::test]
async fn endless_bodies_are_dropped() {
    survives(Mode::Endless).await;
}

#[tokio::test]
async fn compressed_answers_are_refused() {
    survives(Mode::Bomb).await;
}

#[tokio::test]
async fn cyclic_lists_are_refused_at_once() {
    let (world, outcomes) = all(Mode::Loop).await;
    check(Mode::Loop, &world, &outcomes);
    assert!(world.most_asked() <= 12, "{} times", world.most_asked());
}

#[tokio::test]
async fn endless_lists_are_refused() {
    survives(Mode::Pages).await;
}

#[tokio::test]
async fn urls_in_answers_cause_no_requests_to_other_hosts() {
    survives(Mode::Elsewhere).await;
}

#[tokio::test]
async fn redirects_are_not_followed() {
    survives(Mode::Redirect).await;
}

#[tokio::test]
async fn a_million_items_are_too_many() {
    survives(Mode::Many).await;
}

#[tokio::test]
async fn deep_nesting_is_refused() {
    survives(Mode::Deep).await;
}

#[tokio::test]
async fn slow_answers_have_a_deadline() {
    survives(Mode::Drip).await;
}

#[tokio::test]
async fn answers_that_are_not_json_are_refused() {
    survives(Mode::Html).await;
}

#[tokio::test]
async fn huge_headers_are_refused() {
    survives(Mode::Headers).await;
}

#[tokio::test]
async fn control_characters_reach_no_message() {
    survives(Mode::Controls).await;
    survives(Mode::Refusals).await;
}

#[tokio::test]
async fn ids_with_path_traversal_never_become_paths() {
    let (world, outcomes) = all(Mode::OddIds).await;
    check(Mode::OddIds, &world, &outcomes);
    let paths = world.paths();
    let known = [
        "/subscriptions/s/",
        "/repos/anet/ml",
        "/a-tenant/",
        "/endpoints/e/score",
        "/keys",
        "/token",
        "/honest/",
        "/oauth2/",
        "/v2/team/app/",
        "/blob/",
        "/app/installations/7/access_tokens",
    ];
    let odd = paths.iter().find(|path| {
        !known.iter().any(|known| path.starts_with(known)) || path.contains("elevateAccess")
    });
    assert_eq!(odd, None);
}

#[tokio::test]
async fn truncated_answers_are_refused() {
    survives(Mode::Truncated).await;
}

#[tokio::test]
async fn answers_that_are_not_utf_8_are_refused() {
    survives(Mode::NotUtf8).await;
}
