//! Limits for one person, one address and everybody, so that the console keeps answering others.

use crate::changes::decide;

use crate::changes::propose;

use crate::changes::protected;
use crate::support::{DANA, LEO, PROD, TestConsole, VERA, Wanted};
use reqwest::Method;
use server::changes::decide::COMMENTS_PER_PERSON_MAX;
use server::clock::Clock;
use server::limits::STREAMS_PER_PERSON_MAX;
use server::serve::Rules;
use server::serve::peer::Proxies;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

async fn connect(console: &TestConsole) -> TcpStream {
    let port = console.url.port().expect("a port");
    TcpStream::connect(("127.0.0.1", port)).await.expect("a connection")
}

async fn with(rules: Rules) -> TestConsole {
    TestConsole::with(Wanted { serve: Some(rules), ..Wanted::default() }).await
}

#[tokio::test]
async fn silent_and_half_open_connections_are_closed() {
    let moment = Duration::from_millis(100);
    let rules = Rules { first_head: moment, idle: moment, ..Rules::new(Proxies::default()) };
    let console = with(rules).await;
    let asked = "GET /healthz HTTP/1.1\r\nhost: x\r\n";
    for said in ["", "GET / HT", asked, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
        let mut stream = connect(&console).await;
        stream.write_all(said.as_bytes()).await.expect("it is sent");
        let mut read = Vec::new();
        // The console closes it, or this waits forever.
        let _ = stream.read_to_end(&mut read).await;
        assert!(!read.starts_with(b"HTTP/1.1 200"), "{said:?}");
    }
    // An idle connection after an answer is closed, too.
    let mut stream = connect(&console).await;
    stream.write_all(format!("{asked}\r\n").as_bytes()).await.expect("it is sent");
    let mut read = Vec::new();
    let _ = stream.read_to_end(&mut read).await;
    assert!(read.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&read));
}

#[tokio::test]
async fn idle_connections_do_not_block_new_ones() {
    let rules = Rules { connections: 20, ..Rules::new(Proxies::default()) };
    let console = with(rules).await;
    let mut idle = Vec::new();
    for _ in 0..100 {
        idle.push(connect(&console).await);
    }
    let mut dana = console.signed_in_as(DANA).await;
    dana.get(PROD).await.expect(200);
    // A live page stays connected while other connections come and go.
    let mut stream = dana.events("/events/overview").await;
    for _ in 0..100 {
        idle.push(connect(&console).await);
    }
    stream.until("overview", |_| true).await;
    dana.get("/account").await.expect(200);
}

#[tokio::test]
async fn one_persons_live_pages_leave_room_for_others() {
    let console = TestConsole::start().await;
    let (vera, leo) = (console.signed_in_as(VERA).await, console.signed_in_as(LEO).await);
    let mut open = Vec::new();
    for _ in 0..STREAMS_PER_PERSON_MAX {
        open.push(vera.events("/events/changes").await);
    }
    let page = vera.clone().get("/events/changes").await.expect(429);
    page.says("limit of open live pages per person");
    leo.events("/events/overview").await;
    vera.clone().get("/changes").await.expect(200);
    // After closing a page, the person can open another one.
    drop(open);
    console
        .eventually("the connections are free again", async || {
            (console.services.limits.streams() == 0).then_some(())
        })
        .await;
    vera.events("/events/changes").await;
}

#[tokio::test]
async fn a_person_without_a_role_gets_no_events_and_causes_no_reads() {
    let console = TestConsole::start().await;
    let mut nora = console.signed_in_as("Nora Norole").await;
    let before = console.services.limits.streams();
    for path in [
        "/events/overview",
        "/events/changes",
        "/events/changes/00000000-0000-4000-8000-000000000001",
        "/events/runs/00000000-0000-4000-8000-000000000001",
        "/events/stages/anet-prod/endpoints/anet-ep-prod",
        "/events/stages/anet-prod/endpoints/anet-nobody",
        "/stages/anet-prod/endpoints/anet-nobody/export/with.yml",
    ] {
        let page = nora.get(path).await.expect(403);
        page.says("Your roles: none");
    }
    assert_eq!(console.services.limits.streams(), before);
    assert!(!was_asked_for(&console, "anet-nobody").await);
}

async fn was_asked_for(console: &TestConsole, name: &str) -> bool {
    let reads = console.ask(Method::GET, "/emulator/reads", None).await;
    let writes = console.ask(Method::GET, "/emulator/writes", None).await;
    reads.to_string().contains(name) || writes.to_string().contains(name)
}

#[tokio::test]
async fn unknown_names_cause_no_extra_reads_of_azure() {
    let console = TestConsole::start().await;
    console.observed().await;
    let vera = console.signed_in_as(VERA).await;
    let asks = (0..20).map(|n| {
        let mut vera = vera.clone();
        async move {
            let endpoint = format!("/stages/anet-prod/endpoints/anet-none-{n}");
            vera.get(&endpoint).await.expect(404).says("There is no endpoint");
            let log = format!("{PROD}/deployments/none-{n}?log=inference-server");
            let page = vera.get(&log).await;
            assert!([404, 429].contains(&page.status.as_u16()), "{}", page.words());
        }
    });
    futures::future::join_all(asks).await;
    for name in ["anet-none", "none-1"] {
        assert!(!was_asked_for(&console, name).await, "{name}");
    }
    // Nobody else waits for this.
    console.signed_in_as(LEO).await.get(PROD).await.expect(200);
}

#[tokio::test]
async fn only_the_person_over_the_limit_gets_429() {
    let console = TestConsole::start().await;
    console.observed().await;
    let (vera, mut leo) = (console.signed_in_as(VERA).await, console.signed_in_as(LEO).await);
    let (found, _) = console.services.sessions.search(VERA, 1).await.expect("a store");
    let user = &found.first().expect("she is signed in").user;
    let id = format!("{}/{}", user.tenant, user.object);
    let mut statuses = Vec::new();
    while statuses.last() != Some(&429) && statuses.len() < 50 {
        // This uses up all reads that she may make at once.
        while console.services.limits.read(&id) {}
        statuses.push(vera.clone().get("/releases?ref=no-such-branch").await.status.as_u16());
    }
    assert_eq!(statuses.last(), Some(&429), "{statuses:?}");
    leo.get("/releases?ref=no-such-branch").await.expect(200);
    vera.clone().get("/releases").await.expect(200);
}

#[tokio::test]
async fn one_persons_refusals_do_not_hide_those_of_others() {
    let console = TestConsole::start_at(Clock::manual(Clock::system().now())).await;
    let (mut vera, mut ada) =
        (console.signed_in_as(VERA).await, console.signed_in_as("Ada Auditor").await);
    for n in 0..15 {
        let route = format!("/stages/anet-prod/endpoints/anet-{n}/route");
        vera.post(&route, &[("base", "anet-eedi=100")]).await.expect(403);
    }
    ada.post(&format!("{PROD}/route"), &[]).await.expect(403);
    let denied = ada.get("/history?kind=denied").await.expect(200);
    assert_eq!(
        denied.words().matches("Not allowed: set the route").count(),
        11,
        "{}",
        denied.words()
    );
    console.clock.advance(61_000);
    ada.post(&format!("{PROD}/route"), &[]).await.expect(403);
    let denied = ada.get("/history?kind=denied").await.expect(200);
    denied.says("5 more attempts like these were not recorded individually");
    let recorded = denied.attribute(".record a[href*='person=Vera']", "href").expect("a link");
    let recorded = ada.get(&recorded).await.expect(200);
    assert_eq!(recorded.words().matches("Not allowed: set the route").count(), 10);
}

#[tokio::test]
async fn one_persons_comments_leave_room_for_others() {
    let console = protected().await;
    let (mut dana, mut vera) = (console.signed_in_as(DANA).await, console.signed_in_as(VERA).await);
    let mut leo = console.signed_in_as(LEO).await;
    let change = propose(&mut dana).await;
    let comment = format!("{change}/comment");
    for n in 0..COMMENTS_PER_PERSON_MAX {
        vera.post(&comment, &[("comment", &format!("Comment {n}"))]).await.expect(303);
    }
    let page = vera.post(&comment, &[("comment", "One more")]).await.expect(422);
    page.says("You have commented on this change 20 times");
    leo.post(&comment, &[("comment", "I look at it now")]).await.expect(303);
    decide(&mut leo, &change, "approve", "").await.expect(303);
}

#[tokio::test]
async fn a_compressed_answer_is_refused_with_a_readable_error() {
    let console = TestConsole::start().await;
    let browser = console.signed_in_as(DANA).await;
    for (path, status, words) in [
        ("/pkg/nothing.js", 404, "This page does not exist"),
        ("/nowhere", 404, "There is no page at this address"),
        ("/history/export.jsonl", 403, "Only these roles may"),
        ("/sign-in/callback?state=a&state=b", 422, "“state” is given 2 times"),
    ] {
        for encoding in ["br, gzip", "br", "gzip", "identity", ""] {
            let request = browser.request(Method::GET, path).header("accept-encoding", encoding);
            let answer = request.send().await.expect("the console answers");
            assert_eq!(answer.status(), status, "{path}");
            let said = answer.headers().get("content-encoding").cloned();
            let bytes = answer.bytes().await.expect("a whole body");
            let text = match said.as_ref().and_then(|said| said.to_str().ok()) {
                Some("br") => {
                    let mut text = Vec::new();
                    let mut reader = brotli::Decompressor::new(&bytes[..], 4_096);
                    std::io::Read::read_to_end(&mut reader, &mut text).expect("brotli");
                    text
                }
                Some("gzip") => {
                    let mut text = Vec::new();
                    let mut reader = flate2::read::GzDecoder::new(&bytes[..]);
                    std::io::Read::read_to_end(&mut reader, &mut text).expect("gzip");
                    text
                }
                None => bytes.to_vec(),
                Some(other) => panic!("{other}"),
            };
            let text = String::from_utf8_lossy(&text).into_owned();
            assert!(text.contains(words), "{path} {encoding}: {text}");
        }
    }
}
