//! One repository: objects, and the references to commits.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::objects::{Commit, Entry, Mode, Objects, Sha, Signature, Tree};
use super::path::DEPTH_MAX;

/// The highest number of links to follow from one path.
const LINKS_MAX: usize = 8;

#[derive(Debug)]
pub struct Repository {
    pub owner: String,
    pub name: String,
    pub description: String,
    pub default_branch: String,
    /// `heads/main`, `tags/v1.0.0`, …: the commits that they point to.
    pub refs: BTreeMap<String, Sha>,
    /// Everything that was ever committed.
    pub objects: Objects,
}

/// Files and links with their paths. Contents are shared with the repository.
pub type Files = Vec<(String, Mode, Arc<[u8]>)>;

/// A path, and the new file; `None` removes the existing one.
pub type Change<'a> = (&'a str, Option<(Mode, &'a [u8])>);

impl Repository {
    /// A repository without commits.
    pub fn new(owner: &str, name: &str, description: &str) -> Self {
        Self {
            owner: owner.to_owned(),
            name: name.to_owned(),
            description: description.to_owned(),
            default_branch: "main".to_owned(),
            refs: BTreeMap::new(),
            objects: Objects::default(),
        }
    }

    /// Whether a caller means this repository; GitHub ignores the case of names.
    pub fn is_called(&self, owner: &str, name: &str) -> bool {
        owner.eq_ignore_ascii_case(&self.owner) && name.eq_ignore_ascii_case(&self.name)
    }

    /// The commit for a branch, a tag, a full reference or a (shortened) hash.
    pub fn resolve(&self, name: &str) -> Option<Sha> {
        let short = name.strip_prefix("refs/").unwrap_or(name);
        let named = self
            .refs
            .get(short)
            .or_else(|| self.refs.get(&format!("heads/{name}")))
            .or_else(|| self.refs.get(&format!("tags/{name}")));
        if let Some(sha) = named {
            return Some(sha.clone());
        }
        let is_hash =
            (7..=40).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hash.then(|| self.objects.commit_like(&name.to_ascii_lowercase())).flatten()
    }

    /// The root folder of a commit.
    pub fn root(&self, commit: &str) -> Option<Sha> {
        self.objects.commit(commit).map(|commit| commit.tree.clone())
    }

    /// The object at a path below a tree. Follows links to files of the repository; other links are returned.
    pub fn find(&self, root: &str, path: &str) -> Option<Entry> {
        let mut path = path.trim_matches('/').to_owned();
        for _ in 0..LINKS_MAX {
            let found = self.step(root, &path)?;
            if found.mode != Mode::Link {
                return Some(found);
            }
            let target = self.objects.blob(&found.sha)?;
            let target = String::from_utf8_lossy(&target).into_owned();
            let Some(next) = beside(&path, &target) else { return Some(found) };
            if self.step(root, &next).is_none_or(|entry| entry.mode == Mode::Folder) {
                return Some(found);
            }
            path = next;
        }
        None
    }

    fn step(&self, root: &str, path: &str) -> Option<Entry> {
        let mut at = Entry { mode: Mode::Folder, sha: root.to_owned() };
        for name in path.split('/').filter(|name| !name.is_empty()) {
            at = self.objects.tree(&at.sha)?.get(name)?.clone();
        }
        Some(at)
    }

    /// Every file and link below a tree, by path, in git's order. A deeper tree than git itself handles well is cut
    /// off, so that no repository exhausts the stack.
    pub fn files(&self, root: &str) -> Files {
        let mut all = Vec::new();
        self.add_files(root, "", DEPTH_MAX, &mut all);
        all
    }

    fn add_files(&self, tree: &str, above: &str, depth: usize, all: &mut Files) {
        let Some(tree) = self.objects.tree(tree).filter(|_| depth > 0) else { return };
        for (name, entry) in tree.iter() {
            let path = format!("{above}{name}");
            match entry.mode {
                Mode::Folder => self.add_files(&entry.sha, &format!("{path}/"), depth - 1, all),
                mode => all.extend(self.objects.blob(&entry.sha).map(|blob| (path, mode, blob))),
            }
        }
    }

    /// A file's text at a commit.
    pub fn text(&self, commit: &str, path: &str) -> Option<String> {
        let entry = self.find(&self.root(commit)?, path)?;
        let blob = self.objects.blob(&entry.sha).filter(|_| entry.mode == Mode::File)?;
        String::from_utf8(blob.to_vec()).ok()
    }

    /// Commits files to a branch, which is created if necessary.
    pub fn commit(
        &mut self,
        branch: &str,
        files: &[Change<'_>],
        author: Signature,
        message: &str,
    ) -> Sha {
        let name = format!("heads/{branch}");
        let parent = self.refs.get(&name).cloned();
        let mut root = parent
            .as_deref()
            .and_then(|parent| self.root(parent))
            .unwrap_or_else(|| self.objects.add_tree(Tree::new()));
        for (path, content) in files {
            let entry =
                content.map(|(mode, content)| Entry { mode, sha: self.objects.add_blob(content) });
            let names: Vec<&str> = path.split('/').collect();
            root = self.with(&root, &names, entry);
        }
        // A name is one line of a commit, and ends at its address.
        let clean = |text: String| text.replace(|c: char| c.is_control() || "<>".contains(c), "");
        let Signature { name: who, email, at } = author;
        let commit = Commit {
            tree: root,
            parents: parent.into_iter().collect(),
            author: Signature { name: clean(who), email: clean(email), at },
            message: message.to_owned(),
        };
        let sha = self.objects.add_commit(commit);
        self.refs.insert(name, sha.clone());
        sha
    }

    /// The tree with one entry set or removed, including the trees above it.
    fn with(&mut self, tree: &str, names: &[&str], entry: Option<Entry>) -> Sha {
        let old = self.objects.tree(tree);
        let mut tree = old.map(Arc::unwrap_or_clone).unwrap_or_default();
        match names {
            [] => {}
            [name] => match entry {
                Some(entry) => _ = tree.insert((*name).to_owned(), entry),
                None => _ = tree.remove(*name),
            },
            [name, rest @ ..] => {
                let below = tree.get(*name).filter(|entry| entry.mode == Mode::Folder);
                let below = below.map(|entry| entry.sha.clone()).unwrap_or_default();
                let sha = self.with(&below, rest, entry);
                if self.objects.tree(&sha).is_some_and(|below| below.is_empty()) {
                    tree.remove(*name);
                } else {
                    tree.insert((*name).to_owned(), Entry { mode: Mode::Folder, sha });
                }
            }
        }
        self.objects.add_tree(tree)
    }

    /// A commit and its ancestors, newest first.
    pub fn history(&self, from: &str) -> Vec<(Sha, Arc<Commit>)> {
        let mut next = Some(from.to_owned());
        let mut all = Vec::new();
        while let Some(sha) = next {
            let Some(commit) = self.objects.commit(&sha) else { break };
            next = commit.parents.first().cloned();
            all.push((sha, commit));
        }
        all
    }
}

/// The target of a link at `path`, if it is inside the repository.
fn beside(path: &str, target: &str) -> Option<String> {
    if target.starts_with('/') {
        return None;
    }
    let mut names: Vec<&str> = path.split('/').collect();
    names.pop();
    for name in target.split('/') {
        match name {
            "" | "." => {}
            ".." => {
                names.pop()?;
            }
            name => names.push(name),
        }
    }
    Some(names.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dana() -> Signature {
        Signature { name: "Dana".to_owned(), email: "dana@example.org".to_owned(), at: 1 }
    }

    fn file(content: &str) -> Option<(Mode, &[u8])> {
        Some((Mode::File, content.as_bytes()))
    }

    #[test]
    fn a_commit_keeps_earlier_files_of_the_branch() {
        let mut repo = Repository::new("anet", "x", "");
        let mode =
            |repo: &Repository, root: &str, path: &str| repo.find(root, path).map(|e| e.mode);
        let first = repo.commit("main", &[("a/b.txt", file("1")), ("c", file("2"))], dana(), "1");
        let second = repo.commit("main", &[("a/b.txt", None), ("d", file("3"))], dana(), "2");
        assert_eq!(repo.resolve("main").as_ref(), Some(&second));
        assert_eq!(repo.resolve(&first[..8]).as_ref(), Some(&first));
        let root = repo.root(&second).expect("a root");
        assert_eq!(mode(&repo, &root, "c"), Some(Mode::File));
        assert!(repo.find(&root, "a").is_none(), "an empty folder does not exist in git");
        let root = repo.root(&first).expect("a root");
        assert_eq!(mode(&repo, &root, "a/b.txt"), Some(Mode::File));
        assert_eq!(repo.history(&second).len(), 2);
    }

    #[test]
    fn links_are_followed_only_inside_the_repository() {
        let link = |target: &'static str| Some((Mode::Link, target.as_bytes()));
        let mut repo = Repository::new("anet", "x", "");
        let files = [
            ("a/file", file("1")),
            ("a/near", link("file")),
            ("b/far", link("../a/near")),
            ("b/out", link("../../etc/passwd")),
            ("b/root", link("/etc/passwd")),
            ("b/folder", link("../a")),
            ("b/round", link("round")),
        ];
        let sha = repo.commit("main", &files, dana(), "links");
        let root = repo.root(&sha).expect("a root");
        for (path, is_file) in [("a/near", true), ("b/far", true), ("b/out", false)] {
            let found = repo.find(&root, path).map(|entry| entry.mode);
            assert_eq!(found == Some(Mode::File), is_file, "{path}");
        }
        for path in ["b/root", "b/folder"] {
            assert_eq!(repo.find(&root, path).map(|entry| entry.mode), Some(Mode::Link), "{path}");
        }
        assert!(repo.find(&root, "b/round").is_none());
    }
}
