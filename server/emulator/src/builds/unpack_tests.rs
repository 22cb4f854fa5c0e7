//! What a hostile archive can try.

use super::*;

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, Header};

/// An entry: its path, its type, and its content or target.
type Part<'a> = (&'a str, EntryType, &'a str);

fn packed(parts: &[Part<'_>]) -> Vec<u8> {
    let mut archive = Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (path, kind, text) in parts {
        let mut header = Header::new_ustar();
        // The builder refuses such paths, so they are written as bytes.
        header.as_mut_bytes()[..path.len()].copy_from_slice(path.as_bytes());
        header.set_entry_type(*kind);
        header.set_mode(if path.ends_with(".sh") { 0o755 } else { 0o644 });
        let content = if kind.is_file() { text.as_bytes() } else { b"" };
        if !kind.is_file() {
            header.as_mut_bytes()[157..157 + text.len()].copy_from_slice(text.as_bytes());
        }
        header.set_size(content.len() as u64);
        header.set_cksum();
        archive.append(&header, content).expect("in memory");
    }
    archive.into_inner().expect("in memory").finish().expect("in memory")
}

fn unpacked(bytes: &[u8], bytes_max: u64) -> (tempfile::TempDir, Result<Unpacked, Unusable>) {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("upload");
    fs::write(&file, bytes).expect("a file");
    fs::write(dir.path().join("secret"), "secret").expect("a file");
    let outcome = unpack_up_to(&file, &dir.path().join("source"), bytes_max);
    (dir, outcome)
}

fn tried(parts: &[Part<'_>]) -> (tempfile::TempDir, Result<Unpacked, Unusable>) {
    unpacked(&packed(parts), BYTES_MAX)
}

const FILE: EntryType = EntryType::Regular;
const LINK: EntryType = EntryType::Symlink;

#[test]
fn files_folders_and_links_inside_are_unpacked() {
    let (dir, outcome) = tried(&[
        ("./", EntryType::Directory, ""),
        ("./app/", EntryType::Directory, ""),
        ("./app/serve.py", FILE, "x = 1"),
        ("./start.sh", FILE, "exit"),
        ("./app/link.py", LINK, "../start.sh"),
        ("./hard.sh", EntryType::Link, "start.sh"),
        ("./start.sh", FILE, "again"),
    ]);
    assert_eq!(outcome.expect("a legal archive"), Unpacked { files: 5, skipped: vec![] });
    let read = |path: &str| fs::read_to_string(dir.path().join("source").join(path)).expect(path);
    assert_eq!((read("app/serve.py"), read("app/link.py")), ("x = 1".into(), "again".into()));
    assert_eq!(read("hard.sh"), "exit");
    let mode = |path: &str| {
        use std::os::unix::fs::PermissionsExt;
        fs::metadata(dir.path().join("source").join(path)).expect(path).permissions().mode()
    };
    assert!(mode("start.sh") & 0o100 != 0 && mode("app/serve.py") & 0o100 == 0);
}

#[test]
fn paths_that_lead_out_are_refused() {
    for path in ["../secret", "/tmp/x", "a/../../secret", "..", "a/.."] {
        let (dir, outcome) = tried(&[(path, FILE, "overwritten")]);
        assert!(matches!(outcome, Err(Unusable::Outside(_))), "{path}: {outcome:?}");
        assert_eq!(fs::read_to_string(dir.path().join("secret")).expect("a file"), "secret");
    }
}

#[test]
fn links_that_lead_out_are_left_out_and_named() {
    for target in ["../secret", "/etc/passwd", "a/../../secret", "down/../../secret", ".."] {
        let (dir, outcome) = tried(&[("link", LINK, target), ("kept", FILE, "")]);
        assert_eq!(outcome.expect("a legal archive").skipped, ["link"], "{target}");
        assert!(fs::symlink_metadata(dir.path().join("source/link")).is_err(), "{target}");
    }
}

#[test]
fn nothing_is_written_through_a_link() {
    for parts in [
        // The link itself stays inside; the folder that it hides would not.
        vec![("d", LINK, "."), ("d/d/d/x", LINK, "../../..")],
        vec![("a/b", LINK, ".."), ("a/b/file", FILE, "x")],
        vec![("file", FILE, ""), ("file/inner", FILE, "")],
        vec![("a/file", FILE, ""), ("a", LINK, "b")],
    ] {
        let (_dir, outcome) = tried(&parts);
        assert!(matches!(outcome, Err(Unusable::Outside(_))), "{parts:?}: {outcome:?}");
    }
}

#[test]
fn hard_links_point_to_earlier_files_only() {
    for target in ["../secret", "/etc/passwd", "nowhere", "soft"] {
        let (_dir, outcome) = tried(&[("soft", LINK, "x"), ("hard", EntryType::Link, target)]);
        assert!(matches!(outcome, Err(Unusable::Outside(_))), "{target}: {outcome:?}");
    }
}

#[test]
fn devices_are_left_out() {
    let (_dir, outcome) = tried(&[("pipe", EntryType::Fifo, ""), ("disk", EntryType::Block, "")]);
    assert_eq!(outcome.expect("a legal archive").skipped, ["pipe", "disk"]);
}

#[test]
fn a_bomb_is_stopped() {
    let zeros = "0".repeat(1024 * 1024);
    let bytes = packed(&[("zeros", FILE, &zeros)]);
    assert!(bytes.len() < 32 * 1024);
    let (_dir, outcome) = unpacked(&bytes, 64 * 1024);
    assert!(matches!(outcome, Err(Unusable::TooLarge)), "{outcome:?}");
}

#[test]
fn what_is_no_whole_archive_is_refused() {
    let whole = packed(&[("file", FILE, "text")]);
    for bytes in [b"".as_slice(), b"not an archive", &whole[..whole.len() - 4], &whole[..20]] {
        let (_dir, outcome) = unpacked(bytes, BYTES_MAX);
        assert!(matches!(outcome, Err(Unusable::Damaged(_))), "{bytes:?}: {outcome:?}");
    }
}
