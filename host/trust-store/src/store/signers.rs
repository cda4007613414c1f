//! Document signers' certificates, which stand one after another in one file a state.

use std::fs;
use std::path::Path;

use chipgate_apdu::tlv;
use chipgate_trust::Certificate;

use super::Store;
use crate::error::StoreError;

impl Store {
    /// The document signers' certificates of a country, or all of them. For whoever writes them again: a file that cannot be
    /// read in whole is an error, since what is in it would be lost.
    pub(crate) fn signers(&self, country: Option<&str>) -> Result<Vec<Certificate>, StoreError> {
        let read = self.signer_files_of(country).map(signers_in);
        Ok(read.collect::<Result<Vec<_>, _>>()?.concat())
    }

    /// The same for whoever looks one up or shows them: what cannot be read is not there, and vouches for nobody.
    pub(crate) fn readable_signers(&self, country: Option<&str>) -> Vec<Certificate> {
        let read = self.signer_files_of(country).map(readable_signers_in);
        read.flatten().collect()
    }

    fn signer_files_of(&self, country: Option<&str>) -> impl Iterator<Item = &Path> {
        let stem = country.map(|country| signers_stem(Some(country)));
        let files = self.signer_files.iter().filter(move |(name, _)| {
            let of_file = name.file_stem().and_then(|stem| stem.to_str());
            stem.is_none() || of_file == stem.as_deref()
        });
        files.map(|(_, at)| at.as_path())
    }
}

/// `VN-signers`.
pub(crate) fn signers_stem(country: Option<&str>) -> String {
    format!("{}-signers", country_part(country))
}

/// At most three letters or digits of a country's code.
pub(crate) fn country_part(country: Option<&str>) -> String {
    let letters = country.unwrap_or("XX").chars();
    letters.filter(char::is_ascii_alphanumeric).take(3).collect()
}

/// The certificates of a file in which they stand one after another, all of them.
pub(crate) fn signers_in(file: &Path) -> Result<Vec<Certificate>, StoreError> {
    match read(file) {
        (signers, None) => Ok(signers),
        (_, Some(error)) => Err(error),
    }
}

/// The certificates of such a file that can be read.
pub(crate) fn readable_signers_in(file: &Path) -> Vec<Certificate> {
    read(file).0
}

/// The certificates of a file that can be read, and what is wrong with it.
fn read(file: &Path) -> (Vec<Certificate>, Option<StoreError>) {
    let mut signers = Vec::new();
    let bytes = match fs::read(file) {
        Ok(bytes) => bytes,
        Err(source) => {
            let path = file.to_path_buf();
            return (signers, Some(StoreError::Unreadable { path, source }));
        }
    };
    let mut rest = bytes.as_slice();
    let mut damaged = None;
    while !rest.is_empty() {
        let at = bytes.len() - rest.len();
        let first = tlv::header(rest).ok().and_then(|(_, header, length)| {
            let end = header.checked_add(length)?;
            rest.split_at_checked(end)
        });
        let (der, after) = first.unwrap_or((rest, &[]));
        match Certificate::from_der(der) {
            Ok(certificate) => signers.push(certificate),
            Err(_) => damaged = damaged.or(Some(at)),
        }
        rest = after;
    }
    let error = damaged.map(|at| StoreError::DamagedSigners {
        path: file.to_path_buf(),
        at,
    });
    (signers, error)
}
