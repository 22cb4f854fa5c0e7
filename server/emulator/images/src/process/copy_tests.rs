//! What `COPY` copies, and what it refuses.

use std::os::unix::fs::symlink;

use tempfile::TempDir;

use super::*;

struct Stage {
    context: TempDir,
    image: TempDir,
}

impl Stage {
    fn new(files: &[&str]) -> Self {
        let stage =
            Self { context: tempfile::tempdir().unwrap(), image: tempfile::tempdir().unwrap() };
        for file in files {
            let path = stage.context.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, file).unwrap();
        }
        stage
    }

    fn copy(&self, ignore: &str, from: &[&str], dest: &str) -> Result<Vec<String>, String> {
        let source = Source::new(self.context.path(), Ignore::parse(ignore).unwrap()).unwrap();
        let tree = Tree::new(self.image.path()).unwrap();
        let from: Vec<String> = from.iter().map(|&part| part.to_owned()).collect();
        let mut written = BTreeSet::new();
        let is_folder = dest.ends_with('/');
        source
            .copy(&from, (dest, is_folder), &tree, &mut written)
            .map_err(|error| error.to_string())?;
        Ok(written.iter().map(|path| path.to_string_lossy().into_owned()).collect())
    }

    fn link(&self, target: &str, name: &str) {
        symlink(target, self.context.path().join(name)).unwrap();
    }
}

#[test]
fn files_go_where_docker_puts_them() {
    let stage = Stage::new(&["a.txt", "src/m.py", "src/sub/n.py", "src/sub/n.pyc", "b.txt"]);
    assert_eq!(stage.copy("", &["a.txt"], "/app/new").unwrap(), ["app", "app/new"]);
    assert_eq!(stage.copy("", &["a.txt"], "/app").unwrap(), ["app", "app/a.txt"]);
    assert_eq!(
        stage.copy("**/*.pyc", &["src"], "/lib/").unwrap(),
        ["lib", "lib/m.py", "lib/sub", "lib/sub/n.py"]
    );
    assert_eq!(stage.copy("", &["*.txt"], "/t/").unwrap(), ["t", "t/a.txt", "t/b.txt"]);
    let refused = stage.copy("", &["a.txt", "b.txt"], "/one").unwrap_err();
    assert!(refused.contains("must be a directory and end with a /"), "{refused}");
    let missing = stage.copy("b.txt", &["b.txt"], "/one").unwrap_err();
    assert!(missing.contains("excluded by .dockerignore: stat b.txt"), "{missing}");
    assert_eq!(fs::read_to_string(stage.image.path().join("app/new")).unwrap(), "a.txt");
}

#[test]
fn nothing_leaves_the_context() {
    let stage = Stage::new(&["src/real", "inner/x"]);
    stage.link("real", "src/good");
    stage.link("../../etc", "src/bad");
    for path in ["../secret", "src/../../secret", "/../x"] {
        let refused = stage.copy("", &[path], "/app/").unwrap_err();
        assert!(refused.contains("forbidden path outside the build context"), "{path}: {refused}");
    }
    let refused = stage.copy("", &["src"], "/app/").unwrap_err();
    assert!(refused.contains("the link src/bad leads out of the build context"), "{refused}");
    assert_eq!(stage.copy("src/bad", &["src"], "/app/").unwrap(), ["app", "app/good", "app/real"]);
    stage.link("/etc/hostname", "absolute");
    let refused = stage.copy("", &["absolute"], "/app/").unwrap_err();
    assert!(refused.contains("forbidden path outside"), "{refused}");
    stage.link("inner/x/../../..", "zigzag");
    assert!(stage.copy("src\nabsolute", &["."], "/").unwrap_err().contains("zigzag"));
}

#[test]
fn a_link_in_the_image_is_not_written_through() {
    let stage = Stage::new(&["one/file", "two/file"]);
    let outside = tempfile::tempdir().unwrap();
    symlink(outside.path(), stage.image.path().join("door")).unwrap();
    assert!(stage.copy("", &["one"], "/door/").is_err());
    let victim = outside.path().join("victim");
    fs::write(&victim, "untouched").unwrap();
    symlink(&victim, stage.image.path().join("file")).unwrap();
    stage.copy("", &["two/file"], "/file").unwrap();
    assert_eq!(fs::read_to_string(victim).unwrap(), "untouched");
}
