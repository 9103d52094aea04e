//! The folder that a run writes to. Files appear there whole or not at all: they are written under other names first.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use super::exit::Failure;
use super::files::reason;

const HINT: &str = "Choose another folder with `--output DIR`.";

/// A folder that was found to be writable.
pub(super) struct Folder {
    path: PathBuf,
}

/// A file to write: its path in the folder, and its content.
pub(super) type File = (String, Vec<u8>);

impl Folder {
    /// Creates the folder and what is above it if need be, and tries to write there, before an hour is spent on simulating.
    pub(super) fn open(path: &Path, names: &[&str]) -> Result<Self, Failure> {
        let refuse = |error: &std::io::Error| Failure::io("cannot write to the output folder", path, reason(error), HINT);
        fs::create_dir_all(path).map_err(|error| refuse(&error))?;
        staged(path).map_err(|error| refuse(&error))?;
        let folder = Self { path: path.to_owned() };
        for name in names {
            let target = folder.path.join(name);
            if target.is_dir() {
                return Err(Failure::io("cannot write the file", &target, "there is a folder of that name", HINT));
            }
        }
        Ok(folder)
    }

    /// Writes all files, and only when each of them lies on the disk gives them their names.
    pub(super) fn write(&self, files: &[File]) -> Result<(), Failure> {
        if let Some(target) = files.iter().map(|(name, _)| self.path.join(name)).find(|target| target.is_dir()) {
            return Err(Failure::io("cannot write the file", &target, "there is a folder of that name", HINT));
        }
        let mut ready = Vec::with_capacity(files.len());
        for (name, content) in files {
            let target = self.path.join(name);
            let refuse = |error: &std::io::Error| Failure::io("cannot write the file", &target, reason(error), HINT);
            let parent = target.parent().unwrap_or(&self.path);
            fs::create_dir_all(parent).map_err(|error| refuse(&error))?;
            let mut file = staged(parent).map_err(|error| refuse(&error))?;
            file.write_all(content).and_then(|()| file.as_file().sync_all()).map_err(|error| refuse(&error))?;
            ready.push((file, target));
        }
        for (file, target) in ready {
            file.persist(&target).map_err(|error| Failure::io("cannot write the file", &target, reason(&error.error), HINT))?;
        }
        Ok(())
    }
}

/// A file under a hidden name in the folder of its target, so that renaming it is one step; it goes when dropped.
fn staged(folder: &Path) -> std::io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(".faascast-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any new file, by the user's own mask, and not for the user's eyes only as temporary files are.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_written_whole_and_nothing_else_stays() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/b");
        let folder = Folder::open(&path, &["x.txt"]).unwrap();
        folder.write(&[("x.txt".into(), b"1".to_vec()), ("c/y.txt".into(), b"2".to_vec())]).unwrap();
        folder.write(&[("x.txt".into(), b"3".to_vec())]).unwrap();
        assert_eq!(fs::read(path.join("x.txt")).unwrap(), b"3");
        assert_eq!(fs::read(path.join("c/y.txt")).unwrap(), b"2");
        assert_eq!(fs::read_dir(&path).unwrap().count(), 2);
    }

    #[test]
    fn a_file_in_the_way_leaves_the_folder_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("c"), "a file").unwrap();
        fs::write(dir.path().join("x.txt"), "old").unwrap();
        let folder = Folder::open(dir.path(), &["x.txt"]).unwrap();
        let failure = folder.write(&[("x.txt".into(), b"new".to_vec()), ("c/y.txt".into(), b"2".to_vec())]).unwrap_err();
        assert!(failure.findings[0].message.contains("y.txt"));
        assert_eq!(fs::read(dir.path().join("x.txt")).unwrap(), b"old");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
        assert!(Folder::open(&dir.path().join("c"), &[]).is_err());
        assert!(Folder::open(&dir.path().join("c/d"), &[]).is_err());
        // A folder in the place of the last file, too, is seen before the first one gets its name.
        fs::create_dir_all(dir.path().join("d/y.txt")).unwrap();
        folder.write(&[("x.txt".into(), b"new".to_vec()), ("d/y.txt".into(), b"2".to_vec())]).unwrap_err();
        assert_eq!(fs::read(dir.path().join("x.txt")).unwrap(), b"old");
        fs::create_dir(dir.path().join("r")).unwrap();
        assert!(Folder::open(dir.path(), &["r"]).is_err());
    }
}
