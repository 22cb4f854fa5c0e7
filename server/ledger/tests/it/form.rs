//! Tests of the exact bytes, which other programs read.

use crate::ledger::{checkpoint, draft, entries, exported, signer};
use ledger::canonical;
use ledger::checkpoint::Checkpoint;
use ledger::entry::{Draft, Entry, Instant};
use ledger::tree::Hash;
use ledger::verify::verify;
use proptest::prelude::*;

#[test]
fn an_entry_is_one_line_of_sorted_json() {
    let line = canonical::line(&draft(0).at(0, Hash::EMPTY)).expect("short");
    let expected = "{\"about\":{\"endpoint\":\"anet-ep-prod\",\"operation\":\"operation-0\",\"stage\":\"anet-prod\"},\
        \"after\":{\"route\":\"anet-eedi=90,anet-green=10\"},\"at\":\"2026-09-21T14:13:20.000Z\",\
        \"before\":{\"route\":\"anet-eedi=100\"},\"by\":{\"id\":\"7d1b6b0e-3f0b-4c55-8f4e-5eedda7a0001/11b5\",\
        \"kind\":\"person\",\"name\":\"Dana “D.” Scott\u{7f}\\\\\",\"roles\":[\"DataScientist\"]},\"index\":0,\
        \"kind\":\"configured\",\"previous\":\"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\",\
        \"reason\":\"It is faster.\\n\\tAnd greener: 🌱\",\"request\":\"00000000000000000000000000000000\",\
        \"result\":{\"outcome\":\"pending\"},\"v\":1,\"what\":\"Set the route to anet-eedi 0 %\"}";
    assert_eq!(String::from_utf8(line).expect("UTF-8"), expected);
}

#[test]
fn an_export_proves_itself_and_is_the_same_again() {
    for count in [0, 1, 2, 3, 64, 100] {
        let export = exported(count);
        assert_eq!(export, exported(count));
        let proof = verify(&*export, &[], &[]).expect("it is intact");
        assert_eq!(proof.checkpoint, checkpoint(&entries(count).1));
        assert_eq!(&proof.key, signer().verifier());
        assert!(!proof.is_believed);
        assert_eq!(proof.span.is_some(), count > 0);
        let keys = [signer().verifier().clone()];
        assert!(verify(&*export, &keys, &[]).expect("it is intact").is_believed);
        for size in 0..=count {
            let anchor = checkpoint(&entries(size).1);
            verify(&*export, &keys, &[anchor]).expect("it begins with its own past");
        }
    }
}

#[test]
fn a_checkpoint_signed_with_the_older_key_still_anchors() {
    let older = ledger::key::Signer::from_seed("understudy.example.org", &[1; 32]).expect("a key");
    let note = checkpoint(&entries(5).1).sign(&older).expect("it is signed");
    let both = [signer().verifier().clone(), older.verifier().clone()];
    let (anchor, by) = Checkpoint::open(&note, &both).expect("one of them");
    assert_eq!(&by, older.verifier());
    verify(&*exported(9), &both, &[anchor]).expect("it is intact");
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[\\x00-\\x20\"\\\\/\u{7f}\u{2028}é🌱]{0,8}"]
}

fn drafts() -> impl Strategy<Value = Draft> {
    let facts = || prop::collection::btree_map("[a-z_.0-9-]{1,9}", texts(), 0..4);
    let time = -62_167_219_200_000_i64..253_402_300_800_000;
    (any::<u64>(), time, texts(), texts(), prop::option::of(texts()), facts(), facts()).prop_map(
        |(number, ms, name, what, reason, before, after)| {
            let mut draft = draft(number % 1000);
            draft.by.name = name;
            draft.at = Instant::from_ms(ms).expect("inside the years 0 to 9999");
            Draft { what, before, after, reason, ..draft }
        },
    )
}

proptest! {
    #[test]
    fn the_form_is_that_of_rfc_8785(draft in drafts(), index in 0..1_u64 << 53) {
        let entry = draft.at(index, Hash([7; 32]));
        let line = canonical::line(&entry).expect("short");
        let general = serde_json_canonicalizer::to_vec(&entry).expect("JSON");
        prop_assert_eq!(String::from_utf8_lossy(&line), String::from_utf8_lossy(&general));
        prop_assert_eq!(canonical::entry(&line).expect("it is read"), entry);
    }

    #[test]
    fn a_line_that_is_not_canonical_is_refused(draft in drafts(), at in 0..10_000_usize) {
        let entry: Entry = draft.at(3, Hash::EMPTY);
        let mut line = canonical::line(&entry).expect("short");
        let at = at % line.len();
        line.insert(at, b' ');
        let read = canonical::entry(&line);
        // A blank inside a string changes the entry; anywhere else the line is not canonical.
        prop_assert!(read.is_err() || read.expect("read") != entry);
    }
}

#[test]
fn a_table_keeps_hashes_unchanged_and_disarms_formulas() {
    assert!(ledger::table::head().starts_with(&[0xEF, 0xBB, 0xBF]), "a byte order mark");
    let rows = |bytes: Vec<u8>| {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(&*bytes);
        let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().expect("CSV");
        rows
    };
    let mut seen = std::collections::BTreeSet::new();
    for number in 0..2_000 {
        let mut draft = draft(number);
        draft.by.name = "=cmd|' /C calc'!A1".to_owned();
        draft.reason = Some("\u{ff1d}1\nsecond; =2, \"quoted\"".to_owned());
        let entry = draft.at(number, Hash::EMPTY);
        let hash = ledger::tree::leaf(&canonical::line(&entry).expect("short"));
        let row = rows(ledger::table::entry(&entry, hash));
        assert_eq!(row.len(), 1, "a line end inside a cell ends no row");
        assert_eq!(row[0].len(), 20);
        assert_eq!(&row[0][19], hash.to_string());
        assert_eq!(&row[0][0], number.to_string());
        assert_eq!(&row[0][2], "'=cmd|' /C calc'!A1");
        assert_eq!(&row[0][15], "'\u{ff1d}1\nsecond;' =2, \"quoted\"");
        seen.extend(hash.to_string().chars().next());
    }
    assert!(seen.contains(&'+') && seen.contains(&'/'), "some hash begins with a plus: {seen:?}");
}
