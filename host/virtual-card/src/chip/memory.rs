//! What a chip keeps without power: its files, passwords and keys.

use std::{collections::BTreeMap, str::FromStr};

use chipgate_crypto::{Cipher, HashAlgorithm, ObjectIdentifier, Secret};

use super::{answering_key::Answering, cv_certificate::TrustPoint};
use crate::{
    CardError, CardFile, HashName, KeyGroup,
    agreement::PrivateKey,
    card_file::{AgreementKey, PaceSettings, TerminalAuthenticationSettings},
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

/// EF.ATR/INFO in the master file (Doc 9303-10, 3.11.1).
pub(crate) const ATTRIBUTES: Place = (Directory::MasterFile, 0x2F01);
/// EF.CardSecurity in the master file, readable after PACE only (Doc 9303-10, 3.11.4).
pub(crate) const CARD_SECURITY: Place = (Directory::MasterFile, 0x011D);

/// EF.CVCA in the application (TR-03110-3, A.7.2.4).
pub(crate) const CVCA: Place = (Directory::Application, 0x011C);
/// The fingers and the irises, readable after terminal authentication only (Doc 9303-10, 4.7.3).
pub(crate) const FINGERS: Place = (Directory::Application, 0x0103);
pub(crate) const IRISES: Place = (Directory::Application, 0x0104);

/// What a chip keeps without power.
pub(crate) struct Memory {
    pub(crate) files: BTreeMap<Place, Vec<u8>>,
    pub(crate) refused: Vec<Place>,
    /// Files that can be selected and not read.
    pub(crate) unreadable: Vec<Place>,
    pub(crate) passwords: Passwords,
    pub(crate) document_number: Vec<u8>,
    pub(crate) pace: Vec<Pace>,
    pub(crate) agreement: Vec<Agreement>,
    pub(crate) answering: Option<Answering>,
    pub(crate) terminals: Option<Terminals>,
}

/// What opens the chip.
pub(crate) struct Passwords {
    pub(crate) mrz_information: Secret,
    pub(crate) can: Option<Secret>,
    pub(crate) pin: Option<Secret>,
    pub(crate) puk: Option<Secret>,
}

/// A variant of PACE that the chip speaks.
#[derive(Clone)]
pub(crate) struct Pace {
    pub(crate) protocol: ObjectIdentifier,
    pub(crate) mapping: Mapping,
    pub(crate) cipher: Cipher,
    pub(crate) group: KeyGroup,
    pub(crate) can: bool,
}

/// How PACE maps its nonce (Doc 9303-11, 4.4.3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mapping {
    Generic,
    Integrated,
    ChipAuthentication,
}

/// A key for chip authentication.
pub(crate) struct Agreement {
    pub(crate) protocol: ObjectIdentifier,
    pub(crate) cipher: Cipher,
    pub(crate) key_id: Option<u8>,
    pub(crate) key: PrivateKey,
}

/// What terminal authentication needs: it is kept up to date by the certificates that the chip is shown.
pub(crate) struct Terminals {
    /// The most recent one first, at most two (TR-03110-3, 2.5.2).
    pub(crate) trust_points: Vec<TrustPoint>,
    /// YYMMDD, as six digits of one byte each.
    pub(crate) current_date: [u8; 6],
    /// Whether a terminal binds to what is printed on the document after PACE, too.
    pub(crate) static_binding: bool,
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
        let places =
            |names: &[String]| -> Result<Vec<Place>, CardError> { names.iter().map(place_of).collect() };
        let mrz_information = mrz_information(card.passwords.mrz.as_str())?;
        let agreement = card.keys.chip_authentication.iter().map(Agreement::new);
        let answering = card.keys.active_authentication.as_ref().map(Answering::new);
        let terminals = card.chip.terminal_authentication.as_ref().map(Terminals::new);
        Ok(Self {
            files: files.collect::<Result<_, CardError>>()?,
            refused: places(&card.chip.refused_files)?,
            unreadable: places(&card.chip.unreadable_files)?,
            document_number: mrz_information.document_number,
            passwords: Passwords::new(card, mrz_information.whole),
            pace: card.chip.pace.iter().map(Pace::new).collect::<Result<_, _>>()?,
            agreement: agreement.collect::<Result<_, _>>()?,
            answering: answering.transpose()?,
            terminals: terminals.transpose()?,
        })
    }
}

impl Passwords {
    fn new(card: &CardFile, mrz_information: Secret) -> Self {
        let secret = |text: &Option<crate::SecretText>| {
            text.as_ref().map(|text| Secret::new(text.as_str().as_bytes()))
        };
        Self {
            mrz_information,
            can: secret(&card.passwords.can),
            pin: secret(&card.passwords.pin),
            puk: secret(&card.passwords.puk),
        }
    }
}

impl Pace {
    fn new(settings: &PaceSettings) -> Result<Self, CardError> {
        let protocol = identifier("chip.pace.protocol", &settings.protocol)?;
        let unknown = unusable(
            "chip.pace.protocol",
            "this is no PACE protocol of Doc 9303-11, or not one for the group",
        );
        let (mapping, cipher) = pace_variant(&protocol, settings.group).ok_or(unknown)?;
        Ok(Self {
            protocol,
            mapping,
            cipher,
            group: settings.group,
            can: settings.can,
        })
    }
}

/// The mapping and the cipher of id-PACE-… (TR-03110-3, A.1.1.1), if it is a protocol for such a group.
fn pace_variant(protocol: &ObjectIdentifier, group: KeyGroup) -> Option<(Mapping, Cipher)> {
    let variants = match group {
        KeyGroup::Dh(_) => [(".1", Mapping::Generic), (".3", Mapping::Integrated)].to_vec(),
        KeyGroup::Curve(_) => vec![
            (".2", Mapping::Generic),
            (".4", Mapping::Integrated),
            (".6", Mapping::ChipAuthentication),
        ],
    };
    variants.into_iter().find_map(|(arc, mapping)| {
        let cipher = cipher(protocol, &format!("0.4.0.127.0.7.2.2.4{arc}"))?;
        let exists = mapping != Mapping::ChipAuthentication || cipher != Cipher::TripleDes;
        exists.then_some((mapping, cipher))
    })
}

impl Agreement {
    fn new(key: &AgreementKey) -> Result<Self, CardError> {
        const FIELD: &str = "keys.chip_authentication";
        let protocol = identifier(FIELD, &key.protocol)?;
        let parent = match key.group {
            KeyGroup::Dh(_) => "0.4.0.127.0.7.2.2.3.1", // id-CA-DH (TR-03110-3, A.1.1.2)
            KeyGroup::Curve(_) => "0.4.0.127.0.7.2.2.3.2", // id-CA-ECDH
        };
        let unknown = unusable(FIELD, "the protocol is none of chip authentication in that group");
        let no_key = unusable(FIELD, "the private key is none of that group");
        Ok(Self {
            cipher: cipher(&protocol, parent).ok_or(unknown)?,
            protocol,
            key_id: key.key_id,
            key: PrivateKey::from_bytes(key.group, key.private_key.0.as_bytes()).map_err(|_| no_key)?,
        })
    }
}

impl Terminals {
    fn new(settings: &TerminalAuthenticationSettings) -> Result<Self, CardError> {
        const FIELD: &str = "chip.terminal_authentication";
        let date = settings.current_date.as_bytes();
        let digits: Option<[u8; 6]> = date
            .iter()
            .all(u8::is_ascii_digit)
            .then(|| date.try_into().ok())
            .flatten();
        let trust_points = settings.trust_points.iter().map(|certificate| {
            TrustPoint::from_certificate(&certificate.0).ok_or(unusable(
                FIELD,
                "a trust point is no CV certificate of an authority",
            ))
        });
        Ok(Self {
            trust_points: trust_points.collect::<Result<_, _>>()?,
            current_date: digits
                .ok_or(unusable(FIELD, "the current date is not six digits"))?
                .map(|digit| digit - b'0'),
            static_binding: settings.static_binding,
        })
    }
}

impl HashName {
    pub(crate) const fn algorithm(self) -> HashAlgorithm {
        match self {
            Self::Sha1 => HashAlgorithm::Sha1,
            Self::Sha224 => HashAlgorithm::Sha224,
            Self::Sha256 => HashAlgorithm::Sha256,
            Self::Sha384 => HashAlgorithm::Sha384,
            Self::Sha512 => HashAlgorithm::Sha512,
        }
    }
}

pub(super) const fn unusable(field: &'static str, problem: &'static str) -> CardError {
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
pub(super) fn place(name: &str) -> Option<Place> {
    let (directory, identifier) = match name {
        "EF.ATR/INFO" => ATTRIBUTES,
        "EF.DIR" => (Directory::MasterFile, 0x2F00),
        "EF.CardAccess" => (Directory::MasterFile, 0x011C),
        "EF.CardSecurity" => CARD_SECURITY,
        "EF.COM" => (Directory::Application, 0x011E),
        "EF.SOD" => (Directory::Application, 0x011D),
        "EF.CVCA" => CVCA,
        _ => {
            let number: u16 = name.strip_prefix("DG")?.parse().ok()?;
            (1..=16)
                .contains(&number)
                .then_some((Directory::Application, 0x0100 | number))?
        }
    };
    Some((directory, identifier))
}

/// What the access protocols take of a machine readable zone.
struct MrzInformation {
    /// The password.
    whole: Secret,
    /// The document number with its check digit: what a chip that opened by BAC is called in terminal authentication.
    document_number: Vec<u8>,
}

/// Document number, date of birth and date of expiry, each with its check digit, as they stand in the lines of a
/// machine readable zone (Doc 9303-11, 4.3.2 and 9.7.2).
fn mrz_information(lines: &str) -> Result<MrzInformation, CardError> {
    let malformed = unusable(
        "passwords.mrz",
        "these are not the lines of a machine readable zone",
    );
    let lines: Vec<&[u8]> = lines.lines().map(str::as_bytes).collect();
    let part = |line: usize, from: usize, to: usize| lines.get(line).and_then(|line| line.get(from..to));
    let [number, birth, expiry] = match (lines.len(), lines.first().map_or(0, |line| line.len())) {
        (3, 30) => [part(0, 5, 15), part(1, 0, 7), part(1, 8, 15)],
        (2, 44 | 36) => [part(1, 0, 10), part(1, 13, 20), part(1, 21, 28)],
        _ => return Err(malformed),
    };
    let (Some(number), Some(birth), Some(expiry)) = (number, birth, expiry) else {
        return Err(malformed);
    };
    let optional = match lines.len() {
        3 => part(0, 15, 30),
        _ => part(1, 28, 35).filter(|_| lines.iter().all(|line| line.len() == 36)),
    };
    let number = match (number, optional) {
        ([.., b'<'], Some(optional)) => long_number(number, optional),
        _ => number.to_vec(),
    };
    Ok(MrzInformation {
        whole: Secret::new([&number[..], birth, expiry].concat()),
        document_number: number,
    })
}

/// A number of more than nine characters goes on in the optional data, up to its check digit (Doc 9303-5, 4.2.4, note j).
fn long_number(principal: &[u8], optional: &[u8]) -> Vec<u8> {
    let rest = optional.split(|&byte| byte == b'<').next().unwrap_or_default();
    [&principal[..9], rest].concat()
}
