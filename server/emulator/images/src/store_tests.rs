//! The store: names, restarts, removal.

use super::*;
use crate::digest::Digest;

fn record(needs: &[PathBuf]) -> Record {
    Record {
        command: vec!["true".to_owned()],
        work_dir: PathBuf::from("/"),
        environment: [("A".to_owned(), "1".to_owned())].into(),
        port: Some(5001),
        flags_at: None,
        path: vec![PathBuf::from("/first")],
        needs: needs.to_vec(),
    }
}

fn images(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

const DOCKER: &[u8] = br#"{"mediaType":"application/vnd.docker.distribution.manifest.v2+json"}"#;

#[test]
fn images_survive_a_restart_and_leftovers_do_not() {
    let folder = tempfile::tempdir().unwrap();
    let store = ImageStore::open(folder.path()).unwrap();
    let (kept, lost) = (store.folder("trees").join("kept"), store.folder("trees").join("lost"));
    std::fs::create_dir_all(&kept).unwrap();
    std::fs::create_dir_all(&lost).unwrap();
    std::fs::write(store.folder("scratch").join("half"), "half").unwrap();
    let names = images(&["team/app:1", "team/app", "other:x"]);
    let (digest, is_new) =
        store.publish(&names, DOCKER, &record(std::slice::from_ref(&kept))).unwrap();
    assert!(is_new);
    drop(store);

    let store = ImageStore::open(folder.path()).unwrap();
    assert!(kept.exists() && !lost.exists() && !store.folder("scratch").join("half").exists());
    assert_eq!(store.repositories(), ["other", "team/app"]);
    let tags: Vec<_> = store.tags("team/app").into_iter().map(|(tag, _)| tag).collect();
    assert_eq!(tags, ["1", "latest"]);
    let manifest = store.manifest("team/app", digest.as_str()).unwrap();
    assert_eq!((&manifest.digest, &manifest.bytes[..]), (&digest, DOCKER));
    assert_eq!(manifest.media_type, "application/vnd.docker.distribution.manifest.v2+json");
    let launch = store.launch(&digest).unwrap();
    assert_eq!((launch.port, launch.environment["A"].as_str()), (Some(5001), "1"));
    assert!(launch.environment["PATH"].starts_with("/first:"));
    std::fs::remove_dir(kept).unwrap();
    assert_eq!(store.launch(&digest), None, "an image without its files cannot be started");
}

#[test]
fn a_tag_moves_and_a_removed_manifest_takes_its_tags_along() {
    let folder = tempfile::tempdir().unwrap();
    let store = ImageStore::open(folder.path()).unwrap();
    let (old, _) = store.publish(&images(&["app:1", "app:latest"]), b"{}", &record(&[])).unwrap();
    let (new, _) = store.publish(&images(&["app:2", "app:latest"]), b"{ }", &record(&[])).unwrap();
    assert_eq!(store.resolve("app", ""), Some(new.clone()));
    assert_eq!(store.resolve("app", "1"), Some(old.clone()));
    store.tag("app", "latest", &old).unwrap();
    assert_eq!(store.resolve("app", "latest"), Some(old.clone()));
    assert!(store.remove("app", old.as_str()).unwrap());
    assert_eq!(store.tags("app"), [("2".to_owned(), new.clone())]);
    assert_eq!((store.launch(&old), store.manifest("app", "1").is_none()), (None, true));
    assert!(store.remove("app", "2").unwrap() && !store.remove("app", "2").unwrap());
    assert_eq!(store.digests("app"), std::slice::from_ref(&new));
    assert!(store.remove("app", new.as_str()).unwrap());
    assert!(store.knows("app") && store.repositories().is_empty());
    let gone = store.tag("app", "latest", &new).unwrap_err();
    assert_eq!(gone.kind(), io::ErrorKind::NotFound);
}

#[test]
fn hostile_names_reach_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let store = ImageStore::open(folder.path()).unwrap();
    let (digest, _) = store.publish(&images(&["app:1"]), b"{}", &record(&[])).unwrap();
    for name in ["../repositories/app", "app/", "", "APP", "app\0"] {
        assert!(store.manifest(name, "1").is_none() && store.tags(name).is_empty(), "{name:?}");
        assert!(store.tag(name, "1", &digest).is_err() && !store.knows(name), "{name:?}");
    }
    for tag in ["../tags/1", "..", "a/b", "sha256:zz"] {
        assert!(store.manifest("app", tag).is_none(), "{tag}");
        assert!(store.tag("app", tag, &digest).is_err() && !store.remove("app", tag).unwrap());
        let named = images(&[&format!("app:{tag}")]);
        assert!(store.publish(&named, b"{}", &record(&[])).is_err(), "{tag}");
    }
    assert_eq!(store.blob(&digest), None, "a manifest is no blob");
    let blob = store.put_blob(b"layer").unwrap();
    assert_eq!(blob, Digest::of(b"layer"));
    assert_eq!(std::fs::read(store.blob(&blob).unwrap()).unwrap(), b"layer");
}
