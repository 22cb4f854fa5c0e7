//! Consoles in their own processes: several that share an outbox, and one that is killed.

use super::{are_genuine, kinds};
use crate::changes::HALVES;
use crate::changes::ROUTE;
use crate::changes::WHY;
use crate::changes::decide;
use crate::support::fleet::{Azure, Besides, Replica, within};
use crate::support::receiver::{Receiver, SECRET};
use crate::support::{Browser, DANA, LEO, Postgres};
use server::clock::Clock;
use tempfile::TempDir;

/// The configuration of one webhook, with its secrets in files.
fn webhook_to(receiver: &Receiver, folder: &TempDir) -> Besides {
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("written");
        path.display().to_string()
    };
    let (url, secret) = (file("url", &receiver.url()), file("secret", SECRET));
    Besides {
        stage: ", policy: { approvals: 1 }".to_owned(),
        whole: format!(
            "notifications:\n  - {{ name: team, kind: plain, \
             url_file: {url}, secret_file: {secret}, allow_private: true }}\n"
        ),
        ..Besides::default()
    }
}

async fn propose(dana: &mut Browser) -> String {
    let more = [("do", "propose"), ("reason", WHY)];
    let page = dana.post(ROUTE, &[&HALVES[..], &more].concat()).await.expect(303);
    page.header("location").expect("the change's page").to_owned()
}

#[tokio::test]
async fn two_replicas_deliver_each_message_once() {
    let (azure, server) = (Azure::start(40).await, Postgres::start().await);
    let (receiver, folder) = (Receiver::start().await, tempfile::tempdir().expect("a folder"));
    let besides = webhook_to(&receiver, &folder);
    let mut one = Replica::with(&azure, "one", Some(&server.url()), &besides);
    let mut two = Replica::with(&azure, "two", Some(&server.url()), &besides);
    one.start().await;
    two.start().await;
    let (mut dana, mut leo) = (one.signed_in(DANA).await, two.signed_in(LEO).await);
    for _ in 0..10 {
        let change = propose(&mut dana).await;
        decide(&mut leo, &change, "refuse", "Not yet").await.expect(303);
    }
    let change = propose(&mut dana).await;
    decide(&mut leo, &change, "approve", "").await.expect(303);
    let page = decide(&mut dana, &change, "start", "").await;
    let log = format!("{}\n{}\n{}", page.words(), one.log(), two.log());
    assert_eq!(page.status, 303, "{log}");
    let received = receiver.took(23).await;
    are_genuine(&received, Clock::system().now().0 / 1_000);
    assert_eq!(receiver.requests().len(), 23, "each was sent once");
    let mut events = kinds(&received);
    assert_eq!(events.pop().as_deref(), Some("change.succeeded"));
    events.sort();
    let count = |kind: &str| events.iter().filter(|event| *event == kind).count();
    let counts = ["change.waiting", "change.refused", "change.approved"].map(count);
    assert_eq!(counts, [11, 10, 1]);
    for log in [one.log(), two.log()] {
        assert!(!log.contains("very-secret") && !log.contains(SECRET), "{log}");
    }
}

#[tokio::test]
async fn messages_of_a_killed_console_are_sent_by_the_next() {
    let azure = Azure::start(40).await;
    let (mut receiver, folder) = (Receiver::start().await, tempfile::tempdir().expect("a folder"));
    let mut console = Replica::with(&azure, "console", None, &webhook_to(&receiver, &folder));
    console.start().await;
    let mut dana = console.signed_in(DANA).await;
    receiver.die().await;
    propose(&mut dana).await;
    console.kill();
    receiver.revive().await;
    assert!(receiver.requests().is_empty());
    console.start().await;
    let received = receiver.took(1).await;
    assert_eq!(kinds(&received), ["change.waiting"], "{}", console.log());
    are_genuine(&received, Clock::system().now().0 / 1_000);
    let mut page = dana.clone();
    within("the page says so", async || {
        page.get("/stages/anet-prod").await.words().contains("team healthy").then_some(())
    })
    .await;
}
