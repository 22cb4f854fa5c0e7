//! Reads git objects from their contents, as git hashes them.

use super::objects::{Commit, Entry, Mode, Signature, Tree};

/// Bytes of an id in a tree.
const ID_BYTES: usize = 20;

/// `{mode} {name}\0{id}`, once per entry.
pub fn tree(mut content: &[u8]) -> Option<Tree> {
    let mut entries = Tree::new();
    while !content.is_empty() {
        let end = content.iter().position(|byte| *byte == 0)?;
        let (mode, name) = std::str::from_utf8(&content[..end]).ok()?.split_once(' ')?;
        let (sha, rest) = content[end + 1..].split_at_checked(ID_BYTES)?;
        entries.insert(
            name.to_owned(),
            Entry { mode: Mode::from_octal(mode)?, sha: hex::encode(sha) },
        );
        content = rest;
    }
    Some(entries)
}

/// Headers, a blank line, the message.
pub fn commit(content: &[u8]) -> Option<Commit> {
    let (head, message) = std::str::from_utf8(content).ok()?.split_once("\n\n")?;
    let (name, rest) = after(head, "author ").next()?.split_once(" <")?;
    let (email, at) = rest.split_once("> ")?;
    let at = at.split(' ').next()?.parse().ok()?;
    Some(Commit {
        tree: after(head, "tree ").next()?.to_owned(),
        parents: after(head, "parent ").map(str::to_owned).collect(),
        author: Signature { name: name.to_owned(), email: email.to_owned(), at },
        message: message.strip_suffix('\n')?.to_owned(),
    })
}

/// What the header lines with this word say.
fn after<'a>(head: &'a str, word: &'a str) -> impl Iterator<Item = &'a str> {
    head.lines().filter_map(move |line| line.strip_prefix(word))
}

#[cfg(test)]
mod tests {
    use super::super::objects::Objects;
    use super::*;

    #[test]
    fn objects_survive_being_stored_and_read() {
        let mut objects = Objects::default();
        let blob = objects.add_blob(b"\0binary\n");
        let entry = |mode| Entry { mode, sha: blob.clone() };
        let below = objects.add_tree(Tree::from([("x y".to_owned(), entry(Mode::File))]));
        let folder = Entry { mode: Mode::Folder, sha: below };
        let tree = Tree::from([("a".to_owned(), folder), ("l".to_owned(), entry(Mode::Link))]);
        let root = objects.add_tree(tree);
        let author = Signature { name: "Dana".into(), email: "d@x".into(), at: 7 };
        let message = "Say it\n\nin two paragraphs\n".to_owned();
        let first = Commit { tree: root.clone(), parents: vec![], author: author.clone(), message };
        let first = objects.add_commit(first);
        let parents = vec![first.clone()];
        objects.add_commit(Commit { tree: root, parents, author, message: String::new() });
        let mut again = Objects::default();
        for sha in objects.fresh() {
            let (kind, content) = objects.raw(sha).expect("it is there");
            assert_eq!(again.add_raw(kind, &content).as_ref(), Some(sha));
        }
        assert_eq!(again.fresh().len(), objects.fresh().len());
        assert_eq!(
            again.commit(&first).map(|c| c.message.clone()),
            objects.commit(&first).map(|c| c.message.clone())
        );
        for broken in [&b"100644 name"[..], b"777 x\0aaaaaaaaaaaaaaaaaaaa", b"100644 x\0short"] {
            assert_eq!(again.add_raw("tree", broken), None);
        }
    }
}
