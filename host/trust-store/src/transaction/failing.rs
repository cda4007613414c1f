//! A disk for tests.

use std::cell::Cell;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::{Disk, RealDisk};

/// A disk of a machine that goes off after some steps: the step that it goes off in is half done if it can be.
pub(crate) struct Failing {
    steps_left: Cell<usize>,
}

impl Failing {
    pub(crate) fn after(steps: usize) -> Self {
        Self {
            steps_left: Cell::new(steps),
        }
    }

    fn step(&self) -> std::io::Result<()> {
        let left = self.steps_left.get().checked_sub(1);
        self.steps_left.set(left.unwrap_or_default());
        left.map(|_| ()).ok_or_else(|| ErrorKind::Other.into())
    }
}

impl Disk for Failing {
    fn write(&self, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
        let gone = self.steps_left.get() == 0 && path.exists();
        match self.step() {
            Ok(()) => RealDisk.write(path, bytes),
            Err(error) if gone => Err(error),
            Err(error) => {
                fs::write(path, &bytes[..bytes.len() / 2])?;
                Err(error)
            }
        }
    }

    fn rename(&self, from: &Path, to: &Path) -> std::io::Result<()> {
        self.step().and_then(|()| RealDisk.rename(from, to))
    }

    fn remove(&self, path: &Path) -> std::io::Result<()> {
        self.step().and_then(|()| RealDisk.remove(path))
    }

    fn flush(&self, folder: &Path) -> std::io::Result<()> {
        self.step().and_then(|()| RealDisk.flush(folder))
    }
}
