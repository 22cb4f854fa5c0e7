//! One console whose disk fills up in the middle of changes that were asked for directly, and is freed again.

use super::change::Change;
use super::victim::Victim;
use super::witness::is_intact;
use super::{SPEED, at_random, soak_rounds, timed};
use crate::support::DANA;
use crate::support::fleet::{Azure, Besides};
use crate::support::small_disk::SmallDisk;

/// Longest that the disk stays free or full, in milliseconds: about as long as a run takes.
const RANDOM_MS_MAX: u64 = 700;
/// The disk, in MiB.
const DISK: u32 = 16;

/// So many rounds, in each of which the disk is full for a while. Returns how many there were.
async fn survives(rounds: usize) -> usize {
    let Some(disk) = SmallDisk::mount(DISK) else { return 0 };
    let azure = Azure::start(SPEED).await;
    // All of its data is there: database, key and newest checkpoint.
    std::os::unix::fs::symlink(disk.path(), azure.folder().join("console")).expect("a link");
    let victim = Victim::start(azure, &Besides::default()).await;
    let dana = victim.console.signed_in(DANA).await;
    for round in 0..rounds {
        let change = Change::of(round);
        let before = victim.witness.before().await;
        let asked = tokio::spawn(change.form(&dana).send());
        for _ in 0..2 {
            at_random(RANDOM_MS_MAX).await;
            disk.fill();
            at_random(RANDOM_MS_MAX).await;
            disk.free();
        }
        let _ = asked.await;
        if victim.witness.beside.runs().await == before.runs {
            let again = change.form(&dana).send().await.expect("it answers");
            let status = again.status();
            assert_eq!(status, 303, "{}", again.text().await.unwrap_or_default());
        }
        let said = || format!("a full disk\n{}", victim.console.log());
        victim.witness.check(change, before, said).await;
    }
    is_intact(dana).await;
    rounds * 2
}

#[tokio::test]
async fn a_console_whose_disk_was_full_goes_on_where_it_was() {
    survives(4).await;
}

#[tokio::test]
#[ignore = "takes minutes: make soak"]
async fn soak_full_disks() {
    let survived = timed("full disks", survives(soak_rounds(100))).await;
    eprintln!("{survived} full disks survived");
}
