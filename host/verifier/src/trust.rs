//! The folder of trust anchors, as a running verifier follows it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use chipgate_trust::TrustAnchors;
use chipgate_trust_store::{Refused, Store, StoreError};

/// Anchors that any thread may use, and that can be replaced while they are in use.
pub(crate) struct Anchors(RwLock<Arc<dyn TrustAnchors + Send + Sync>>);

impl Anchors {
    pub(crate) fn new(anchors: Box<dyn TrustAnchors + Send + Sync>) -> Self {
        Self(RwLock::new(Arc::from(anchors)))
    }

    /// Those that count now. A report is checked from beginning to end with the same.
    pub(crate) fn current(&self) -> Arc<dyn TrustAnchors + Send + Sync> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn replace(&self, anchors: Box<dyn TrustAnchors + Send + Sync>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::from(anchors);
    }
}

/// The folder, and what its operator was told of it.
pub(crate) struct TrustFolder {
    path: PathBuf,
    told: Mutex<Option<Vec<String>>>,
}

impl TrustFolder {
    pub(crate) const fn new(path: PathBuf) -> Self {
        Self {
            path,
            told: Mutex::new(None),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the folder. With it comes what the operator should be told, unless that is the same as the last time.
    pub(crate) fn read(&self) -> Result<(Store, Vec<String>), StoreError> {
        let store = Store::open(&self.path)?;
        let notes = notes(&store);
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let news = if told.as_ref() == Some(&notes) {
            Vec::new()
        } else {
            notes.clone()
        };
        *told = Some(notes);
        Ok((store, news))
    }
}

fn notes(store: &Store) -> Vec<String> {
    let none = TrustAnchors::is_empty(store).then(|| {
        let folder = store.folder().display();
        format!(
            "{folder}: no trust anchor, so that no report can be accepted: import the issuing authorities'"
        )
    });
    none.into_iter()
        .chain(store.refused().iter().map(refused))
        .collect()
}

fn refused(refused: &Refused) -> String {
    let file = refused.file.display();
    match refused.part {
        Some(part) => format!("{file}, part {part}: not taken: {}", refused.why),
        None => format!("{file}: not taken: {}", refused.why),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    fn authority() -> Vec<u8> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../firmware/trust/tests/data/csca.der");
        fs::read(path).unwrap()
    }

    #[test]
    fn says_once_what_of_the_folder_does_not_count() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("note.cer"), b"not a certificate").unwrap();
        let trust = TrustFolder::new(folder.path().to_owned());
        let (store, notes) = trust.read().unwrap();
        assert!(TrustAnchors::is_empty(&store));
        assert_eq!(notes.len(), 2, "{notes:?}");
        assert!(notes[0].contains("no trust anchor"), "{notes:?}");
        assert!(
            notes[1].contains("note.cer") && notes[1].contains("not taken"),
            "{notes:?}"
        );
        assert_eq!(trust.read().unwrap().1, [""; 0]);

        fs::remove_file(folder.path().join("note.cer")).unwrap();
        fs::write(folder.path().join("csca.cer"), authority()).unwrap();
        let (store, notes) = trust.read().unwrap();
        assert!(!TrustAnchors::is_empty(&store));
        assert_eq!(notes, [""; 0]);
    }
}
