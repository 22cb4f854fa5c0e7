//! Ten thousand random tamperings: each is found at its first bad entry.

use crate::ledger::{checkpoint, entries, exported, signer};
use ledger::canonical;
use ledger::checkpoint::Checkpoint;
use ledger::entry::Entry;
use ledger::key::Signer;
use ledger::tree::{Edge, Hash, leaf};
use ledger::verify::{Fault, VerifyError, Why, verify};

const CASES: u64 = 10_000;
const ENTRIES: u64 = 40;

/// Pseudo-random numbers, the same in every run (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((x ^ (x >> 31)) >> 33).expect("31 bits") % limit
    }
}

fn fault(export: &[u8], anchors: &[Checkpoint]) -> Option<Fault> {
    match verify(export, &[], anchors) {
        Ok(_) => None,
        Err(VerifyError::Fault(fault)) => Some(*fault),
        Err(VerifyError::Io(error)) => panic!("{error}"),
    }
}

fn joined(lines: &[Vec<u8>]) -> Vec<u8> {
    lines.iter().flat_map(|line| line.iter().copied().chain([b'\n'])).collect()
}

/// Changes a field and writes the entry in canonical form.
fn edited(line: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut entry: Entry = canonical::entry(line).expect("an entry");
    match dice.below(6) {
        0 => entry.what.push('!'),
        1 => entry.by.name = "Somebody Else".to_owned(),
        2 => entry.reason = entry.reason.is_none().then(|| "Because.".to_owned()),
        3 => _ = entry.after.insert("route".to_owned(), "anet-green=100".to_owned()),
        4 => entry.previous = Hash([u8::try_from(dice.below(256)).expect("a byte"); 32]),
        _ => entry.at = ledger::entry::Instant::from_ms(entry.at.ms() + 1).expect("a time"),
    }
    canonical::line(&entry).expect("short")
}

/// Tampers once; returns the first bad entry, where that is certain.
fn tampered(lines: &[Vec<u8>], dice: &mut Dice) -> (String, Vec<u8>, Option<u64>) {
    let mut lines = lines.to_vec();
    let count = lines.len() - 1;
    let at = dice.below(count);
    let index = |at: usize| Some(u64::try_from(at).expect("small"));
    let (what, first) = match dice.below(12) {
        0 | 1 => {
            let byte = dice.below(lines[at].len());
            lines[at][byte] ^= 1 << dice.below(8);
            (format!("a bit of entry {at}, byte {byte}"), index(at))
        }
        2 => {
            lines[at] = edited(&lines[at], dice);
            (format!("a field of entry {at}"), index(at))
        }
        3 => {
            lines.remove(at);
            (format!("entry {at} dropped"), index(at))
        }
        4 => {
            let other = dice.below(count);
            lines.swap(at, other);
            let is_same = at == other;
            if is_same {
                lines[at].push(b' ');
            }
            (format!("entries {at} and {other} swapped"), index(at.min(other)))
        }
        5 => {
            let copy = lines[at].clone();
            lines.insert(at + 1, copy);
            (format!("entry {at} doubled"), index(at + 1))
        }
        6 => {
            let copy = edited(&lines[at], dice);
            lines.insert(at, copy);
            (format!("a forged entry {at} in front"), index(at))
        }
        7 => {
            let (byte, last) = (dice.below(lines[count].len()), &mut lines[count]);
            last[byte] ^= 1 << dice.below(8);
            (format!("a bit of the end, byte {byte}"), None)
        }
        8 => {
            let byte = dice.below(lines[at].len() + 1);
            let blank = [b' ', b'\t', b'\r', b'\n'][dice.below(4)];
            // A line end after a line is a line of its own.
            let is_behind = blank == b'\n' && byte == lines[at].len();
            lines[at].insert(byte, blank);
            (format!("white space in entry {at}, byte {byte}"), index(at + usize::from(is_behind)))
        }
        9 => {
            let mut all = joined(&lines);
            all.truncate(dice.below(all.len()));
            let whole = all.iter().filter(|byte| **byte == b'\n').count();
            return (format!("cut to {} bytes", all.len()), all, index(whole));
        }
        10 => {
            let mut all = joined(&lines);
            let at = dice.below(all.len());
            all[at] = u8::try_from(dice.below(256)).expect("a byte");
            if all == joined(&lines) {
                all[at] ^= 0xff;
            }
            return (format!("byte {at} replaced"), all, None);
        }
        _ => {
            let add = [b"\n".as_slice(), b" ", b"{}\n", &lines[at]][dice.below(4)].to_vec();
            let mut all = joined(&lines);
            all.extend(add);
            return ("data after the end".to_owned(), all, index(count));
        }
    };
    (what, joined(&lines), first)
}

#[test]
fn every_tampering_is_found_at_its_first_bad_entry() {
    let export = exported(ENTRIES);
    let lines: Vec<Vec<u8>> =
        export.split(|byte| *byte == b'\n').filter(|l| !l.is_empty()).map(<[u8]>::to_vec).collect();
    assert_eq!(joined(&lines), export);
    let mut dice = Dice(2026);
    for case in 0..CASES {
        let (what, bytes, first) = tampered(&lines, &mut dice);
        assert_ne!(bytes, export, "{case}: {what} is no tampering");
        let fault = fault(&bytes, &[]).unwrap_or_else(|| panic!("{case}: {what} was not found"));
        if let Some(first) = first {
            assert_eq!(fault.index, Some(first), "{case}: {what}: {fault}");
        }
    }
}

/// Rewrites an export from an entry on, with correct hashes, and signs it.
fn rewritten(from: usize, signer: &Signer) -> Vec<u8> {
    let (mut lines, _) = entries(ENTRIES);
    let (mut edge, mut previous) = (Edge::default(), Hash::EMPTY);
    for (at, line) in lines.iter_mut().enumerate() {
        let mut entry = canonical::entry(line).expect("an entry");
        entry.previous = previous;
        if at == from {
            entry.by.name = "Somebody Else".to_owned();
        }
        *line = canonical::line(&entry).expect("short");
        previous = leaf(line);
        edge.push(previous).expect("it grows");
    }
    let mut all = joined(&lines);
    all.extend(ledger::export::end(&checkpoint(&edge), signer).expect("it is signed"));
    all
}

#[test]
fn a_ledger_rewritten_with_another_key_is_found_by_the_key() {
    let thief = Signer::from_seed(crate::ledger::ORIGIN, &[9; 32]).expect("a key");
    let keys = [signer().verifier().clone()];
    let forged = rewritten(3, &thief);
    verify(&*forged, &[], &[]).expect("it is consistent in itself");
    let Err(VerifyError::Fault(fault)) = verify(&*forged, &keys, &[]) else { panic!("not found") };
    assert!(matches!(fault.why, Why::Stranger { .. }), "{fault}");
}

#[test]
fn a_ledger_rewritten_with_the_real_key_is_found_by_a_kept_checkpoint() {
    let forged = rewritten(12, &signer());
    verify(&*forged, &[signer().verifier().clone()], &[]).expect("it is consistent in itself");
    let kept = |size| checkpoint(&entries(size).1);
    assert_eq!(fault(&forged, &[kept(12)]), None);
    let found = fault(&forged, &[kept(5), kept(12), kept(13), kept(40)]).expect("it is found");
    assert_eq!(found.why, Why::Rewritten { agreed: 12, size: 13 });
    assert_eq!(found.index, Some(12));
}

#[test]
fn an_older_export_with_a_newer_checkpoint_is_truncated() {
    let newer = checkpoint(&entries(50).1);
    let found = fault(&exported(ENTRIES), &[newer]).expect("it is found");
    assert_eq!(found, Fault { why: Why::Truncated { size: 50 }, index: Some(40), line: 41 });
}

#[test]
fn faults_say_what_and_where() {
    let export = String::from_utf8(exported(4)).expect("UTF-8");
    let lines: Vec<_> = export.lines().collect();
    let said = |lines: &[&str]| {
        let text = lines.join("\n") + "\n";
        fault(text.as_bytes(), &[]).expect("it is found").to_string()
    };
    let altered = lines[1].replace("Dana", "Lena");
    assert_eq!(
        said(&[lines[0], &altered, lines[2], lines[3], lines[4]]),
        "entry 1 (line 2): altered: it is not the entry that was recorded"
    );
    assert_eq!(
        said(&[lines[0], lines[2], lines[3], lines[4]]),
        "entry 1 (line 2): missing: entry 2 is in its place"
    );
    assert_eq!(
        said(&[lines[0], lines[2], lines[1], lines[3], lines[4]]),
        "entry 1 (line 2): reordered: it is on line 3"
    );
    assert_eq!(
        said(&[lines[0], lines[1], lines[2], lines[4]]),
        "entry 3 (line 4): truncated: the export ends before it, but 4 entries were signed"
    );
    assert!(said(&lines[..4]).starts_with("entry 4 (line 5): truncated: the export ends without"));
    assert!(
        said(&[""]).starts_with("entry 0 (line 1): altered: it cannot be read"),
        "{}",
        said(&[""])
    );
}
