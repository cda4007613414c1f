//! The domain parameters of the named curves, as their standards print them (FIPS 186-4 / SP 800-186, RFC 5639).

use alloc::vec::Vec;

use hex_literal::hex;

use crate::Curve;

/// A curve y² = x³ + ax + b over the field of p elements with a generator of prime order n and cofactor 1.
/// Each field has the field's length in bytes, big-endian.
pub(crate) struct DomainParameters {
    pub p: &'static [u8],
    pub a: &'static [u8],
    pub b: &'static [u8],
    pub x: &'static [u8],
    pub y: &'static [u8],
    pub n: &'static [u8],
}

impl DomainParameters {
    pub const fn of(curve: Curve) -> &'static Self {
        match curve {
            Curve::P256 => &P256,
            Curve::P384 => &P384,
            Curve::P521 => &P521,
            Curve::BrainpoolP256r1 => &BRAINPOOL_P256R1,
            Curve::BrainpoolP384r1 => &BRAINPOOL_P384R1,
        }
    }
    /// The generator, 04 ‖ x ‖ y.
    pub fn generator(&self) -> Vec<u8> {
        [&[4], self.x, self.y].concat()
    }
}

const P256: DomainParameters = DomainParameters {
    p: &hex!("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"),
    a: &hex!("ffffffff00000001000000000000000000000000fffffffffffffffffffffffc"),
    b: &hex!("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b"),
    x: &hex!("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"),
    y: &hex!("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"),
    n: &hex!("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"),
};

const P384: DomainParameters = DomainParameters {
    p: &hex!(
        "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff"
        "0000000000000000ffffffff"
    ),
    a: &hex!(
        "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff"
        "0000000000000000fffffffc"
    ),
    b: &hex!(
        "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d"
        "8a2ed19d2a85c8edd3ec2aef"
    ),
    x: &hex!(
        "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25d"
        "bf55296c3a545e3872760ab7"
    ),
    y: &hex!(
        "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce"
        "1d7e819d7a431d7c90ea0e5f"
    ),
    n: &hex!(
        "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db2"
        "48b0a77aecec196accc52973"
    ),
};

const P521: DomainParameters = DomainParameters {
    p: &hex!(
        "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
    ),
    a: &hex!(
        "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
        "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc"
    ),
    b: &hex!(
        "0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e15619"
        "3951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00"
    ),
    x: &hex!(
        "00c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b"
        "5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66"
    ),
    y: &hex!(
        "011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee"
        "72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650"
    ),
    n: &hex!(
        "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa5186"
        "8783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409"
    ),
};

const BRAINPOOL_P256R1: DomainParameters = DomainParameters {
    p: &hex!("a9fb57dba1eea9bc3e660a909d838d726e3bf623d52620282013481d1f6e5377"),
    a: &hex!("7d5a0975fc2c3057eef67530417affe7fb8055c126dc5c6ce94a4b44f330b5d9"),
    b: &hex!("26dc5c6ce94a4b44f330b5d9bbd77cbf958416295cf7e1ce6bccdc18ff8c07b6"),
    x: &hex!("8bd2aeb9cb7e57cb2c4b482ffc81b7afb9de27e1e3bd23c23a4453bd9ace3262"),
    y: &hex!("547ef835c3dac4fd97f8461a14611dc9c27745132ded8e545c1d54c72f046997"),
    n: &hex!("a9fb57dba1eea9bc3e660a909d838d718c397aa3b561a6f7901e0e82974856a7"),
};

const BRAINPOOL_P384R1: DomainParameters = DomainParameters {
    p: &hex!(
        "8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b412b1da197fb71123acd3a729"
        "901d1a71874700133107ec53"
    ),
    a: &hex!(
        "7bc382c63d8c150c3c72080ace05afa0c2bea28e4fb22787139165efba91f90f8aa5814a"
        "503ad4eb04a8c7dd22ce2826"
    ),
    b: &hex!(
        "04a8c7dd22ce28268b39b55416f0447c2fb77de107dcd2a62e880ea53eeb62d57cb43902"
        "95dbc9943ab78696fa504c11"
    ),
    x: &hex!(
        "1d1c64f068cf45ffa2a63a81b7c13f6b8847a3e77ef14fe3db7fcafe0cbd10e8e826e034"
        "36d646aaef87b2e247d4af1e"
    ),
    y: &hex!(
        "8abe1d7520f9c2a45cb1eb8e95cfd55262b70b29feec5864e19c054ff99129280e464621"
        "7791811142820341263c5315"
    ),
    n: &hex!(
        "8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b31f166e6cac0425a7cf3ab6af"
        "6b7fc3103b883202e9046565"
    ),
};
