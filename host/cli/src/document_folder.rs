//! A folder that holds the files of one document, and never those of two.

use std::{
    collections::BTreeMap,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use chipgate_gate::{LONGEST_INPUT, read_at_most};
use chipgate_lds::File;

use crate::{cli_error::CliError, private};

/// A folder that files are written to as they are on the chip. In an empty one each is there the moment that it was read. What
/// lies in one that is not empty must be the same document's, byte for byte, before anything is added to it.
pub(crate) struct DocumentFolder {
    folder: PathBuf,
    /// What lay there before.
    held: BTreeMap<&'static str, Vec<u8>>,
    /// What was read now, where something lay there before.
    taken: BTreeMap<&'static str, (File, Vec<u8>)>,
}

impl DocumentFolder {
    /// Makes the folder if it is not there, and looks at what it holds.
    pub(crate) fn open(folder: &Path) -> Result<Self, CliError> {
        private::make_folder(folder)?;
        let mut held = BTreeMap::new();
        for file in File::all() {
            let path = folder.join(file.file_name());
            match read_at_most(&path, LONGEST_INPUT) {
                Ok(bytes) => drop(held.insert(file.name(), bytes)),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(CliError::file(&path, error)),
            }
        }
        Ok(Self {
            folder: folder.to_owned(),
            held,
            taken: BTreeMap::new(),
        })
    }

    /// Takes one file of the document.
    pub(crate) fn take(&mut self, file: File, bytes: &[u8]) -> Result<(), CliError> {
        if self.held.is_empty() {
            return private::write(&self.folder.join(file.file_name()), bytes);
        }
        if self.held.get(file.name()).is_some_and(|held| held != bytes) {
            return Err(self.foreign(file.name(), "differs from this document's"));
        }
        self.taken.insert(file.name(), (file, bytes.to_owned()));
        Ok(())
    }

    /// Adds what was not there before. That all is one document's is certain if nothing is left that was not compared, or if the
    /// security object, which lists everything else, is the same.
    pub(crate) fn finish(&self) -> Result<(), CliError> {
        let is_compared = |name: &str| self.held.contains_key(name) && self.taken.contains_key(name);
        let other = self.held.keys().find(|name| !self.taken.contains_key(*name));
        if let Some(name) = other.filter(|_| !is_compared(File::Sod.name())) {
            return Err(self.foreign(name, "is not among what was read now"));
        }
        for (name, (file, bytes)) in &self.taken {
            if !self.held.contains_key(name) {
                private::write(&self.folder.join(file.file_name()), bytes)?;
            }
        }
        Ok(())
    }

    fn foreign(&self, name: &str, how: &str) -> CliError {
        CliError::Usage(format!(
            "{} holds the files of another document: its {name} {how}. Nothing was written: name another folder, or remove those files",
            self.folder.display()
        ))
    }
}

#[cfg(test)]
mod tests {
    use chipgate_lds::{DataGroup, File};

    use super::DocumentFolder;

    const DG1: File = File::DataGroup(DataGroup::DG1);
    const DG3: File = File::DataGroup(DataGroup::DG3);

    fn put(folder: &std::path::Path, files: &[(File, &[u8])]) -> bool {
        let mut document = DocumentFolder::open(folder).unwrap();
        files
            .iter()
            .all(|(file, bytes)| document.take(*file, bytes).is_ok())
            && document.finish().is_ok()
    }

    fn names(folder: &std::path::Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn the_same_document_is_taken_again_and_completed() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        assert!(put(
            folder,
            &[
                (File::Com, b"com"),
                (File::Sod, b"sod"),
                (DG1, b"dg1"),
                (DG3, b"dg3")
            ]
        ));
        std::fs::remove_file(folder.join(DG1.file_name())).unwrap();
        // This time without fingers; the security object says that it is the same document.
        assert!(put(
            folder,
            &[(File::Com, b"com"), (File::Sod, b"sod"), (DG1, b"dg1")]
        ));
        assert_eq!(names(folder), ["DG1.bin", "DG3.bin", "EF.COM.bin", "EF.SOD.bin"]);
    }

    #[test]
    fn nothing_of_another_document_gets_in_wherever_it_differs() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        // A reading that broke off before the security object.
        assert!(put(folder, &[(File::Com, b"com"), (DG1, b"dg1")]));
        assert!(!put(
            folder,
            &[(File::Com, b"com"), (File::Sod, b"sod"), (DG1, b"other")]
        ));
        assert!(
            !put(folder, &[(File::Com, b"com"), (File::Sod, b"sod")]),
            "nothing shows whose DG1 is"
        );
        assert_eq!(names(folder), ["DG1.bin", "EF.COM.bin"]);
    }
}
