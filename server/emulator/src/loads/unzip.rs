//! Zip archives among a test's files: their contents lie beside the other files, as on Azure's engines.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path};

use zip::ZipArchive;

const ENTRIES_MAX: usize = 1_000;
/// All files together, unpacked.
const BYTES_MAX: u64 = 512 * 1024 * 1024;

/// Checks an archive, and unpacks it into `folder` if there is one. Files that exist stay.
///
/// # Errors
/// Why it cannot be unpacked, in words.
pub fn unzip(archive: &Path, folder: Option<&Path>) -> Result<(), String> {
    let broken = |error: &dyn std::fmt::Display| format!("it is not a zip archive: {error}");
    let file = File::open(archive).map_err(|error| format!("it cannot be read: {error}"))?;
    let mut archive = ZipArchive::new(file).map_err(|error| broken(&error))?;
    if archive.len() > ENTRIES_MAX {
        return Err(format!("it has more than {ENTRIES_MAX} entries"));
    }
    let mut left = BYTES_MAX;
    for at in 0..archive.len() {
        let entry = archive.by_index(at).map_err(|error| broken(&error))?;
        let name = entry.name().map_err(|error| broken(&error))?.into_owned();
        let is_plain = |part: Component<'_>| matches!(part, Component::Normal(_));
        let path = Path::new(&name);
        if name.contains(['\\', '\0']) || name.is_empty() || !path.components().all(is_plain) {
            return Err(format!("the entry {name:?} would lie outside of the test's folder"));
        }
        if entry.is_symlink() {
            return Err(format!("the entry {name:?} is a link"));
        }
        if entry.is_dir() {
            continue;
        }
        let mut content = entry.take(left + 1);
        let written = match folder {
            Some(folder) => place(&mut content, &folder.join(path)),
            None => io::copy(&mut content, &mut io::sink()),
        };
        let written = written.map_err(|error| format!("the entry {name:?}: {error}"))?;
        left = left.checked_sub(written).ok_or("it has more than 512 MiB of files")?;
    }
    Ok(())
}

/// Writes a file, unless it exists.
fn place(content: &mut impl Read, path: &Path) -> io::Result<u64> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    match File::create_new(path) {
        Ok(mut file) => io::copy(content, &mut file),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(0),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn archive(path: &Path, entries: &[(&str, &str)]) {
        let mut zip = ZipWriter::new(File::create(path).expect("a file"));
        let options =
            SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        for (name, text) in entries {
            zip.start_file(*name, options).expect("an entry");
            zip.write_all(text.as_bytes()).expect("its content");
        }
        zip.finish().expect("an archive");
    }

    #[test]
    fn files_are_unpacked_beside_the_others_and_nowhere_else() {
        let dir = tempfile::tempdir().expect("a folder");
        let (path, folder) = (dir.path().join("a.zip"), dir.path().join("files"));
        std::fs::create_dir(&folder).expect("a folder");
        std::fs::write(folder.join("own.py"), "own").expect("a file");
        archive(&path, &[("data/users.csv", "a,b"), ("own.py", "other")]);
        assert_eq!(unzip(&path, None), Ok(()));
        assert_eq!(unzip(&path, Some(&folder)), Ok(()));
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect("a file");
        assert_eq!((read("data/users.csv").as_str(), read("own.py").as_str()), ("a,b", "own"));
        for name in ["../outside", "/outside", "a/../../outside", "a\\..\\outside"] {
            archive(&path, &[(name, "x")]);
            assert!(unzip(&path, Some(&folder)).is_err(), "{name}");
        }
        assert!(!dir.path().join("outside").exists());
        std::fs::write(&path, "no archive").expect("a file");
        assert!(unzip(&path, None).is_err_and(|text| text.contains("not a zip archive")));
    }
}
