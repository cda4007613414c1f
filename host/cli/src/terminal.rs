//! Who the reader is to a chip: the certificates and the key of a terminal.

use std::{fs, path::Path};

use chipgate_chip::{SoftwareTerminalKey, TerminalCertificates};
use chipgate_crypto::{Secret, SigningKey};
use chipgate_gate::Terminal;
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
    let failed = |error| CliError::file(path, error);
    let length = fs::metadata(path).map_err(failed)?.len();
    if length > LONGEST_FILE {
        let limit = LONGEST_FILE;
        return Err(CliError::Usage(format!(
            "{} has {length} bytes, more than the {limit} of a certificate or key",
            path.display()
        )));
    }
    fs::read(path).map_err(failed)
}
