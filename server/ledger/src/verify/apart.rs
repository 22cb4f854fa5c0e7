//! Distinguishes similar faults by the lines that follow.

use super::fault::{Fault, Why};
use super::lines::{Line, Lines};
use super::{Walk, opened};
use crate::canonical;
use crate::export::END;
use crate::tree::Hash;
use std::io::{BufRead, Result};

/// The exact fault, given the hash of the faulty line and the lines after it.
pub(super) fn told_apart(
    fault: Box<Fault>,
    walk: &Walk<'_>,
    hash: Hash,
    lines: &mut Lines<impl BufRead>,
) -> Result<Box<Fault>> {
    match fault.why {
        Why::Missing { .. } => missing_or_moved(fault, walk.size(), lines),
        Why::Added { again: Some(again) } if again + 1 == walk.size() => {
            first_or_second(fault, walk, hash, lines)
        }
        _ => Ok(fault),
    }
}

/// A gap in the indexes means that an entry is missing or is further down.
fn missing_or_moved(
    fault: Box<Fault>,
    index: u64,
    lines: &mut Lines<impl BufRead>,
) -> Result<Box<Fault>> {
    loop {
        match lines.next()? {
            Line::End => return Ok(fault),
            Line::Text(text) | Line::Unended(text) => {
                if canonical::entry(text).is_ok_and(|entry| entry.index == index) {
                    let why = Why::Reordered { found: lines.number() };
                    return Ok(Box::new(Fault { why, ..*fault }));
                }
            }
            Line::TooLong => {}
        }
    }
}

/// Two lines have the same index. The next line or the signed root shows which one was added.
fn first_or_second(
    fault: Box<Fault>,
    walk: &Walk<'_>,
    hash: Hash,
    lines: &mut Lines<impl BufRead>,
) -> Result<Box<Fault>> {
    let is_second_true = match lines.next()? {
        Line::Text(text) if text.starts_with(END) => {
            let mut edge = walk.edge.clone();
            let _ = edge.push(hash);
            let root = edge.root().ok();
            opened(text, &[]).is_ok_and(|(checkpoint, ..)| Some(checkpoint.root) == root)
        }
        Line::Text(text) => canonical::entry(text).is_ok_and(|next| next.previous == hash),
        _ => false,
    };
    if is_second_true && walk.last != Some(hash) {
        let index = fault.index.map(|index| index - 1);
        return Ok(Box::new(Fault { index, line: fault.line - 1, ..*fault }));
    }
    Ok(fault)
}
