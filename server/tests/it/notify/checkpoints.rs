//! Signed checkpoints are sent to a place that the console's administrator cannot write, and reveal a
//! rewritten ledger.

use super::notifying;
use crate::support::receiver::{Receiver, SECRET};
use crate::support::{DANA, LEO, TestConsole, Wanted};
use domain::timestamp::Timestamp;
use server::clock::Clock;
use server::messages::address::{Address, Key};
use server::messages::setup::{Checkpoints, Setup};
use server::outside::address::Reach;
use std::path::Path;
use std::process::Command;

const HOUR_MS: i64 = 3_600_000;

/// Runs `understudy ledger verify` on an export with a stored checkpoint; returns its exit status and
/// output.
fn verified(export: &Path, key: &str, kept: &Path) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_understudy"))
        .args(["ledger", "verify"])
        .arg(export)
        .args(["--key", key, "--checkpoint"])
        .arg(kept)
        .output()
        .expect("it runs");
    let said = [&output.stdout[..], &output.stderr[..]].concat();
    (output.status.code(), String::from_utf8_lossy(&said).into_owned())
}

#[tokio::test]
async fn checkpoints_are_posted_only_when_the_ledger_has_grown() {
    let receiver = Receiver::start().await;
    let checkpoints = Checkpoints {
        address: Address::parse(&receiver.url(), Reach::OWN).expect("a URL"),
        key: Some(Key::parse(SECRET).expect("a secret")),
        every_ms: HOUR_MS,
    };
    let nobody = Setup { targets: Vec::new(), ..notifying(&receiver) };
    let notify = Some(Setup { checkpoints: Some(checkpoints), ..nobody });
    let clock = Clock::manual(Timestamp::parse_utc("2026-06-10T12:00").expect("a time"));
    let console = TestConsole::with(Wanted { clock, notify, ..Wanted::default() }).await;
    // The first start records its configuration.
    let first = receiver.took(1).await.remove(0);
    assert!(first.header("content-type").starts_with("text/plain"));
    assert!(first.is_signed_with(SECRET));
    console.signed_in_as(LEO).await;
    console.clock.advance(HOUR_MS);
    let second = receiver.took(2).await.remove(1);
    let entries = |note: &str| note.lines().nth(1).and_then(|size| size.parse::<u64>().ok());
    assert!(entries(&second.body) > entries(&first.body), "{} {}", first.body, second.body);
    // Nothing happens for a day, and then one entry follows.
    console.clock.advance(24 * HOUR_MS);
    console.signed_in_as(LEO).await;
    let third = receiver.took(3).await.remove(2);
    assert!(entries(&third.body) > entries(&second.body));
    console.signed_in_as(DANA).await;
    console.clock.advance(HOUR_MS);
    receiver.took(4).await;
    let times: Vec<i64> = receiver
        .requests()
        .iter()
        .map(|one| one.header("webhook-timestamp").parse().expect("seconds"))
        .collect();
    assert!(times.windows(2).all(|two| two[1] - two[0] >= 3_600), "{times:?}");
    let mut leo = console.signed_in_as(LEO).await;
    let health = "Checkpoints are also sent to a webhook. healthy";
    leo.get("/history").await.expect(200).says(health);

    // The stored checkpoint proves this export, and would not match another record.
    let export = leo.get("/history/export.jsonl").await.expect(200).text;
    let key = console.services.history.signer().verifier().to_string();
    let folder = tempfile::tempdir().expect("a folder");
    let (file, kept) = (folder.path().join("ledger.jsonl"), folder.path().join("kept.txt"));
    std::fs::write(&file, export).expect("written");
    std::fs::write(&kept, &second.body).expect("written");
    let (code, said) = verified(&file, &key, &kept);
    assert_eq!(code, Some(0), "{said}");
    // Somebody with the key can sign another record, but the stored checkpoint reveals it.
    let other = TestConsole::start().await.stop().await;
    let stolen = other.files.path().join("data").join("ledger.key");
    std::fs::copy(console.data().join("ledger.key"), stolen).expect("it is copied");
    let other = other.restart().await;
    for _ in 0..5 {
        other.signed_in_as(LEO).await;
    }
    let mut leo = other.signed_in_as(LEO).await;
    let rewritten = leo.get("/history/export.jsonl").await.expect(200).text;
    std::fs::write(&file, rewritten).expect("written");
    let (code, said) = verified(&file, &key, &kept);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("checkpoint"), "{said}");
}
