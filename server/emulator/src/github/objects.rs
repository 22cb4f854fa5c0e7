//! Git's own objects, named by git's own hashes: what `git` computes for the same files is what the
//! emulator answers.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::sync::Arc;

use sha1::{Digest, Sha1};

/// The name of an object: forty hexadecimal digits.
pub type Sha = String;

/// What an entry of a tree is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A file.
    File,
    /// A symbolic link: the blob is the path it points to.
    Link,
    /// A folder.
    Folder,
}

impl Mode {
    /// As the API writes it.
    pub fn octal(self) -> &'static str {
        match self {
            Self::File => "100644",
            Self::Link => "120000",
            Self::Folder => "040000",
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

/// One entry of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is.
    pub mode: Mode,
    /// What it names.
    pub sha: Sha,
}

/// A folder: entries by name.
pub type Tree = BTreeMap<String, Entry>;

/// Who did something, and when.
#[derive(Clone, Debug)]
pub struct Signature {
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Seconds since 1970; commits of the emulator are in UTC.
    pub at: i64,
}

/// One commit.
#[derive(Clone, Debug)]
pub struct Commit {
    /// The whole repository at that moment.
    pub tree: Sha,
    /// What it follows.
    pub parents: Vec<Sha>,
    /// Who, and when.
    pub author: Signature,
    /// Why.
    pub message: String,
}

/// All objects of a repository.
#[derive(Debug, Default)]
pub struct Objects {
    blobs: HashMap<Sha, Arc<[u8]>>,
    trees: HashMap<Sha, Arc<Tree>>,
    commits: HashMap<Sha, Arc<Commit>>,
}

/// Git's name of an object of this kind.
fn name(kind: &str, content: &[u8]) -> Sha {
    let mut hash = Sha1::new();
    hash.update(format!("{kind} {}\0", content.len()));
    hash.update(content);
    let mut sha = String::with_capacity(40);
    for byte in hash.finalize() {
        // Writing to a String cannot fail.
        let _ = write!(sha, "{byte:02x}");
    }
    sha
}

fn bytes_of(sha: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(sha.get(at..at + 2).unwrap_or("00"), 16);
    (0..20).map(|i| digit(i * 2).unwrap_or(0)).collect()
}

impl Objects {
    /// A blob's content.
    pub fn blob(&self, sha: &str) -> Option<Arc<[u8]>> {
        self.blobs.get(sha).cloned()
    }

    /// A tree's entries.
    pub fn tree(&self, sha: &str) -> Option<Arc<Tree>> {
        self.trees.get(sha).cloned()
    }

    /// A commit.
    pub fn commit(&self, sha: &str) -> Option<Arc<Commit>> {
        self.commits.get(sha).cloned()
    }

    /// The only commit whose name begins like this.
    pub fn commit_like(&self, prefix: &str) -> Option<Sha> {
        let mut found = self.commits.keys().filter(|sha| sha.starts_with(prefix));
        let first = found.next()?;
        found.next().is_none().then(|| first.clone())
    }

    /// Keeps a file's content.
    pub fn add_blob(&mut self, content: &[u8]) -> Sha {
        let sha = name("blob", content);
        self.blobs.entry(sha.clone()).or_insert_with(|| content.into());
        sha
    }

    /// Keeps a folder.
    pub fn add_tree(&mut self, tree: Tree) -> Sha {
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
            content.extend_from_slice(&bytes_of(&entry.sha));
        }
        let sha = name("tree", &content);
        self.trees.entry(sha.clone()).or_insert_with(|| Arc::new(tree));
        sha
    }

    /// Keeps a commit.
    pub fn add_commit(&mut self, commit: Commit) -> Sha {
        let Commit { tree, parents, author, message } = &commit;
        let mut content = format!("tree {tree}\n");
        for parent in parents {
            let _ = writeln!(content, "parent {parent}");
        }
        let who = format!("{} <{}> {} +0000", author.name, author.email, author.at);
        let _ = write!(content, "author {who}\ncommitter {who}\n\n{message}\n");
        let sha = name("commit", content.as_bytes());
        self.commits.entry(sha.clone()).or_insert_with(|| Arc::new(commit));
        sha
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The expected names come from `git hash-object` and `git mktree`.
    #[test]
    fn names_are_those_that_git_computes() {
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
