use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

use chipgate_inspection::{Signer, SoftwareSigner};
use pem_rfc7468::LineEnding;
use rand_core::CryptoRng;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{GateError, LONGEST_INPUT, read_text_at_most};

/// How much of the hash of the public key makes a name, in bytes.
const NAME_LENGTH: usize = 16;

/// What stands before the name in a key file.
const NAME: &str = "Device: ";

/// A device that signs reports: its key, and its name at the verifier.
///
/// A key file is PKCS#8 in PEM (RFC 7468) with the name in a line before it. Without such a line the name is the first
/// half of the SHA-256 hash of the public key, in hexadecimal.
pub struct Device {
    signer: SoftwareSigner,
    name: String,
    public_key: Vec<u8>,
}

impl Device {
    /// Makes a P-256 key and writes it to `file` (PKCS#8 in PEM, mode 0600), which must not be there yet. Its folder is
    /// made if it is not there, for its owner alone.
    pub fn create(file: &Path, name: Option<&str>, rng: &mut impl CryptoRng) -> Result<Self, GateError> {
        let failed = |reason: String| GateError::DeviceKey {
            file: file.to_owned(),
            reason,
        };
        if let Some(name) = name.filter(|name| !is_name(name)) {
            return Err(GateError::DeviceName {
                name: name.to_owned(),
            });
        }
        let signer = SoftwareSigner::generate(rng).map_err(|error| failed(error.to_string()))?;
        let secret = signer.to_pkcs8_der().map_err(|error| failed(error.to_string()))?;
        let text = pem_rfc7468::encode_string("PRIVATE KEY", LineEnding::LF, secret.as_bytes());
        let mut text = Zeroizing::new(text.map_err(|error| failed(error.to_string()))?);
        if let Some(name) = name {
            text.insert_str(0, &format!("{NAME}{name}\n"));
        }
        let write = || {
            if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
            }
            let mut file = OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(file)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()
        };
        write().map_err(|error: std::io::Error| match error.kind() {
            ErrorKind::AlreadyExists => failed(
                "it is there already, and a key is never overwritten: use it, or name another file"
                    .to_owned(),
            ),
            _ => failed(error.to_string()),
        })?;
        Ok(Self::with(signer, name))
    }

    /// Reads a key that [`Device::create`] or OpenSSL wrote: PKCS#8 in PEM, P-256.
    pub fn read(file: &Path) -> Result<Self, GateError> {
        let failed = |reason: String| GateError::DeviceKey {
            file: file.to_owned(),
            reason,
        };
        let mode = fs::metadata(file)
            .map_err(|error| match error.kind() {
                ErrorKind::NotFound => {
                    failed("it is not there: `chipgate report key --out FILE` makes one".to_owned())
                }
                _ => failed(error.to_string()),
            })?
            .permissions()
            .mode();
        if mode & 0o077 != 0 {
            return Err(failed(format!(
                "others can read it (mode {:o}): `chmod 600` it",
                mode & 0o777
            )));
        }
        let text = Zeroizing::new(
            read_text_at_most(file, LONGEST_INPUT).map_err(|error| failed(error.to_string()))?,
        );
        let name = text
            .lines()
            .find_map(|line| line.strip_prefix(NAME))
            .map(str::trim);
        let pem = text
            .find("-----BEGIN ")
            .and_then(|start| text.get(start..))
            .unwrap_or(&text);
        let (label, der) =
            pem_rfc7468::decode_vec(pem.as_bytes()).map_err(|error| failed(error.to_string()))?;
        let der = Zeroizing::new(der);
        if label != "PRIVATE KEY" {
            return Err(failed(format!(
                "it holds {label:?}, not PKCS#8 (\"PRIVATE KEY\")"
            )));
        }
        let signer = SoftwareSigner::from_pkcs8_der(&der).map_err(|error| failed(error.to_string()))?;
        Ok(Self::with(signer, name))
    }

    fn with(signer: SoftwareSigner, name: Option<&str>) -> Self {
        let public_key = signer.public_key().to_spki_der();
        let name = name.map_or_else(
            || hex::encode(&Sha256::digest(&public_key)[..NAME_LENGTH]),
            str::to_owned,
        );
        Self {
            signer,
            name,
            public_key,
        }
    }

    /// Its name at the verifier.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What signs.
    #[must_use]
    pub fn signer(&self) -> &dyn Signer {
        &self.signer
    }

    /// The public key (SubjectPublicKeyInfo in PEM), to be registered at the verifier.
    pub fn public_key_pem(&self) -> Result<String, GateError> {
        pem_rfc7468::encode_string("PUBLIC KEY", LineEnding::LF, &self.public_key).map_err(|error| {
            GateError::Report {
                reason: error.to_string(),
            }
        })
    }
}

/// Whether a verifier takes it as a device's name: it stands in addresses, pages and file names.
fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    (1..=64).contains(&name.len()) && name.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::Device;
    use crate::GateError;

    #[test]
    fn a_key_that_was_made_is_read_again_and_no_one_else_can_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("device.key");
        let made = Device::create(&file, None, &mut rand::rng()).unwrap();
        assert_eq!(Device::read(&file).unwrap().name(), made.name());
        assert_eq!(
            std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }

    #[test]
    fn a_name_stands_before_the_key_and_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("device.key");
        Device::create(&file, Some("gate-07"), &mut rand::rng()).unwrap();
        assert_eq!(Device::read(&file).unwrap().name(), "gate-07");
    }

    #[test]
    fn a_name_that_no_verifier_takes_makes_no_key() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("device.key");
        for name in ["", "gate 7", "gate\n-----BEGIN", &"a".repeat(65)] {
            let made = Device::create(&file, Some(name), &mut rand::rng());
            assert!(matches!(made, Err(GateError::DeviceName { .. })), "{name:?}");
        }
        assert!(!file.exists());
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("device.key");
        Device::create(&file, None, &mut rand::rng()).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(Device::read(&file).is_err_and(|error| error.to_string().contains("chmod 600")));
    }

    #[test]
    fn never_overwrites_a_key() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("device.key");
        Device::create(&file, None, &mut rand::rng()).unwrap();
        let again = Device::create(&file, None, &mut rand::rng());
        assert!(again.is_err_and(|error| error.to_string().contains("there already")));
    }

    #[test]
    fn makes_the_folder_of_a_key_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keys/gate/device.key");
        Device::create(&file, None, &mut rand::rng()).unwrap();
        let made = std::fs::metadata(file.parent().unwrap()).unwrap();
        assert_eq!(made.permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_key_that_is_not_there_is_called_that_and_how_to_make_one() {
        let folder = tempfile::tempdir().unwrap();
        let read = Device::read(&folder.path().join("device.key"));
        assert!(read.is_err_and(|error| error.to_string().contains("chipgate report key --out")));
    }

    #[test]
    fn a_file_that_holds_no_key_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("device.key");
        std::fs::write(
            &file,
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        )
        .unwrap();
        assert!(matches!(Device::read(&file), Err(GateError::DeviceKey { .. })));
    }
}
