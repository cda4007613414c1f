//! SHA-256 of bytes and files, in the hexadecimal form that manifests carry.

use std::{fs::File, io::Read, path::Path};

use sha2::{Digest, Sha256};

use crate::ModelsError;

/// SHA-256 of `bytes`, in lower-case hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// SHA-256 of the file at `path`, or `None` if there is no such file.
pub(crate) fn sha256_of_file(path: &Path) -> Result<Option<String>, ModelsError> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(ModelsError::file(path)(error)),
    };
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut buffer).map_err(ModelsError::file(path))?;
        if read == 0 {
            return Ok(Some(hex::encode(hasher.finalize())));
        }
        hasher.update(&buffer[..read]);
    }
}

/// Compares a hash that was found with the pinned one.
pub(crate) fn check(what: &str, expected: &str, found: &str) -> Result<(), ModelsError> {
    if expected == found {
        return Ok(());
    }
    Err(ModelsError::HashMismatch {
        what: what.to_owned(),
        expected: expected.to_owned(),
        found: found.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_the_example_of_fips_180() {
        // FIPS 180-2, appendix B.1: "abc".
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256(b"abc"), expected);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("abc");
        std::fs::write(&path, b"abc").unwrap();
        assert_eq!(sha256_of_file(&path).unwrap().as_deref(), Some(expected));
    }

    #[test]
    fn a_file_that_is_not_there_has_no_hash() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(sha256_of_file(&folder.path().join("none")).unwrap(), None);
    }
}
