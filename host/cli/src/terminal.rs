//! Who the reader is to a chip: the certificates and the key of a terminal.

use std::{fs, io::ErrorKind, path::Path};

use chipgate_chip::{SoftwareTerminalKey, TerminalCertificates};
use chipgate_crypto::{Secret, SigningKey};
use chipgate_gate::{Terminal, read_at_most};
use chipgate_lds::CvCertificate;
use rand::rngs::ThreadRng;

use crate::cli_error::CliError;

/// The longest file that is read: a certificate has some hundred bytes, a key of RSA some thousand.
const LONGEST_FILE: u64 = 16 * 1024;

/// A terminal from a folder.
pub(crate) struct TerminalFolder {
    certificates: TerminalCertificates,
    key: SoftwareTerminalKey<ThreadRng>,
}

impl TerminalFolder {
    /// Reads every certificate (`*.cvcert`) and the one key (`*.key`, PKCS#8 in DER) of a folder.
    pub(crate) fn read(folder: &Path) -> Result<Self, CliError> {
        let (mut certificates, mut keys) = (Vec::new(), Vec::new());
        let entries = fs::read_dir(folder).map_err(|error| CliError::file(folder, error))?;
        for entry in entries {
            let path = entry.map_err(|error| CliError::file(folder, error))?.path();
            match path.extension().and_then(|extension| extension.to_str()) {
                Some("cvcert") => certificates.push(certificate(&path)?),
                Some("key") => keys.push(key(&path)?),
                _ => {}
            }
        }
        let certificates = TerminalCertificates::new(certificates);
        let in_folder = |what: &str| CliError::Usage(format!("{}: {what}", folder.display()));
        if !certificates.has_terminal() {
            return Err(in_folder(
                "there is no certificate of a terminal among its *.cvcert files",
            ));
        }
        match <[SigningKey; 1]>::try_from(keys) {
            Ok([key]) => Ok(Self {
                certificates,
                key: SoftwareTerminalKey::new(key, rand::rng()),
            }),
            Err(keys) => Err(in_folder(&format!(
                "it must hold one *.key, the terminal's, and holds {}",
                keys.len()
            ))),
        }
    }

    /// What a read request takes.
    pub(crate) fn terminal(&self) -> Terminal<'_> {
        Terminal {
            certificates: &self.certificates,
            key: &self.key,
        }
    }
}

fn certificate(path: &Path) -> Result<CvCertificate, CliError> {
    CvCertificate::parse(&bounded(path)?)
        .map_err(|error| CliError::Usage(format!("{}: {error}", path.display())))
}

fn key(path: &Path) -> Result<SigningKey, CliError> {
    let der = Secret::new(bounded(path)?);
    SigningKey::from_pkcs8_der(der.as_bytes())
        .map_err(|error| CliError::Usage(format!("{}: {error} (a key is PKCS#8 in DER)", path.display())))
}

fn bounded(path: &Path) -> Result<Vec<u8>, CliError> {
    read_at_most(path, LONGEST_FILE).map_err(|error| match error.kind() {
        ErrorKind::FileTooLarge => {
            CliError::Usage(format!("{} is no certificate or key: {error}", path.display()))
        }
        _ => CliError::file(path, error),
    })
}

#[cfg(test)]
mod tests {
    use super::TerminalFolder;

    /// The length of a device is told as zero.
    #[test]
    fn a_certificate_that_never_ends_is_given_up() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/dev/zero", folder.path().join("is.cvcert")).unwrap();
        let error = TerminalFolder::read(folder.path()).err().unwrap().to_string();
        assert!(
            error.contains("is.cvcert") && error.contains("longer than 16 KiB"),
            "{error}"
        );
    }
}
