//! Which lines are kept, read and forgotten.

use super::blocks::{BLOCK_LINES, BLOCKS_MAX, Blocks, Known, READS_MAX, block_of, first_of};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn lines(first: u64, count: u64) -> Vec<String> {
    (first..first + count).map(|number| format!("line {number}")).collect()
}

fn text(number: u64) -> Known {
    Known::Text(format!("line {number}").into())
}

fn set(blocks: &[u64]) -> BTreeSet<u64> {
    blocks.iter().copied().collect()
}

#[test]
fn a_line_is_in_the_block_of_its_number() {
    for (line, block) in [(1, 0), (500, 0), (501, 1), (1_000, 1), (1_001, 2), (100_000, 199)] {
        assert_eq!(block_of(line), block, "{line}");
        assert!((first_of(block)..first_of(block) + BLOCK_LINES).contains(&line));
    }
}

#[test]
fn a_block_is_read_once_and_its_lines_are_known_afterwards() {
    let mut blocks = Blocks::default();
    assert_eq!(blocks.line(501), Known::Waiting);
    assert_eq!(blocks.wanted(&set(&[1]), 700), [1]);
    assert!(blocks.wanted(&set(&[1]), 700).is_empty(), "it is being read");
    blocks.loaded(1, lines(501, 200));
    assert_eq!((blocks.line(501), blocks.line(700)), (text(501), text(700)));
    assert!(blocks.wanted(&set(&[1]), 700).is_empty());
    assert_eq!(blocks.wanted(&set(&[1]), 701), [1], "the log has grown");
}

#[test]
fn few_blocks_are_read_at_the_same_time() {
    let mut blocks = Blocks::default();
    assert_eq!(blocks.wanted(&set(&[0, 1, 2, 3]), 9_999).len(), READS_MAX);
    assert!(blocks.wanted(&set(&[7, 8]), 9_999).is_empty());
    blocks.loaded(0, lines(1, 500));
    assert_eq!(blocks.wanted(&set(&[7, 8]), 9_999), [7]);
}

#[test]
fn a_failed_block_is_read_again_only_after_a_retry() {
    let mut blocks = Blocks::default();
    blocks.wanted(&set(&[0]), 10);
    blocks.failed(0, "No connection.".to_owned());
    assert_eq!(blocks.line(3), Known::Failed);
    assert_eq!(blocks.problem(0).as_deref(), Some("No connection."));
    assert!(blocks.wanted(&set(&[0]), 10).is_empty());
    blocks.retry(0);
    assert_eq!((blocks.line(3), blocks.problem(0)), (Known::Waiting, None));
    assert_eq!(blocks.wanted(&set(&[0]), 10), [0]);
}

#[test]
fn an_answer_without_the_missing_lines_is_not_asked_for_again() {
    let mut blocks = Blocks::default();
    blocks.wanted(&set(&[0]), 10);
    blocks.loaded(0, vec![]);
    assert_eq!(blocks.line(1), Known::Failed);
    assert!(blocks.wanted(&set(&[0]), 10).is_empty());
}

#[test]
fn new_lines_are_kept_only_where_the_lines_before_them_are_known() {
    let mut blocks = Blocks::default();
    blocks.append(1_200, &lines(1_200, 3));
    assert_eq!(blocks.line(1_200), Known::Waiting, "line 1001 is not known");
    blocks.append(1_501, &lines(1_501, 2));
    assert_eq!(blocks.line(1_502), text(1_502));
    blocks.append(1_501, &lines(1_501, 3));
    assert_eq!(blocks.line(1_503), text(1_503), "a repeated line changes nothing");
    blocks.append(1_505, &lines(1_505, 1));
    assert_eq!(blocks.line(1_505), Known::Waiting, "line 1504 is not known");
    // Lines that arrived while the block was read are not lost.
    blocks.wanted(&set(&[3]), 1_600);
    blocks.loaded(3, lines(1_501, 1));
    assert_eq!(blocks.line(1_503), text(1_503));
}

proptest! {
    #[test]
    fn never_more_blocks_are_kept_than_fit_and_those_on_the_screen_stay(
        visits in prop::collection::vec(0_u64..200, 1..150),
    ) {
        let mut blocks = Blocks::default();
        for visit in visits {
            for wanted in blocks.wanted(&set(&[visit, visit + 1]), 200_000) {
                blocks.loaded(wanted, lines(first_of(wanted), BLOCK_LINES));
            }
            prop_assert!(blocks.kept() <= BLOCKS_MAX);
            prop_assert_eq!(blocks.line(first_of(visit)), text(first_of(visit)));
            prop_assert_eq!(blocks.line(first_of(visit + 1) + 7), text(first_of(visit + 1) + 7));
        }
    }

    #[test]
    fn a_known_line_always_has_its_own_text(
        appended in prop::collection::vec((1_u64..3_000, 1_u64..700), 1..20),
        read in prop::collection::vec(0_u64..6, 1..20),
    ) {
        let mut blocks = Blocks::default();
        for ((first, count), block) in appended.into_iter().zip(read) {
            blocks.append(first, &lines(first, count));
            for wanted in blocks.wanted(&set(&[block]), 3_700) {
                blocks.loaded(wanted, lines(first_of(wanted), count.min(BLOCK_LINES)));
            }
        }
        for number in 1..4_000 {
            let known = blocks.line(number);
            let is_own = known == text(number) || matches!(known, Known::Waiting | Known::Failed);
            prop_assert!(is_own, "{number}: {known:?}");
        }
    }
}
