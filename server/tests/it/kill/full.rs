//! A console whose disk fills up during direct changes, and is freed again.

use super::change::Change;
use super::victim::Victim;
use super::witness::expect_intact;
use super::{SPEED, at_random, soak_rounds, timed};
use crate::support::DANA;
use crate::support::fleet::{Azure, Besides};
use crate::support::small_disk::SmallDisk;

/// The longest time that the disk stays free or full, in milliseconds: about the duration of a run.
const RANDOM_MS_MAX: u64 = 700;
/// The size of the disk, in MiB.
const DISK: u32 = 16;

/// Runs rounds in which the disk is full for a while. Returns their number.
async fn survives(rounds: usize) -> usize {
    let Some(disk) = SmallDisk::mount(DISK) else { return 0 };
    let azure = Azure::start(SPEED).await;
    // All data is on this disk: database, key and newest checkpoint.
    std::os::unix::fs::symlink(disk.path(), azure.folder().join("console")).expect("a link");
    let victim = Victim::start(azure, &Besides::default()).await;
    let dana = victim.console.signed_in(DANA).await;
    for round in 0..rounds {
        let change = Change::of(round);
        let before = victim.witness.before().await;
        let asked = tokio::spawn(change.form(&dana).await.send());
        for _ in 0..2 {
            at_random(RANDOM_MS_MAX).await;
            disk.fill();
            at_random(RANDOM_MS_MAX).await;
            disk.free();
        }
        let _ = asked.await;
        if victim.witness.beside.runs().await == before.runs {
            let again = change.form(&dana).await.send().await.expect("it answers");
            let status = again.status();
            assert_eq!(status, 303, "{}", again.text().await.unwrap_or_default());
        }
        let said = || format!("a full disk\n{}", victim.console.log());
        victim.witness.check(change, before, said).await;
    }
    expect_intact(dana).await;
    rounds * 2
}

#[tokio::test]
async fn a_run_continues_after_the_disk_was_full() {
    survives(4).await;
}

#[tokio::test]
#[ignore = "takes minutes: make soak"]
async fn soak_full_disks() {
    let survived = timed("full disks", survives(soak_rounds(60))).await;
    eprintln!("survived {survived} full disks");
}
