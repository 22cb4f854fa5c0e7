//! Contexts from tarballs, honest and hostile ones.
#![cfg(test)]

use super::*;
use bytes::Bytes;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use tar::{Archive, Builder, EntryType, Header};

/// An entry of a tarball: path, kind, content or target.
type Made<'a> = (&'a str, EntryType, &'a [u8]);

const FILE: EntryType = EntryType::Regular;
const LINK: EntryType = EntryType::Symlink;

/// A tarball without any check of its paths.
fn tarball(entries: &[Made<'_>]) -> Vec<u8> {
    let mut builder = Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let mut add = |path: &str, kind: EntryType, content: &[u8]| {
        let mut header = Header::new_gnu();
        let bytes = path.as_bytes();
        header.as_old_mut().name[..bytes.len()].copy_from_slice(bytes);
        header.set_entry_type(kind);
        header.set_mode(if path.ends_with(".sh") { 0o755 } else { 0o644 });
        let is_file = !matches!(kind, EntryType::Symlink | EntryType::Link);
        if !is_file {
            header.as_old_mut().linkname[..content.len()].copy_from_slice(content);
        }
        let content = if is_file { content } else { &[] };
        header.set_size(content.len() as u64);
        header.set_cksum();
        builder.append(&header, content).expect("it is added");
    };
    add("pax_global_header", EntryType::XGlobalHeader, b"19 comment=0123456\n");
    add("top/", EntryType::Directory, b"");
    for (path, kind, content) in entries {
        add(path, *kind, content);
    }
    builder.into_inner().expect("a tar").finish().expect("a gzip")
}

fn context(folder: &str) -> Context {
    let folder = (!folder.is_empty()).then(|| folder.parse().expect("a path"));
    Context { folder, dockerfile: "Dockerfile".parse().expect("a path") }
}

/// Packs a tarball that arrives in small pieces. Returns what the context contains.
async fn packed(
    bytes: &[u8],
    folder: &str,
    limits: Limits,
) -> Result<(Packed, BTreeMap<String, String>), PackError> {
    let place = tempfile::tempdir().expect("a folder");
    let out = place.path().join("context.tar.gz");
    let pieces: Vec<_> =
        bytes.chunks(7).map(|piece| Ok::<_, String>(Bytes::copy_from_slice(piece))).collect();
    let done = pack(futures::stream::iter(pieces), &context(folder), &out, limits).await;
    let left = std::fs::read_dir(place.path()).expect("a folder").count();
    assert_eq!(left, usize::from(done.is_ok()), "the tarball and a broken context are removed");
    let done = done?;
    let file = std::fs::read(&out).expect("a context");
    assert_eq!(file.len() as u64, done.bytes);
    let mut all = BTreeMap::new();
    for entry in Archive::new(GzDecoder::new(file.as_slice())).entries().expect("entries") {
        let mut entry = entry.expect("an entry");
        let path = entry.path().expect("a path").to_string_lossy().into_owned();
        let link = entry.link_name().expect("a link").map(|to| format!("→ {}", to.display()));
        let mode = entry.header().mode().expect("a mode");
        let mut text = String::new();
        entry.read_to_string(&mut text).expect("a text");
        let text = link.unwrap_or(if mode == 0o755 && !text.is_empty() {
            format!("{text} (x)")
        } else {
            text
        });
        all.insert(path, text);
    }
    Ok((done, all))
}

#[tokio::test]
async fn a_context_is_what_docker_would_send() {
    let bytes = tarball(&[
        ("top/.aaa/x", FILE, b"before the rules"),
        ("top/.dockerignore", FILE, b"**\n!app\n!run.sh\n!link\n*.pyc\n"),
        ("top/Dockerfile", FILE, b"FROM python AS base\nFROM base AS litserve\n"),
        ("top/app/", EntryType::Directory, b""),
        ("top/app/main.py", FILE, b"print(1)"),
        (
            "top/app/model.bin",
            FILE,
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
        ),
        ("top/app/vendor/", EntryType::Directory, b""),
        ("top/link", LINK, b"app/main.py"),
        ("top/out", LINK, b"/etc/passwd"),
        ("top/run.sh", FILE, b"true"),
        (
            "top/.gitmodules",
            FILE,
            b"[submodule \"v\"]\n\tpath = app/vendor\n\turl = x\n[submodule \"w\"]\n\tpath=other\n",
        ),
    ]);
    let (packed, all) = packed(&bytes, "", Limits::default()).await.expect("a context");
    let expected = [
        (".dockerignore", "**\n!app\n!run.sh\n!link\n*.pyc\n"),
        ("Dockerfile", "FROM python AS base\nFROM base AS litserve\n"),
        ("app/", ""),
        ("app/main.py", "print(1)"),
        ("app/model.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"),
        ("app/vendor/", ""),
        ("link", "→ app/main.py"),
        ("run.sh", "true (x)"),
    ];
    let all: Vec<_> = all.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    assert_eq!(all, expected);
    assert_eq!(packed.files, 8);
    let warnings =
        [Warning::Submodule("app/vendor".into()), Warning::LfsPointer("app/model.bin".into())];
    assert_eq!(packed.warnings, warnings);
}

#[tokio::test]
async fn only_the_folder_is_packed_and_its_links_stay_within() {
    let bytes = tarball(&[
        ("top/Dockerfile", FILE, b"FROM other\n"),
        ("top/app/Dockerfile", FILE, b"NONSENSE"),
        ("top/app/deep/link", LINK, b"../Dockerfile"),
        ("top/apple", FILE, b"x"),
    ]);
    let (_, all) = packed(&bytes, "app", Limits::default()).await.expect("a context");
    assert_eq!(all.keys().collect::<Vec<_>>(), ["Dockerfile", "deep/link"]);
    let missing = packed(&bytes, "apples", Limits::default()).await.expect_err("no folder");
    assert_eq!(missing, PackError::NoFolder { path: "apples".into() });
}

#[tokio::test]
async fn hostile_tarballs_are_refused() {
    let small = Limits { unpacked_bytes: 10, files: 3, path_bytes: 40, ..Limits::default() };
    let long = format!("top/{}", "x".repeat(50));
    for (entries, said) in [
        (
            vec![("top/a", LINK, &b"/etc/passwd"[..])],
            "the link a leads out of the context, to /etc/passwd",
        ),
        (vec![("top/a/b", LINK, b"../../x")], "the link a/b leads out"),
        (vec![("top/a", LINK, b"b/../../x")], "the link a leads out"),
        (vec![("top/a", EntryType::Link, b"top/b")], "a is a hard link"),
        (vec![("top/a", EntryType::Fifo, b"")], "a is a named pipe"),
        (vec![("top/a", EntryType::Char, b"")], "a is a device"),
        (vec![("top/../a", FILE, b"")], "it leads out of its folder"),
        (vec![("top/a/./b", FILE, b"")], "it leads out of its folder"),
        (vec![("/top/a", FILE, b"")], "it leads out of its folder"),
        (vec![("other/a", FILE, b"")], "more than one top folder"),
        (vec![(long.as_str(), FILE, b"")], "it is too long"),
        (vec![("top/a", FILE, b"01234567890")], "more than 10 bytes"),
        (vec![("top/a", FILE, b"012345"), ("top/b", FILE, b"012345")], "more than 10 bytes"),
        (
            vec![
                ("top/a", FILE, b""),
                ("top/b", FILE, b""),
                ("top/c", FILE, b""),
                ("top/d", FILE, b""),
            ],
            "more than 3 files",
        ),
        (vec![("top/.dockerignore", FILE, b"[")], "line 1: the pattern is invalid"),
        (
            vec![("x", EntryType::XHeader, b"16 size=9999999\n"), ("top/a", FILE, b"")],
            "larger than the console",
        ),
        (vec![("x", EntryType::XHeader, b"nonsense"), ("top/a", FILE, b"")], "damaged"),
        (
            vec![("x", EntryType::GNULongName, &[b'a'; 70_000]), ("top/a", FILE, b"")],
            "a name is too long",
        ),
        (
            vec![("x", EntryType::GNULongName, b"top/\xff\0"), ("top/a", FILE, b"")],
            "it is not UTF-8",
        ),
    ] {
        let refused = packed(&tarball(&entries), "", small).await.expect_err(said).to_string();
        assert!(refused.contains(said), "{entries:?}: {refused}");
        assert!(!refused.chars().any(char::is_control), "{refused:?}");
    }
}

#[tokio::test]
async fn damaged_and_endless_tarballs_are_refused() {
    let good = tarball(&[("top/Dockerfile", FILE, b"FROM a\n")]);
    let mut flipped = good.clone();
    let last = flipped.len() - 6;
    flipped[last] ^= 0xff;
    let mut zeros = GzEncoder::new(Vec::new(), Compression::fast());
    zeros.write_all(&vec![0; 1 << 20]).expect("it is written");
    let tight = Limits { archive_bytes: 2_000, ..Limits::default() };
    let few = Limits { tarball_bytes: 20, ..Limits::default() };
    for (bytes, limits, said) in [
        (b"not gzip".to_vec(), Limits::default(), "damaged"),
        (Vec::new(), Limits::default(), "damaged"),
        (good[..good.len() / 2].to_vec(), Limits::default(), "damaged"),
        (flipped, Limits::default(), "damaged"),
        (zeros.finish().expect("a gzip"), Limits::default(), "it is empty"),
        (good.clone(), tight, "larger than the console unpacks"),
        (good.clone(), few, "larger than the console unpacks"),
    ] {
        let refused = packed(&bytes, "", limits).await.expect_err(said).to_string();
        assert!(refused.contains(said), "{refused}");
    }
    assert!(packed(&good, "", Limits::default()).await.is_ok());
}

#[tokio::test]
async fn a_download_that_breaks_off_leaves_nothing_behind() {
    let place = tempfile::tempdir().expect("a folder");
    let out = place.path().join("context.tar.gz");
    let pieces = [Ok(Bytes::from_static(b"x")), Err("GitHub is unavailable")];
    let broken = pack(futures::stream::iter(pieces), &context(""), &out, Limits::default()).await;
    assert_eq!(broken, Err(PackError::Download("GitHub is unavailable".into())));
    assert_eq!(std::fs::read_dir(place.path()).expect("a folder").count(), 0);
}
