//! Kinds of cards.

use core::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::CardError;

/// Defines [`Profile`] once: variant, name, and what it is, in one line.
macro_rules! profiles {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal;)+) => {
        /// A kind of card that can be issued.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        #[non_exhaustive]
        pub enum Profile {
            $($(#[doc = $doc])+ #[serde(rename = $name)] $variant,)+
        }

        /// Every kind of card that can be issued.
        pub const fn profiles() -> &'static [Profile] {
            &[$(Profile::$variant,)+]
        }

        impl Profile {
            /// Its name on the command line and in a card file.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What it is, in one line.
            pub const fn description(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+).trim_ascii(),)+ }
            }
        }
    };
}

profiles! {
    /// Vietnamese citizen card: PACE (CAN, MRZ) on brainpoolP256r1 or BAC; chip authentication AES; active
    /// authentication RSA-2048; DG13
    VnCccd = "vn-cccd";
    /// passport of Utopia without access control: every reader may read it, and nothing proves the chip
    Td3Plain = "td3-plain";
    /// passport of Utopia: BAC only, triple DES; active authentication RSA-2048, SHA-256
    Td3Bac = "td3-bac";
    /// passport of Utopia: PACE (MRZ, CAN) on P-256, no BAC; chip authentication AES; active authentication ECDSA
    Td3Pace = "td3-pace";
    /// Vietnamese citizen card of a child under six: no portrait and no fingerprints
    VnChild = "vn-child";
    /// passport of Utopia: PACE on brainpoolP384r1 with AES-256, or BAC; chip authentication AES-256; RSA signer
    Td3PaceBac = "td3-pace-bac";
    /// passport of Utopia of an older chip: PACE and chip authentication by triple DES, or BAC
    Td3Pace3des = "td3-pace-3des";
    /// passport of Utopia: PACE with integrated mapping on P-256, or BAC; active authentication ECDSA
    Td3PaceIm = "td3-pace-im";
    /// passport of Utopia: PACE with chip authentication mapping on brainpoolP256r1, or generic mapping, or BAC
    Td3PaceCam = "td3-pace-cam";
    /// passport of Utopia: PACE and chip authentication modulo a prime of 2048 bits, or BAC
    Td3PaceDh = "td3-pace-dh";
    /// passport of Utopia: PACE with integrated mapping modulo a prime of 2048 bits with AES-256, or BAC
    Td3PaceDhIm = "td3-pace-dh-im";
    /// passport of Utopia: fingerprints behind terminal authentication; PACE on brainpoolP256r1, or BAC
    Td3Eac = "td3-eac";
    /// passport of Utopia: fingerprints behind terminal authentication, right after PACE with chip authentication mapping
    Td3EacCam = "td3-eac-cam";
    /// passport of Utopia of a child: DG2 without a picture
    Td3Child = "td3-child";
    /// identity card of Utopia, TD1 with a long number: PACE by MRZ, CAN, PIN or PUK on P-384, no BAC
    Td1 = "td1";
    /// travel document of Utopia, TD2: PACE on brainpoolP512r1, or BAC; RSA PKCS#1 v1.5 signer; several chip keys
    Td2 = "td2";
    /// passport of Utopia with DG1 to DG16: fingerprints and irises behind terminal authentication
    EveryDataGroup = "every-data-group";
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
