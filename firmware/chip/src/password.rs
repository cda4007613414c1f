use chipgate_crypto::{HashAlgorithm, Secret};
use chipgate_lds::MrzKey;

/// What is printed on the document or known to its holder, and opens the chip.
#[derive(Debug, Clone)]
pub enum Password {
    /// Document number, date of birth and date of expiry, from the machine readable zone.
    Mrz(MrzKey),
    /// The card access number, six digits.
    Can(Secret),
    /// The holder's PIN.
    Pin(Secret),
    /// The PUK.
    Puk(Secret),
}

/// Which kind of password opened a chip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PasswordKind {
    /// The machine readable zone.
    Mrz,
    /// The card access number.
    Can,
    /// The PIN.
    Pin,
    /// The PUK.
    Puk,
}

impl PasswordKind {
    /// Its name in messages, reports and the JSON of the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mrz => "MRZ",
            Self::Can => "CAN",
            Self::Pin => "PIN",
            Self::Puk => "PUK",
        }
    }

    /// The reference of the password in MSE:Set AT (Doc 9303-11, 4.4.4.1; TR-03110-3, B.14.1).
    pub(crate) const fn reference(self) -> u8 {
        match self {
            Self::Mrz => 1,
            Self::Can => 2,
            Self::Pin => 3,
            Self::Puk => 4,
        }
    }
}

impl Password {
    /// Which kind it is.
    #[must_use]
    pub const fn kind(&self) -> PasswordKind {
        match self {
            Self::Mrz(_) => PasswordKind::Mrz,
            Self::Can(_) => PasswordKind::Can,
            Self::Pin(_) => PasswordKind::Pin,
            Self::Puk(_) => PasswordKind::Puk,
        }
    }

    /// ID.IC of terminal authentication with static binding (TR-03110-1, 3.5), if the password is one that has it.
    pub(crate) fn static_identifier(&self) -> Option<Secret> {
        match self {
            Self::Mrz(key) => Some(document_number(key)),
            Self::Can(characters) => Some(characters.clone()),
            Self::Pin(_) | Self::Puk(_) => None,
        }
    }

    /// f(π) of Doc 9303-11, 9.7.3: SHA-1 of the MRZ information, or the characters themselves.
    pub(crate) fn encoded(&self) -> Secret {
        match self {
            Self::Mrz(key) => Secret::new(HashAlgorithm::Sha1.digest(key.information().as_bytes())),
            Self::Can(characters) | Self::Pin(characters) | Self::Puk(characters) => characters.clone(),
        }
    }
}

/// The document number with its check digit: what stands before the two dates with theirs in the MRZ information.
pub(crate) fn document_number(key: &MrzKey) -> Secret {
    const DATES: usize = 14;
    let information = key.information();
    let length = information.len().saturating_sub(DATES);
    Secret::new(&information.as_bytes()[..length])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_number_stands_with_its_check_digit() {
        let key = MrzKey::new("L898902C", "690806", "940623").unwrap();
        assert_eq!(document_number(&key).as_bytes(), b"L898902C<3");
        let can = Password::Can(Secret::new(*b"123456"));
        assert_eq!(can.static_identifier().unwrap().as_bytes(), b"123456");
        assert_eq!(Password::Pin(Secret::new(*b"1")).static_identifier(), None);
    }
}
