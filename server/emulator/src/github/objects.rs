//! Git objects with git's own hashes: the emulator returns what `git` computes for the same files.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::sync::Arc;

use sha1::{Digest, Sha1};

use super::parse;

/// The id of an object: forty hexadecimal digits.
pub type Sha = String;

/// The kind of an entry in a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    File,
    /// A symbolic link: the blob is the path of its target.
    Link,
    Folder,
}

impl Mode {
    /// The mode in the API.
    pub fn octal(self) -> &'static str {
        match self {
            Self::File => "100644",
            Self::Link => "120000",
            Self::Folder => "040000",
        }
    }

    /// The mode in a stored tree.
    pub fn from_octal(octal: &str) -> Option<Self> {
        match octal {
            "100644" => Some(Self::File),
            "120000" => Some(Self::Link),
            "40000" => Some(Self::Folder),
            _ => None,
        }
    }

    /// The kind of object that the entry names.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Folder => "tree",
            _ => "blob",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub mode: Mode,
    pub sha: Sha,
}

/// A folder: entries by name.
pub type Tree = BTreeMap<String, Entry>;

/// The author of a change, and its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    pub name: String,
    pub email: String,
    /// Seconds since 1970; the emulator's commits are in UTC.
    pub at: i64,
}

#[derive(Clone, Debug)]
pub struct Commit {
    /// The root tree of the commit.
    pub tree: Sha,
    pub parents: Vec<Sha>,
    pub author: Signature,
    pub message: String,
}

/// All objects of a repository.
#[derive(Debug, Default)]
pub struct Objects {
    blobs: HashMap<Sha, Arc<[u8]>>,
    trees: HashMap<Sha, Arc<Tree>>,
    commits: HashMap<Sha, Arc<Commit>>,
    /// Added since [`Objects::clear_fresh`], oldest first.
    fresh: Vec<Sha>,
}

/// Git's id of an object of this kind.
fn name(kind: &str, content: &[u8]) -> Sha {
    let mut hash = Sha1::new();
    hash.update(format!("{kind} {}\0", content.len()));
    hash.update(content);
    hex::encode(hash.finalize())
}

impl Objects {
    pub fn blob(&self, sha: &str) -> Option<Arc<[u8]>> {
        self.blobs.get(sha).cloned()
    }

    pub fn tree(&self, sha: &str) -> Option<Arc<Tree>> {
        self.trees.get(sha).cloned()
    }

    pub fn commit(&self, sha: &str) -> Option<Arc<Commit>> {
        self.commits.get(sha).cloned()
    }

    /// The only commit whose id starts with this prefix.
    pub fn commit_like(&self, prefix: &str) -> Option<Sha> {
        let mut found = self.commits.keys().filter(|sha| sha.starts_with(prefix));
        let first = found.next()?;
        found.next().is_none().then(|| first.clone())
    }

    /// The objects that were added and not yet saved.
    pub fn fresh(&self) -> &[Sha] {
        &self.fresh
    }

    /// Notes that all objects are saved.
    pub fn clear_fresh(&mut self) {
        self.fresh.clear();
    }

    /// An object's kind and its content as git hashes it.
    pub fn raw(&self, sha: &str) -> Option<(&'static str, Vec<u8>)> {
        if let Some(blob) = self.blobs.get(sha) {
            return Some(("blob", blob.to_vec()));
        }
        if let Some(tree) = self.trees.get(sha) {
            return Some(("tree", tree_content(tree)));
        }
        self.commits.get(sha).map(|commit| ("commit", commit_content(commit)))
    }

    /// Adds an object from its content as git hashes it; `None` if it is malformed.
    pub fn add_raw(&mut self, kind: &str, content: &[u8]) -> Option<Sha> {
        match kind {
            "blob" => Some(self.add_blob(content)),
            "tree" => parse::tree(content).map(|tree| self.add_tree(tree)),
            "commit" => parse::commit(content).map(|commit| self.add_commit(commit)),
            _ => None,
        }
    }

    /// Stores a file's content.
    pub fn add_blob(&mut self, content: &[u8]) -> Sha {
        let sha = name("blob", content);
        if !self.blobs.contains_key(&sha) {
            self.blobs.insert(sha.clone(), content.into());
            self.fresh.push(sha.clone());
        }
        sha
    }

    /// Stores a folder.
    pub fn add_tree(&mut self, tree: Tree) -> Sha {
        let sha = name("tree", &tree_content(&tree));
        if !self.trees.contains_key(&sha) {
            self.trees.insert(sha.clone(), Arc::new(tree));
            self.fresh.push(sha.clone());
        }
        sha
    }

    /// Stores a commit.
    pub fn add_commit(&mut self, commit: Commit) -> Sha {
        let sha = name("commit", &commit_content(&commit));
        if !self.commits.contains_key(&sha) {
            self.commits.insert(sha.clone(), Arc::new(commit));
            self.fresh.push(sha.clone());
        }
        sha
    }
}

fn tree_content(tree: &Tree) -> Vec<u8> {
    let mut entries: Vec<(&String, &Entry)> = tree.iter().collect();
    // Git sorts a folder as if its name ended in a slash.
    let key = |name: &str, entry: &Entry| match entry.mode {
        Mode::Folder => format!("{name}/"),
        _ => name.to_owned(),
    };
    entries.sort_by_key(|(name, entry)| key(name, entry));
    let mut content = Vec::new();
    for (name, entry) in entries {
        let mode = entry.mode.octal().trim_start_matches('0');
        content.extend_from_slice(format!("{mode} {name}\0").as_bytes());
        content.extend(hex::decode(&entry.sha).unwrap_or_default());
    }
    content
}

fn commit_content(commit: &Commit) -> Vec<u8> {
    let Commit { tree, parents, author, message } = commit;
    let mut content = format!("tree {tree}\n");
    for parent in parents {
        let _ = writeln!(content, "parent {parent}");
    }
    let who = format!("{} <{}> {} +0000", author.name, author.email, author.at);
    let _ = write!(content, "author {who}\ncommitter {who}\n\n{message}\n");
    content.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The expected ids come from `git hash-object` and `git mktree`.
    #[test]
    fn ids_are_those_that_git_computes() {
        let mut objects = Objects::default();
        let blob = objects.add_blob(b"hello\n");
        assert_eq!(blob, "ce013625030ba8dba906f756967f9e9ca394464a");
        let empty = objects.add_tree(Tree::new());
        assert_eq!(empty, "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
        let file = Entry { mode: Mode::File, sha: blob };
        let folder = Entry { mode: Mode::Folder, sha: empty };
        let tree = Tree::from([
            ("a".to_owned(), folder),
            ("a.txt".to_owned(), file.clone()),
            ("link".to_owned(), Entry { mode: Mode::Link, ..file }),
        ]);
        let sha = objects.add_tree(tree);
        assert_eq!(sha, "b915735c33e2d2fac74078ecb9772cd8ba959a05");
        let author = Signature {
            name: "Dana Scott".to_owned(),
            email: "dana@example.org".to_owned(),
            at: 1_780_000_000,
        };
        let commit = Commit { tree: sha, parents: vec![], author, message: "Begin".to_owned() };
        assert_eq!(objects.add_commit(commit), "563881c10d1cd0f70f1466de9a9a8d19e93f737c");
    }
}
