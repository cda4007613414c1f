//! The groups of Diffie-Hellman modulo a prime (TR-03110-3, A.2.1.1; Doc 9303-11, 9.5.1), as RFC 5114 prints them.

use hex_literal::hex;

use crate::modular::{Modulus, Residue};

/// A group modulo a prime with a generator of prime order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum DhGroup {
    /// 1024-bit MODP group with a 160-bit prime order subgroup. Deprecated: no chip is opened with it, but the worked
    /// examples of Doc 9303-11 are computed in it.
    Modp1024Order160,
    /// 2048-bit MODP group with a 224-bit prime order subgroup.
    Modp2048Order224,
    /// 2048-bit MODP group with a 256-bit prime order subgroup.
    Modp2048Order256,
}

impl DhGroup {
    /// Every group here.
    pub const ALL: [Self; 3] = [
        Self::Modp1024Order160,
        Self::Modp2048Order224,
        Self::Modp2048Order256,
    ];

    /// The number in the table of standardised domain parameters (TR-03110-3, A.2.1.1; Doc 9303-11, 9.5.1).
    pub const fn domain_parameter_id(self) -> u8 {
        match self {
            Self::Modp1024Order160 => 0,
            Self::Modp2048Order224 => 1,
            Self::Modp2048Order256 => 2,
        }
    }

    /// Its name, as in "2048-bit MODP group with 256-bit subgroup".
    pub const fn name(self) -> &'static str {
        match self {
            Self::Modp1024Order160 => "1024-bit MODP group with 160-bit subgroup",
            Self::Modp2048Order224 => "2048-bit MODP group with 224-bit subgroup",
            Self::Modp2048Order256 => "2048-bit MODP group with 256-bit subgroup",
        }
    }

    /// The length of a public key in bytes: that of the prime.
    pub const fn element_length(self) -> usize {
        self.parameters().p.len()
    }

    /// The length of a private key in bytes: that of the group order.
    pub const fn exponent_length(self) -> usize {
        self.parameters().q.len()
    }

    /// The length of the prime in bits.
    pub const fn prime_bits(self) -> usize {
        self.element_length() * 8
    }

    pub(crate) const fn parameters(self) -> &'static GroupParameters {
        match self {
            Self::Modp1024Order160 => &MODP_1024_160,
            Self::Modp2048Order224 => &MODP_2048_224,
            Self::Modp2048Order256 => &MODP_2048_256,
        }
    }

    /// The prime as a modulus, and the generator in it.
    pub(crate) fn field(self) -> Option<(Modulus, Residue)> {
        let parameters = self.parameters();
        let modulus = Modulus::new(parameters.p)?;
        let generator = modulus.element(parameters.g)?;
        Some((modulus, generator))
    }
}

/// A prime p, a generator g as long as it, and g's prime order q, all big-endian.
pub(crate) struct GroupParameters {
    pub p: &'static [u8],
    pub g: &'static [u8],
    pub q: &'static [u8],
}

const MODP_1024_160: GroupParameters = GroupParameters {
    p: &hex!(
        "b10b8f96a080e01dde92de5eae5d54ec52c99fbcfb06a3c69a6a9dca52d23b616073e286"
        "75a23d189838ef1e2ee652c013ecb4aea906112324975c3cd49b83bfaccbdd7d90c4bd70"
        "98488e9c219a73724effd6fae5644738faa31a4ff55bccc0a151af5f0dc8b4bd45bf37df"
        "365c1a65e68cfda76d4da708df1fb2bc2e4a4371"
    ),
    g: &hex!(
        "a4d1cbd5c3fd34126765a442efb99905f8104dd258ac507fd6406cff14266d31266fea1e"
        "5c41564b777e690f5504f213160217b4b01b886a5e91547f9e2749f4d7fbd7d3b9a92ee1"
        "909d0d2263f80a76a6a24c087a091f531dbf0a0169b6a28ad662a4d18e73afa32d779d59"
        "18d08bc8858f4dcef97c2a24855e6eeb22b3b2e5"
    ),
    q: &hex!("f518aa8781a8df278aba4e7d64b7cb9d49462353"),
};

const MODP_2048_224: GroupParameters = GroupParameters {
    p: &hex!(
        "ad107e1e9123a9d0d660faa79559c51fa20d64e5683b9fd1b54b1597b61d0a75e6fa141d"
        "f95a56dbaf9a3c407ba1df15eb3d688a309c180e1de6b85a1274a0a66d3f8152ad6ac212"
        "9037c9edefda4df8d91e8fef55b7394b7ad5b7d0b6c12207c9f98d11ed34dbf6c6ba0b2c"
        "8bbc27be6a00e0a0b9c49708b3bf8a317091883681286130bc8985db1602e714415d9330"
        "278273c7de31efdc7310f7121fd5a07415987d9adc0a486dcdf93acc44328387315d75e1"
        "98c641a480cd86a1b9e587e8be60e69cc928b2b9c52172e413042e9b23f10b0e16e79763"
        "c9b53dcf4ba80a29e3fb73c16b8e75b97ef363e2ffa31f71cf9de5384e71b81c0ac4dffe"
        "0c10e64f"
    ),
    g: &hex!(
        "ac4032ef4f2d9ae39df30b5c8ffdac506cdebe7b89998caf74866a08cfe4ffe3a6824a4e"
        "10b9a6f0dd921f01a70c4afaab739d7700c29f52c57db17c620a8652be5e9001a8d66ad7"
        "c17669101999024af4d027275ac1348bb8a762d0521bc98ae247150422ea1ed409939d54"
        "da7460cdb5f6c6b250717cbef180eb34118e98d119529a45d6f834566e3025e316a330ef"
        "bb77a86f0c1ab15b051ae3d428c8f8acb70a8137150b8eeb10e183edd19963ddd9e263e4"
        "770589ef6aa21e7f5f2ff381b539cce3409d13cd566afbb48d6c019181e1bcfe94b30269"
        "edfe72fe9b6aa4bd7b5a0f1c71cfff4c19c418e1f6ec017981bc087f2a7065b384b890d3"
        "191f2bfa"
    ),
    q: &hex!("801c0d34c58d93fe997177101f80535a4738cebcbf389a99b36371eb"),
};

const MODP_2048_256: GroupParameters = GroupParameters {
    p: &hex!(
        "87a8e61db4b6663cffbbd19c651959998ceef608660dd0f25d2ceed4435e3b00e00df8f1"
        "d61957d4faf7df4561b2aa3016c3d91134096faa3bf4296d830e9a7c209e0c6497517abd"
        "5a8a9d306bcf67ed91f9e6725b4758c022e0b1ef4275bf7b6c5bfc11d45f9088b941f54e"
        "b1e59bb8bc39a0bf12307f5c4fdb70c581b23f76b63acae1caa6b7902d52526735488a0e"
        "f13c6d9a51bfa4ab3ad8347796524d8ef6a167b5a41825d967e144e5140564251ccacb83"
        "e6b486f6b3ca3f7971506026c0b857f689962856ded4010abd0be621c3a3960a54e710c3"
        "75f26375d7014103a4b54330c198af126116d2276e11715f693877fad7ef09cadb094ae9"
        "1e1a1597"
    ),
    g: &hex!(
        "3fb32c9b73134d0b2e77506660edbd484ca7b18f21ef205407f4793a1a0ba12510dbc150"
        "77be463fff4fed4aac0bb555be3a6c1b0c6b47b1bc3773bf7e8c6f62901228f8c28cbb18"
        "a55ae31341000a650196f931c77a57f2ddf463e5e9ec144b777de62aaab8a8628ac376d2"
        "82d6ed3864e67982428ebc831d14348f6f2f9193b5045af2767164e1dfc967c1fb3f2e55"
        "a4bd1bffe83b9c80d052b985d182ea0adb2a3b7313d3fe14c8484b1e052588b9b7d2bbd2"
        "df016199ecd06e1557cd0915b3353bbb64e0ec377fd028370df92b52c7891428cdc67eb6"
        "184b523d1db246c32f63078490f00ef8d647d148d47954515e2327cfef98c582664b4c0f"
        "6cc41659"
    ),
    q: &hex!("8cf83642a709a097b447997640129da299b1a47d1eb3750ba308b0fe64f5fbd3"),
};
