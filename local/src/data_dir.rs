//! The directory that the local system keeps its state in. A marker file shows that a directory is ours, and is the lock that
//! keeps a second process out; nothing that is not marked is ever deleted.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

const MARKER: &str = ".fobless-data";
const MARKER_TEXT: &[u8] = b"`cargo dev` keeps its state in this directory. `cargo dev --reset` empties it.\n";

/// A data directory that this process has for itself.
#[derive(Debug)]
pub(crate) struct DataDir {
    path: PathBuf,
    /// Held locked for as long as the directory is used; the operating system lets go of it even after SIGKILL.
    _lock: File,
    is_throw_away: bool,
}

/// Why a directory can't be the data directory.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// There are things in it that are not ours.
    #[error("{path} is not empty and was not made by `cargo dev`: choose another directory")]
    NotOurs {
        /// The directory.
        path: PathBuf,
    },
    /// Another process uses it.
    #[error("{path} is in use by another `cargo dev`")]
    InUse {
        /// The directory.
        path: PathBuf,
    },
    /// It can't be made, read or emptied.
    #[error("{path}: {error}")]
    Io {
        /// The directory.
        path: PathBuf,
        /// What the operating system said.
        error: io::Error,
    },
}

impl DataDir {
    /// Takes the directory, made if it is not there, emptied with `reset`.
    pub(crate) fn open(path: &Path, reset: bool) -> Result<Self, DataDirError> {
        let io = |error| DataDirError::Io {
            path: path.to_owned(),
            error,
        };
        fs::create_dir_all(path).map_err(io)?;
        // An absolute path stays right whoever reads it: it is shown to the user and goes into the ready line.
        let path = path.canonicalize().map_err(io)?;
        let io = |error| DataDirError::Io { path: path.clone(), error };
        let marker = path.join(MARKER);
        let is_ours = marker.try_exists().map_err(io)?;
        if !is_ours {
            if fs::read_dir(&path).map_err(io)?.next().is_some() {
                return Err(DataDirError::NotOurs { path });
            }
            fs::write(&marker, MARKER_TEXT).map_err(io)?;
        }
        let lock = File::open(&marker).map_err(io)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(DataDirError::InUse { path }),
            Err(TryLockError::Error(error)) => return Err(io(error)),
        }
        if reset {
            empty(&path).map_err(io)?;
        }
        Ok(Self {
            path,
            _lock: lock,
            is_throw_away: false,
        })
    }

    /// A new directory under `parent` that is removed when it is no longer used.
    pub(crate) fn throw_away(parent: &Path) -> Result<Self, DataDirError> {
        let name = format!("fobless-{}-{}", std::process::id(), uuid::Uuid::new_v4().simple());
        let mut directory = Self::open(&parent.join(name), false)?;
        directory.is_throw_away = true;
        Ok(directory)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

impl Drop for DataDir {
    fn drop(&mut self) {
        if self.is_throw_away {
            // What is left behind is in a directory for temporary files.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// Removes everything but the marker, which is locked.
fn empty(path: &Path) -> io::Result<()> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_name() == MARKER {
            continue;
        }
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch() -> DataDir {
        DataDir::throw_away(&std::env::temp_dir()).unwrap()
    }

    #[test]
    fn a_directory_with_other_things_is_refused_and_left_alone() {
        let scratch = scratch();
        let foreign = scratch.join("foreign");
        fs::create_dir(&foreign).unwrap();
        fs::write(foreign.join("thesis.txt"), "years of work").unwrap();
        for reset in [false, true] {
            assert!(matches!(DataDir::open(&foreign, reset), Err(DataDirError::NotOurs { .. })));
        }
        assert!(foreign.join("thesis.txt").exists());
    }

    #[test]
    fn only_one_process_has_it_and_a_reset_empties_it() {
        let scratch = scratch();
        let path = scratch.join("data");
        let first = DataDir::open(&path, false).unwrap();
        fs::write(first.join("state"), "1").unwrap();
        assert!(matches!(DataDir::open(&path, true), Err(DataDirError::InUse { .. })));
        drop(first);
        assert!(DataDir::open(&path, false).unwrap().join("state").exists());
        assert!(!DataDir::open(&path, true).unwrap().join("state").exists());
    }

    #[test]
    fn a_throw_away_directory_is_gone_afterwards() {
        let path = scratch().path().to_owned();
        assert!(!path.exists());
    }
}
