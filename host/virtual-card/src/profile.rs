//! Kinds of cards.

use core::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::CardError;

/// A kind of card that can be issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// The Vietnamese citizen card, its quirks included.
    VnCccd,
    /// A passport of Utopia that opens by basic access control, as the first generation did.
    Td3Bac,
    /// A passport of Utopia that opens by PACE only.
    Td3Pace,
}

/// Every kind of card that can be issued.
pub const fn profiles() -> &'static [Profile] {
    &[Profile::VnCccd, Profile::Td3Bac, Profile::Td3Pace]
}

impl Profile {
    /// Its name on the command line and in a card file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::VnCccd => "vn-cccd",
            Self::Td3Bac => "td3-bac",
            Self::Td3Pace => "td3-pace",
        }
    }

    /// What it is, in one line.
    pub const fn description(self) -> &'static str {
        match self {
            Self::VnCccd => {
                "Vietnamese citizen card: PACE (CAN, MRZ) on brainpoolP256r1 or BAC; chip authentication AES; active \
                 authentication RSA-2048; DG13"
            }
            Self::Td3Bac => {
                "passport of Utopia: BAC only, triple DES; active authentication RSA-2048, SHA-256"
            }
            Self::Td3Pace => {
                "passport of Utopia: PACE (MRZ, CAN) on P-256, no BAC; chip authentication AES; active \
                 authentication ECDSA"
            }
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Profile {
    type Err = CardError;

    fn from_str(name: &str) -> Result<Self, CardError> {
        let found = profiles().iter().find(|profile| profile.name() == name);
        found.copied().ok_or_else(|| CardError::UnknownProfile {
            name: name.to_owned(),
        })
    }
}
