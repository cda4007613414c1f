//! What a chip keeps without power: its files, passwords and keys.

use std::{collections::BTreeMap, str::FromStr};

use chipgate_crypto::{Cipher, Curve, HashAlgorithm, ObjectIdentifier, PrivateScalar, Secret, SigningKey};

use crate::{
    CardError, CardFile, HashName,
    card_file::{AgreementKey, AnsweringKey, PaceSettings},
};

/// Where a file lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Directory {
    /// The master file.
    MasterFile,
    /// The application of an electronic travel document.
    Application,
}

/// A file's directory and identifier.
pub(crate) type Place = (Directory, u16);

/// EF.CardSecurity in the master file, readable after PACE only (Doc 9303-10, 3.11.4).
pub(crate) const CARD_SECURITY: Place = (Directory::MasterFile, 0x011D);

/// What a chip keeps without power.
pub(crate) struct Memory {
    pub(crate) files: BTreeMap<Place, Vec<u8>>,
    pub(crate) refused: Vec<Place>,
    pub(crate) mrz_information: Secret,
    pub(crate) can: Option<Secret>,
    pub(crate) pace: Option<Pace>,
    pub(crate) agreement: Option<Agreement>,
    pub(crate) answering: Option<Answering>,
}

/// The PACE that the chip speaks.
#[derive(Clone)]
pub(crate) struct Pace {
    pub(crate) protocol: ObjectIdentifier,
    pub(crate) cipher: Cipher,
    pub(crate) curve: Curve,
    pub(crate) can: bool,
}

/// The key for chip authentication.
pub(crate) struct Agreement {
    pub(crate) protocol: ObjectIdentifier,
    pub(crate) cipher: Cipher,
    pub(crate) key_id: Option<u8>,
    pub(crate) key: PrivateScalar,
}

/// The key for active authentication.
pub(crate) struct Answering {
    pub(crate) hash: HashAlgorithm,
    pub(crate) key: SigningKey,
}

impl Memory {
    /// Takes a card file apart; each value that a chip could not work with is refused by name.
    pub(crate) fn new(card: &CardFile) -> Result<Self, CardError> {
        let place_of =
            |name: &String| place(name).ok_or(unusable("files", "a file has a name that no chip knows"));
        let files = card
            .files
            .iter()
            .map(|(name, bytes)| Ok((place_of(name)?, bytes.0.clone())));
        Ok(Self {
            files: files.collect::<Result<_, CardError>>()?,
            refused: card
                .chip
                .refused_files
                .iter()
                .map(place_of)
                .collect::<Result<_, _>>()?,
            mrz_information: mrz_information(card.passwords.mrz.as_str())?,
            can: card
                .passwords
                .can
                .as_ref()
                .map(|can| Secret::new(can.as_str().as_bytes())),
            pace: card.chip.pace.as_ref().map(Pace::new).transpose()?,
            agreement: card
                .keys
                .chip_authentication
                .as_ref()
                .map(Agreement::new)
                .transpose()?,
            answering: card
                .keys
                .active_authentication
                .as_ref()
                .map(Answering::new)
                .transpose()?,
        })
    }
}

impl Pace {
    fn new(settings: &PaceSettings) -> Result<Self, CardError> {
        let protocol = identifier("chip.pace.protocol", &settings.protocol)?;
        let cipher = cipher(&protocol, "0.4.0.127.0.7.2.2.4.2") // id-PACE-ECDH-GM (TR-03110-3, A.1.1.1)
            .ok_or(unusable(
                "chip.pace.protocol",
                "only PACE with generic mapping over an elliptic curve is known",
            ))?;
        Ok(Self {
            protocol,
            cipher,
            curve: settings.curve,
            can: settings.can,
        })
    }
}

impl Agreement {
    fn new(key: &AgreementKey) -> Result<Self, CardError> {
        let protocol = identifier("keys.chip_authentication.protocol", &key.protocol)?;
        let cipher = cipher(&protocol, "0.4.0.127.0.7.2.2.3.2") // id-CA-ECDH (TR-03110-3, A.1.1.2)
            .ok_or(unusable(
                "keys.chip_authentication.protocol",
                "only id-CA-ECDH is known",
            ))?;
        let private = PrivateScalar::from_bytes(key.curve, key.private_key.0.as_bytes())?;
        Ok(Self {
            protocol,
            cipher,
            key_id: key.key_id,
            key: private,
        })
    }
}

impl Answering {
    fn new(key: &AnsweringKey) -> Result<Self, CardError> {
        let hash = match key.hash {
            HashName::Sha1 => HashAlgorithm::Sha1,
            HashName::Sha256 => HashAlgorithm::Sha256,
            HashName::Sha384 => HashAlgorithm::Sha384,
            HashName::Sha512 => HashAlgorithm::Sha512,
        };
        Ok(Self {
            hash,
            key: SigningKey::from_pkcs8_der(key.private_key.0.as_bytes())?,
        })
    }
}

const fn unusable(field: &'static str, problem: &'static str) -> CardError {
    CardError::UnusableValue { field, problem }
}

fn identifier(field: &'static str, dotted: &str) -> Result<ObjectIdentifier, CardError> {
    ObjectIdentifier::from_str(dotted).map_err(|_| unusable(field, "this is no dotted object identifier"))
}

/// The cipher that the last arc under `parent` names: 1 to 4 (TR-03110-3, A.1.1).
fn cipher(protocol: &ObjectIdentifier, parent: &str) -> Option<Cipher> {
    let dotted = protocol.to_string();
    match dotted.strip_prefix(parent)? {
        ".1" => Some(Cipher::TripleDes),
        ".2" => Some(Cipher::Aes128),
        ".3" => Some(Cipher::Aes192),
        ".4" => Some(Cipher::Aes256),
        _ => None,
    }
}

/// Directory and identifier of the file with this name (Doc 9303-10, 3.4 and 3.11).
fn place(name: &str) -> Option<Place> {
    let (directory, identifier) = match name {
        "EF.ATR/INFO" => (Directory::MasterFile, 0x2F01),
        "EF.DIR" => (Directory::MasterFile, 0x2F00),
        "EF.CardAccess" => (Directory::MasterFile, 0x011C),
        "EF.CardSecurity" => CARD_SECURITY,
        "EF.COM" => (Directory::Application, 0x011E),
        "EF.SOD" => (Directory::Application, 0x011D),
        _ => {
            let number: u16 = name.strip_prefix("DG")?.parse().ok()?;
            (1..=16)
                .contains(&number)
                .then_some((Directory::Application, 0x0100 | number))?
        }
    };
    Some((directory, identifier))
}

/// Document number, date of birth and date of expiry, each with its check digit, as they stand in the lines of a
/// machine readable zone (Doc 9303-11, 4.3.2 and 9.7.2).
fn mrz_information(lines: &str) -> Result<Secret, CardError> {
    let malformed = unusable(
        "passwords.mrz",
        "these are not the lines of a machine readable zone",
    );
    let lines: Vec<&[u8]> = lines.lines().map(str::as_bytes).collect();
    let part = |line: usize, from: usize, to: usize| lines.get(line).and_then(|line| line.get(from..to));
    let parts = match (lines.len(), lines.first().map_or(0, |line| line.len())) {
        (3, 30) => [part(0, 5, 15), part(1, 0, 7), part(1, 8, 15)],
        (2, 44 | 36) => [part(1, 0, 10), part(1, 13, 20), part(1, 21, 28)],
        _ => return Err(malformed),
    };
    let parts: Option<Vec<&[u8]>> = parts.into_iter().collect();
    parts.map(|parts| Secret::new(parts.concat())).ok_or(malformed)
}
