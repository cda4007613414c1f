//! Document signers' certificates, which stand one after another in one file a state.

use std::fs;
use std::path::Path;

use chipgate_apdu::tlv;
use chipgate_trust::Certificate;

use super::Store;

impl Store {
    /// The document signers' certificates of a country, or all of them.
    pub(crate) fn signers(&self, country: Option<&str>) -> Vec<Certificate> {
        let files = self.signer_files.iter().filter(|(name, _)| {
            let stem = name
                .file_stem()
                .and_then(|stem| stem.to_str())
                .unwrap_or_default();
            country.is_none_or(|country| stem == signers_stem(Some(country)))
        });
        files.flat_map(|(_, at)| signers_in(at)).collect()
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

/// The certificates of a file in which they stand one after another.
pub(crate) fn signers_in(file: &Path) -> Vec<Certificate> {
    let bytes = fs::read(file).unwrap_or_default();
    let mut rest = bytes.as_slice();
    let mut signers = Vec::new();
    while let Ok((_, header, length)) = tlv::header(rest) {
        let Some((der, after)) = rest.split_at_checked(header.saturating_add(length)) else {
            break;
        };
        signers.extend(Certificate::from_der(der).ok());
        rest = after;
    }
    signers
}
