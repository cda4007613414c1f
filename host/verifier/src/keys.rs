//! The verifier's own secrets: files in its data folder that only it may read.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use zeroize::Zeroizing;

use crate::error::VerifierError;

/// Longest key file that is read, in bytes. A PKCS#8 P-256 key has about 140.
const LONGEST: u64 = 4096;

/// The key in the file, or, if there is no file yet, the one that `make` makes, which is then written there.
pub(crate) fn read_or_make(
    path: &Path,
    make: impl FnOnce() -> Result<Zeroizing<Vec<u8>>, VerifierError>,
) -> Result<Zeroizing<Vec<u8>>, VerifierError> {
    match File::open(path) {
        Ok(file) => read(path, &file),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let key = make()?;
            write_new(path, &key)?;
            Ok(key)
        }
        Err(source) => Err(VerifierError::file(path, "opened")(source)),
    }
}

fn read(path: &Path, file: &File) -> Result<Zeroizing<Vec<u8>>, VerifierError> {
    let mode = file
        .metadata()
        .map_err(VerifierError::file(path, "read"))?
        .permissions()
        .mode()
        & 0o777;
    if mode & 0o077 != 0 {
        return Err(VerifierError::KeyFileOpen {
            path: path.to_owned(),
            mode,
        });
    }
    let mut key = Zeroizing::new(Vec::with_capacity(LONGEST as usize));
    file.take(LONGEST)
        .read_to_end(&mut key)
        .map_err(VerifierError::file(path, "read"))?;
    Ok(key)
}

/// Writes a new file beside it and renames it, so that a crash leaves the whole key or none.
fn write_new(path: &Path, key: &[u8]) -> Result<(), VerifierError> {
    let draft = path.with_extension("draft");
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(VerifierError::file(&draft, "removed")(error));
        }
        _ => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)
        .map_err(VerifierError::file(&draft, "created"))?;
    file.write_all(key)
        .and_then(|()| file.sync_all())
        .map_err(VerifierError::file(&draft, "written"))?;
    fs::rename(&draft, path).map_err(VerifierError::file(path, "written"))?;
    sync_folder(path)
}

/// Makes an empty file for its owner only, if it is not there. What SQLite puts beside its database has the same mode.
pub(crate) fn make_private(path: &Path) -> Result<(), VerifierError> {
    let file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path);
    file.map(drop).map_err(VerifierError::file(path, "created"))
}

/// Writes the public half of a key, for everyone to read, unless the file says the same already.
pub(crate) fn write_public(path: &Path, pem: &str) -> Result<(), VerifierError> {
    if fs::read_to_string(path).is_ok_and(|there| there == pem) {
        return Ok(());
    }
    fs::write(path, pem).map_err(VerifierError::file(path, "written"))
}

/// Overwrites a key file and removes it: what was made with the key can no longer be made again.
pub(crate) fn destroy(path: &Path) -> Result<(), VerifierError> {
    let file = OpenOptions::new()
        .write(true)
        .open(path)
        .map_err(VerifierError::file(path, "opened"))?;
    let length = file
        .metadata()
        .map_err(VerifierError::file(path, "read"))?
        .len()
        .min(LONGEST);
    (&file)
        .write_all(&vec![0; length as usize])
        .and_then(|()| file.sync_all())
        .map_err(VerifierError::file(path, "overwritten"))?;
    fs::remove_file(path).map_err(VerifierError::file(path, "removed"))?;
    sync_folder(path)
}

fn sync_folder(path: &Path) -> Result<(), VerifierError> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(VerifierError::file(folder, "synchronised"))
}

/// Makes the data folder, for its owner only, if it is not there.
pub(crate) fn make_folder(path: &Path) -> Result<(), VerifierError> {
    if path.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(path).map_err(VerifierError::file(path, "created"))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))
        .map_err(VerifierError::file(path, "closed to others"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(bytes.to_vec())
    }

    #[test]
    fn makes_a_key_once_and_keeps_it_from_others() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.key");
        assert_eq!(*read_or_make(&path, || Ok(key(b"first"))).unwrap(), b"first");
        assert_eq!(*read_or_make(&path, || Ok(key(b"second"))).unwrap(), b"first");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn refuses_a_key_that_others_can_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.key");
        fs::write(&path, b"key").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let error = read_or_make(&path, || Ok(key(b"new"))).unwrap_err();
        assert!(
            matches!(error, VerifierError::KeyFileOpen { mode: 0o644, .. }),
            "{error}"
        );
    }

    #[test]
    fn destroys_a_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.key");
        read_or_make(&path, || Ok(key(b"first"))).unwrap();
        destroy(&path).unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn starts_over_after_a_crash_left_a_draft() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.key");
        fs::write(path.with_extension("draft"), b"half").unwrap();
        assert_eq!(*read_or_make(&path, || Ok(key(b"whole"))).unwrap(), b"whole");
    }
}
