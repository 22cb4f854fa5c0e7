//! `pip install`: its arguments, and what they depend on.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::tree::{Tree, absolute};
use super::words::Token;
use crate::build::BuildFailure;

/// How deep `-r` may be nested in requirement files.
const DEPTH_MAX: usize = 5;
/// The longest requirement file, in bytes.
const REQUIREMENTS_BYTES_MAX: u64 = 1 << 20;
/// Options that install elsewhere than into the image's environment.
const REFUSED: [&str; 5] = ["-t", "--target", "--prefix", "--root", "--python"];
/// Options that mean nothing in a virtual environment whose cache is not in the image.
const DROPPED: [&str; 4] =
    ["--user", "--break-system-packages", "--no-cache-dir", "--root-user-action=ignore"];
/// Options with a file or folder as value.
const WITH_PATH: [&str; 8] =
    ["-r", "--requirement", "-c", "--constraint", "-e", "--editable", "-f", "--find-links"];

/// What a command of `RUN` is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// `pip install` with these arguments.
    Install(Vec<String>),
    /// Something else, which is not carried out.
    Other(String),
}

/// A `pip install` that is ready to run.
#[derive(Debug)]
pub(super) struct Install {
    pub(super) arguments: Vec<String>,
    /// The digest of all that it depends on.
    pub(super) content: String,
    /// Whether the environment refers to the tree, so that no other build can use it.
    pub(super) is_editable: bool,
}

/// Recognizes `pip install`.
pub(super) fn recognize(tokens: &[Token]) -> Result<Command, BuildFailure> {
    let words: Vec<&str> = tokens
        .iter()
        .filter_map(|token| if let Token::Word(word) = token { Some(word.as_str()) } else { None })
        .collect();
    // `NAME=value pip install …`
    let is_setting = |word: &&&str| word.split_once('=').is_some_and(|(name, _)| is_name(name));
    let settings = words.iter().take_while(is_setting).count();
    let base = |word: &str| word.rsplit('/').next().unwrap_or_default().to_owned();
    let numbered = |word: &str, name: &str| {
        let rest = base(word).strip_prefix(name).map(str::to_owned);
        rest.is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || c == '.'))
    };
    let arguments = match &words[settings..] {
        [python, "-m", "pip", rest @ ..] if numbered(python, "python") => rest,
        [pip, rest @ ..] if numbered(pip, "pip") => rest,
        _ => return Ok(Command::Other(words.join(" "))),
    };
    let options = arguments.iter().take_while(|word| word.starts_with('-')).count();
    if arguments.get(options) != Some(&"install") {
        return Ok(Command::Other(words.join(" ")));
    }
    if let Some(Token::Shell(shown)) = tokens.iter().find(|token| matches!(token, Token::Shell(_)))
    {
        return Err(BuildFailure::because(format!(
            "the process builder cannot carry out `pip install` together with {shown}. Write it as a command of its own, or install buildah"
        )));
    }
    let kept = arguments.iter().enumerate().filter(|(at, _)| *at != options);
    Ok(Command::Install(kept.map(|(_, word)| (*word).to_owned()).collect()))
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

impl Install {
    /// Resolves the files that the arguments name, which must be in the tree.
    pub(super) fn new(arguments: &[String], tree: &Tree, work: &str) -> Result<Self, BuildFailure> {
        let mut install =
            Self { arguments: Vec::new(), content: String::new(), is_editable: false };
        let mut hash = Sha256::new();
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let (option, value) = match word.split_once('=') {
                Some((option, value)) if word.starts_with("--") => (option, Some(value)),
                _ => (word.as_str(), None),
            };
            if DROPPED.contains(&word.as_str()) {
                continue;
            }
            if REFUSED.contains(&option) {
                return Err(BuildFailure::because(format!(
                    "the process builder does not support `pip install {option}`: it installs into the image's own environment"
                )));
            }
            hash.update(word.as_bytes());
            hash.update([0]);
            if WITH_PATH.contains(&option) {
                let value = value.or_else(|| words.next().map(String::as_str)).unwrap_or_default();
                hash.update(value.as_bytes());
                install.is_editable |= matches!(option, "-e" | "--editable");
                let path = place(value, tree, work, &mut hash)?;
                install.arguments.extend([option.to_owned(), path]);
            } else if !word.starts_with('-') && is_path(word) {
                install.arguments.push(place(word, tree, work, &mut hash)?);
            } else {
                install.arguments.push(word.clone());
            }
        }
        install.content = hex::encode(hash.finalize());
        Ok(install)
    }
}

/// Whether pip takes an argument as a path.
fn is_path(word: &str) -> bool {
    let is_requirement = word.contains("://") || word.contains(" @ ");
    !is_requirement && (word.starts_with('.') || word.contains('/'))
}

/// The path on this machine, with extras (`.[dev]`) kept. What is there is hashed.
fn place(word: &str, tree: &Tree, work: &str, hash: &mut Sha256) -> Result<String, BuildFailure> {
    if word.contains("://") {
        return Ok(word.to_owned());
    }
    let (path, extras) = word.split_at(word.find('[').unwrap_or(word.len()));
    let Some(found) = tree.existing(&absolute(work, path)) else {
        return Err(BuildFailure::because(format!(
            "ERROR: Could not open {path}: no such file or directory in the image. Copy it before `pip install`"
        )));
    };
    if found.is_dir() {
        hash_folder(&found, hash)?;
    } else {
        hash_requirements(&found, tree, hash, 0)?;
    }
    Ok(found.to_string_lossy().into_owned() + extras)
}

/// Hashes a requirement file with all that it includes.
fn hash_requirements(
    path: &Path,
    tree: &Tree,
    hash: &mut Sha256,
    depth: usize,
) -> Result<(), BuildFailure> {
    if fs::metadata(path)?.len() > REQUIREMENTS_BYTES_MAX || depth > DEPTH_MAX {
        return Err(BuildFailure::because("a requirement file is too long or too deeply nested"));
    }
    let bytes = fs::read(path)?;
    hash.update(&bytes);
    for line in String::from_utf8_lossy(&bytes).lines() {
        let words: Vec<&str> =
            line.split([' ', '\t', '=']).filter(|word| !word.is_empty()).collect();
        let (is_option, named) = match words[..] {
            [option, named, ..] if WITH_PATH.contains(&option) => (true, named),
            [named, ..] if is_path(named) => (false, named),
            _ => continue,
        };
        let folder = path.parent().unwrap_or(path).join(named);
        let Some(found) = folder.canonicalize().ok().filter(|found| found.starts_with(tree.root()))
        else {
            continue;
        };
        match found.is_dir() {
            true => hash_folder(&found, hash)?,
            false if is_option => hash_requirements(&found, tree, hash, depth + 1)?,
            false => hash.update(fs::read(found)?),
        }
    }
    Ok(())
}

/// Hashes names and contents of all files in a folder.
fn hash_folder(folder: &Path, hash: &mut Sha256) -> Result<(), BuildFailure> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    paths.sort();
    for path in paths {
        hash.update(path.file_name().unwrap_or_default().as_encoded_bytes());
        let kind = fs::symlink_metadata(&path)?.file_type();
        if kind.is_dir() {
            hash_folder(&path, hash)?;
        } else if kind.is_file() {
            hash.update(fs::read(&path)?);
        }
        hash.update([0]);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::words::commands;
    use super::*;

    fn first(text: &str) -> Result<Command, BuildFailure> {
        recognize(&commands(text, &|_| None)[0])
    }

    #[test]
    fn only_pip_install_is_carried_out() {
        let install = |words: &[&str]| {
            Ok(Command::Install(words.iter().map(|&word| word.to_owned()).collect()))
        };
        for text in [
            "pip install a",
            "pip3 install a",
            "python3.12 -m pip install a",
            "/opt/venv/bin/pip install a",
            "PIP_X=1 python -m pip install a",
        ] {
            assert_eq!(first(text), install(&["a"]), "{text}");
        }
        assert_eq!(first("pip --quiet install a"), install(&["--quiet", "a"]));
        for text in ["apt-get install pip", "pip uninstall a", "pipx install a", "poetry install"] {
            assert_eq!(first(text), Ok(Command::Other(text.to_owned())));
        }
        let refused = first("pip install -r x > log").unwrap_err().to_string();
        assert!(refused.contains("together with >"), "{refused}");
    }

    #[test]
    fn what_is_installed_decides_the_environment() {
        let folder = tempfile::tempdir().unwrap();
        let tree = Tree::new(folder.path()).unwrap();
        let app = tree.make_dir("/app").unwrap();
        fs::write(app.join("requirements.txt"), "-r more.txt\na==1\n").unwrap();
        fs::write(app.join("more.txt"), "b==1\n").unwrap();
        let new = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
            Install::new(&words, &tree, "/app")
        };
        let one = new(&["--no-cache-dir", "-r", "requirements.txt"]).unwrap();
        assert_eq!(one.arguments, ["-r", &app.join("requirements.txt").to_string_lossy()]);
        assert_eq!(one.content, new(&["-r", "requirements.txt"]).unwrap().content);
        fs::write(app.join("more.txt"), "b==2\n").unwrap();
        assert_ne!(one.content, new(&["-r", "requirements.txt"]).unwrap().content);
        assert!(new(&["-e", ".[dev]"]).unwrap().is_editable);
        assert!(new(&[".[dev]"]).unwrap().arguments[0].ends_with("/app[dev]"));
        for words in [["-r", "../../etc/passwd"], ["-r", "/etc/passwd"], ["--target", "/x"]] {
            assert!(new(&words).is_err(), "{words:?}");
        }
        assert_eq!(new(&["git+https://x/y.git"]).unwrap().arguments, ["git+https://x/y.git"]);
    }
}
