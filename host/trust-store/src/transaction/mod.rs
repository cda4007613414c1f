//! Changing the folder so that a crash at any moment leaves the old state or the new one.
//!
//! New files are written beside the old ones under names that no one reads. Then a journal appears, by one rename: from
//! this moment on the change counts, and whoever opens the folder reads it through the journal. The renames that the
//! journal names follow, and it goes.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use crate::error::StoreError;

#[cfg(test)]
pub(crate) mod failing;

const JOURNAL: &str = "pending.journal";
const LOCK: &str = ".lock";
/// The ending is one that a store does not look at.
const PARTIAL: &str = "partial";

/// Files to write and files to remove, by their names in the folder.
#[derive(Debug, Default)]
pub(crate) struct Change {
    pub(crate) write: Vec<(String, Vec<u8>)>,
    pub(crate) remove: Vec<String>,
}

impl Change {
    pub(crate) const fn is_empty(&self) -> bool {
        self.write.is_empty() && self.remove.is_empty()
    }
}

/// A file under the name that it has once the journal is carried out, and where it is now.
pub(crate) struct Seen {
    pub(crate) name: PathBuf,
    pub(crate) at: PathBuf,
}

/// Held while the folder is read or changed; goes with the value.
pub(crate) struct Guard {
    _lock: Option<File>,
}

/// Keeps writers out while the folder is read. A folder that nobody may write has no lock, and needs none.
pub(crate) fn reading(folder: &Path) -> Guard {
    let lock = File::open(folder.join(LOCK)).ok();
    let lock = lock.filter(|lock| lock.lock_shared().is_ok());
    Guard { _lock: lock }
}

fn writing(folder: &Path) -> std::io::Result<Guard> {
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(folder.join(LOCK))?;
    lock.lock()?;
    Ok(Guard { _lock: Some(lock) })
}

/// What changes a folder, one step at a time; a test cuts it off after any of them.
pub(crate) trait Disk {
    fn write(&self, path: &Path, bytes: &[u8]) -> std::io::Result<()>;
    fn rename(&self, from: &Path, to: &Path) -> std::io::Result<()>;
    fn remove(&self, path: &Path) -> std::io::Result<()>;
    fn flush(&self, folder: &Path) -> std::io::Result<()>;
}

pub(crate) struct RealDisk;

impl Disk for RealDisk {
    fn write(&self, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
        let mut file = File::create(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> std::io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> std::io::Result<()> {
        fs::remove_file(path)
    }

    fn flush(&self, folder: &Path) -> std::io::Result<()> {
        File::open(folder)?.sync_all()
    }
}

/// Makes the change: all of it or nothing.
pub(crate) fn commit_on(disk: &dyn Disk, folder: &Path, change: &Change) -> Result<(), StoreError> {
    let not_writable = |source| StoreError::NotWritable {
        path: folder.to_path_buf(),
        source,
    };
    let _guard = writing(folder).map_err(not_writable)?;
    carry_out(disk, folder).map_err(not_writable)?;
    let prepared = prepare(disk, folder, change);
    if prepared.is_err() {
        // What is left of the attempt is of no use; the first error is the one to tell.
        for (name, _) in &change.write {
            let _ = disk.remove(&folder.join(partial(name)));
        }
    }
    prepared.map_err(not_writable)?;
    carry_out(disk, folder).map_err(not_writable)
}

fn partial(name: &str) -> String {
    format!("{name}.{PARTIAL}")
}

/// Everything up to the journal's appearance.
fn prepare(disk: &dyn Disk, folder: &Path, change: &Change) -> std::io::Result<()> {
    let mut journal = String::new();
    for (name, bytes) in &change.write {
        disk.write(&folder.join(partial(name)), bytes)?;
        let _ = writeln!(journal, "write {name}");
    }
    for name in &change.remove {
        let _ = writeln!(journal, "remove {name}");
    }
    let journal_partial = folder.join(partial(JOURNAL));
    disk.write(&journal_partial, journal.as_bytes())?;
    disk.rename(&journal_partial, &folder.join(JOURNAL))?;
    disk.flush(folder)
}

/// Does what a journal says, however much of it was done before.
fn carry_out(disk: &dyn Disk, folder: &Path) -> std::io::Result<()> {
    let Some(steps) = journal(folder)? else {
        return Ok(());
    };
    for (step, name) in &steps {
        let done = match step {
            Step::Write => disk.rename(&folder.join(partial(name)), &folder.join(name)),
            Step::Remove => disk.remove(&folder.join(name)),
        };
        match done {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    disk.flush(folder)?;
    disk.remove(&folder.join(JOURNAL))?;
    disk.flush(folder)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Write,
    Remove,
}

/// The steps of the journal, if there is one. A name never leaves the folder.
fn journal(folder: &Path) -> std::io::Result<Option<Vec<(Step, String)>>> {
    let text = match fs::read_to_string(folder.join(JOURNAL)) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let step = |line: &str| {
        let (step, name) = line.split_once(' ')?;
        let step = match step {
            "write" => Step::Write,
            "remove" => Step::Remove,
            _ => return None,
        };
        let is_name = !name.is_empty() && !name.contains(['/', '\\']) && name != "..";
        is_name.then(|| (step, name.to_owned()))
    };
    Ok(Some(text.lines().filter_map(step).collect()))
}

/// The files of the folder as they are once a journal is carried out, in the order of their names.
pub(crate) fn files(folder: &Path) -> std::io::Result<Vec<Seen>> {
    let steps = journal(folder)?.unwrap_or_default();
    let names = |wanted: Step| -> BTreeSet<&str> {
        let steps = steps.iter().filter(|(step, _)| *step == wanted);
        steps.map(|(_, name)| name.as_str()).collect()
    };
    let (written, removed) = (names(Step::Write), names(Step::Remove));
    let mut seen = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        let is_replaced = written.contains(name) && folder.join(partial(name)).exists();
        if path.is_file() && !removed.contains(name) && !is_replaced {
            seen.push(Seen {
                name: path.clone(),
                at: path,
            });
        }
    }
    for name in written {
        let at = folder.join(partial(name));
        if at.exists() {
            seen.push(Seen {
                name: folder.join(name),
                at,
            });
        }
    }
    seen.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(seen)
}

#[cfg(test)]
mod tests {
    use super::failing::Failing;
    use super::*;

    fn commit(folder: &Path, change: &Change) -> Result<(), StoreError> {
        commit_on(&RealDisk, folder, change)
    }

    fn state(folder: &Path) -> Vec<(String, Vec<u8>)> {
        let files = files(folder).unwrap();
        let shown = files.iter().filter(|seen| {
            let name = seen.name.file_name().unwrap().to_str().unwrap();
            !name.ends_with(PARTIAL) && !name.starts_with('.') && name != JOURNAL
        });
        shown
            .map(|seen| {
                let name = seen.name.file_name().unwrap().to_str().unwrap().to_owned();
                (name, fs::read(&seen.at).unwrap())
            })
            .collect()
    }

    fn change() -> Change {
        Change {
            write: vec![("a".into(), b"new".to_vec()), ("c".into(), b"more".to_vec())],
            remove: vec!["b".into()],
        }
    }

    fn old() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a", "b"] {
            fs::write(folder.path().join(name), "old").unwrap();
        }
        folder
    }

    /// Cut off after every single step, the folder reads as before or as after the change, and goes on from there.
    #[test]
    fn a_crash_at_any_moment_leaves_the_old_state_or_the_new_one() {
        let before = state(old().path());
        let after = vec![
            ("a".to_owned(), b"new".to_vec()),
            ("c".to_owned(), b"more".to_vec()),
        ];
        let (mut seen_old, mut seen_new) = (0, 0);
        for steps in 0.. {
            let folder = old();
            let path = folder.path();
            let disk = Failing::after(steps);
            let committed = commit_on(&disk, path, &change());
            let found = state(path);
            assert!(
                found == before || found == after,
                "cut off after {steps} steps: {found:?}"
            );
            if found == after {
                seen_new += 1;
            } else {
                seen_old += 1;
                assert_eq!(seen_new, 0, "it does not go back after {steps} steps");
            }
            commit(path, &Change::default()).unwrap();
            assert_eq!(state(path), found, "and after the next change");
            commit(path, &change()).unwrap();
            assert_eq!(state(path), after);
            if committed.is_ok() {
                assert_eq!(found, after);
                break;
            }
        }
        assert!(seen_old >= 4 && seen_new >= 6, "{seen_old} {seen_new}");
    }
}
