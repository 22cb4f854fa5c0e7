//! What the reader sees while a log grows, is folded, searched and scrolled.

use super::blocks::first_of;
use super::{Model, Row};
use crate::port::{LogPage, LogSection};
use domain::job::view::LogSize;
use proptest::prelude::*;

fn size(lines: u64) -> LogSize {
    LogSize { lines, bytes: lines * 50 }
}

fn section(first: u64, last: Option<u64>, failed: bool) -> LogSection {
    LogSection { title: format!("Step at {first}"), first, last, failed }
}

fn page(first: u64, count: u64, ended: bool) -> LogPage {
    let lines = (first..first + count).map(|number| format!("line {number}")).collect();
    LogPage { first, lines, size: size(first + count - 1), ended }
}

/// A model whose screen has 25 rows.
fn model(lines: u64, ended: bool, sections: Vec<LogSection>) -> Model {
    let mut model = Model::new(size(lines), ended, sections);
    model.measured_screen(20.0, 500.0);
    model
}

/// Reads all blocks that are needed.
fn read(model: &mut Model) {
    loop {
        let wanted = model.wanted();
        if wanted.is_empty() {
            return;
        }
        for block in wanted {
            let count = (model.count() + 1 - first_of(block)).min(500);
            model.blocks.loaded(block, page(first_of(block), count, false).lines);
        }
    }
}

fn numbers(model: &Model) -> Vec<u64> {
    let number = |row: Row| match row {
        Row::Line { number, .. } => Some(number),
        _ => None,
    };
    model.rows().into_iter().filter_map(number).collect()
}

#[test]
fn a_log_opens_at_its_end_with_few_rows() {
    let mut model = model(100_000, false, vec![]);
    assert_eq!(model.wanted(), [199], "only the last block");
    model.blocks.loaded(199, page(first_of(199), 500, false).lines);
    let shown = numbers(&model);
    assert_eq!((shown.first(), shown.last()), (Some(&99_956), Some(&100_000)));
    assert_eq!(model.place.top, 100_000.0 * 20.0 - 500.0);
}

#[test]
fn a_reader_at_the_end_sees_new_lines_and_others_see_how_many_there_are() {
    let mut model = model(1_000, false, vec![]);
    read(&mut model);
    assert_eq!(model.append(&page(1_001, 3, false)), 1_001);
    read(&mut model);
    assert_eq!(numbers(&model).last(), Some(&1_003));
    model.scrolled(5_000.0, None);
    let (top, before) = (model.place.top, model.rows());
    model.append(&page(1_004, 40, false));
    assert_eq!((model.place.top, model.rows()), (top, before));
    assert_eq!(model.place.new_lines(model.count()), 40);
    model.show_end();
    read(&mut model);
    assert_eq!(numbers(&model).last(), Some(&1_043));
    assert_eq!(model.place.new_lines(model.count()), 0);
}

#[test]
fn repeated_and_overlapping_events_change_nothing_twice() {
    let mut model = model(10, false, vec![]);
    read(&mut model);
    model.append(&page(11, 5, false));
    assert_eq!(model.append(&page(9, 4, false)), 16);
    assert_eq!(model.append(&page(14, 4, false)), 16);
    assert_eq!((model.count(), numbers(&model)), (17, (1..=17).collect()));
}

#[test]
fn a_log_ends_with_the_last_line_of_the_job() {
    let mut model = model(10, false, vec![]);
    let mut first = page(11, 5, true);
    first.size = size(20);
    model.append(&first);
    assert!(!model.ended, "five more lines follow");
    model.append(&page(16, 5, true));
    assert!(model.ended);
    model.append(&LogPage { first: 21, lines: vec![], size: size(20), ended: true });
    assert!(model.ended && model.count() == 20);
}

#[test]
fn a_section_is_closed_and_opened_where_its_head_is() {
    let sections = vec![section(1, Some(400), false), section(401, Some(500), true)];
    let mut model = model(500, true, sections);
    read(&mut model);
    model.scrolled(0.0, None);
    assert_eq!(
        model.rows()[..2],
        [Row::Head(1), Row::Head(401)],
        "it is closed, because it did not fail"
    );
    let head = model.head(401).expect("a head");
    assert!(head.is_open && head.failed && head.lines == 100);
    model.toggle(1);
    read(&mut model);
    assert_eq!(model.place.top, 0.0);
    assert_eq!(model.rows()[..2], [Row::Head(1), Row::Line { number: 1, text: "line 1".into() }]);
    model.toggle_all(false);
    assert_eq!(model.rows(), [Row::Head(1), Row::Head(401)]);
}

#[test]
fn a_line_in_a_closed_section_is_shown_by_opening_it() {
    let sections = vec![section(1, Some(4_000), false), section(4_001, None, false)];
    let mut model = model(8_000, true, sections);
    model.show(3_000);
    read(&mut model);
    assert!(numbers(&model).contains(&3_000));
    assert!(model.head(1).expect("a head").is_open);
    assert!(!model.head(4_001).expect("a head").is_open);
    model.show_head(4_001);
    assert!(model.rows().contains(&Row::Head(4_001)));
}

#[test]
fn new_sections_leave_the_lines_on_the_screen_where_they_are() {
    let mut model = model(2_000, false, vec![]);
    model.scrolled(10_005.0, None);
    assert_eq!(model.top_line(), 501);
    let inside = model.place.top % 20.0;
    model.set_sections(vec![section(1, Some(9), false), section(10, Some(20), false)]);
    assert_eq!((model.top_line(), model.place.top % 20.0), (501, inside));
    model.toggle_all(false);
    assert_eq!(model.top_line(), 501);
}

#[test]
fn a_failed_block_is_said_once_and_its_lines_come_after_a_retry() {
    let mut model = model(40, false, vec![]);
    assert_eq!(model.wanted(), [0]);
    model.blocks.failed(0, "No connection.".to_owned());
    let failed = Row::Failed { number: 1, block: 0 };
    assert_eq!(model.rows().iter().filter(|row| **row == failed).count(), 1);
    assert!(model.rows()[1..].iter().all(|row| matches!(row, Row::Waiting(_))));
    model.blocks.retry(0);
    read(&mut model);
    assert_eq!(numbers(&model).len(), 40);
}

#[test]
fn wrapped_lines_are_higher_and_the_place_stays() {
    let mut model = model(1_000, false, vec![]);
    model.scrolled(4_000.0, None);
    assert_eq!(model.top_line(), 201);
    assert!(model.measured_lines(&[(190, 60.0), (195, 20.0), (210, 80.0)]));
    assert_eq!((model.top_line(), model.place.top), (201, 4_040.0));
    assert!(!model.measured_lines(&[(190, 60.2), (210, 80.0)]));
    model.forget_heights();
    assert_eq!((model.top_line(), model.place.top), (201, 4_000.0));
}

#[test]
fn a_selection_stays_in_the_document() {
    let mut model = model(1_000, false, vec![]);
    read(&mut model);
    model.hold(Some((990, 995)));
    model.append(&page(1_001, 100, false));
    read(&mut model);
    assert!(numbers(&model).contains(&990) && !model.place.follows);
    model.scrolled(1_000.0, Some((60, 700)));
    read(&mut model);
    assert!(numbers(&model).contains(&700));
}

#[test]
fn the_keyboard_moves_over_the_lines_that_are_shown() {
    let sections = vec![section(3, Some(6), false), section(8, Some(9), true)];
    let model = model(10, true, sections);
    for (line, step, expected) in [
        (1, 1, Some(2)),
        (2, 1, Some(7)),
        (7, 1, Some(8)),
        (7, -1, Some(2)),
        (1, -1, None),
        (10, 1, None),
        (1, 50, Some(10)),
        (10, -50, Some(1)),
    ] {
        assert_eq!(model.neighbour(line, step), expected, "{line} {step}");
    }
}

proptest! {
    #[test]
    fn a_reader_who_is_not_at_the_end_never_loses_the_line_at_the_top(
        lines in 200_u64..3_000,
        at in 0.0_f64..0.8,
        pages in prop::collection::vec(1_u64..600, 1..6),
        edges in prop::collection::btree_set(1_u64..3_000, 0..6),
    ) {
        let mut model = model(lines, false, vec![]);
        let end = lines as f64 * 20.0 - 500.0;
        model.scrolled((at * (end - 100.0)).max(0.0), None);
        let top = model.top_line();
        for count in pages {
            let first = model.count() + 1;
            model.append(&page(first, count, false));
            prop_assert_eq!(model.top_line(), top);
        }
        let edges: Vec<_> = edges.into_iter().collect();
        let sections = edges.iter().map(|first| section(*first, None, false)).collect();
        model.set_sections(sections);
        prop_assert_eq!(model.top_line(), top);
    }
}
