//! PACE's integrated mapping (Doc 9303-11, 4.4.3.3.2 and appendix B).

use chipgate_apdu::tlv::{Reader, Tag};
use chipgate_crypto::{Cipher, Curve, PublicPoint};
use num_bigint::BigUint;

use super::{DhGroup, Element, KeyGroup, NotInGroup, padded};

/// c₀ and c₁ for a nonce of 128 bits.
const SHORT_CONSTANTS: [&str; 2] = [
    "a668892a7c41e3ca739f40b057d85904",
    "a4e136ac725f738b01c1f60217c188ad",
];
/// c₀ and c₁ for a nonce of 256 bits.
const LONG_CONSTANTS: [&str; 2] = [
    "d463d65234124ef7897054986dca0a174e28df758cbaa03f240616414d5a1676",
    "54bd7255f0aaf831bec3423fcf39d69b6cbf066677d0faae5aadd99df8e53517",
];

/// The generator that the chip's nonce s and the terminal's nonce t lead to.
pub(crate) fn integrated_mapping(
    group: KeyGroup,
    cipher: Cipher,
    s: &[u8],
    t: &[u8],
) -> Result<Element, NotInGroup> {
    match group {
        KeyGroup::Curve(curve) => {
            let numbers = CurveNumbers::of(curve).ok_or(NotInGroup)?;
            let u = pseudo_random(cipher, s, t, &numbers.p)?;
            let encoded = numbers.encode(&u).ok_or(NotInGroup)?;
            PublicPoint::from_uncompressed(curve, &encoded)
                .map(Element::Point)
                .map_err(|_| NotInGroup)
        }
        KeyGroup::Dh(group) => map_number(group, &pseudo_random(cipher, s, t, &group.p())?),
    }
}

/// f_g(x) = x^a mod p with the cofactor a = (p − 1)/q; a result of one is refused.
fn map_number(group: DhGroup, x: &BigUint) -> Result<Element, NotInGroup> {
    let p = group.p();
    let cofactor = (&p - 1_u8) / group.q();
    let mapped = x.modpow(&cofactor, &p);
    let usable = mapped > BigUint::from(1_u8);
    usable.then_some(Element::Number(group, mapped)).ok_or(NotInGroup)
}

/// R_p(s, t): the nonces stretched to 64 bits more than p has, modulo p (figure 2).
fn pseudo_random(cipher: Cipher, s: &[u8], t: &[u8], p: &BigUint) -> Result<BigUint, NotInGroup> {
    let key_length = cipher.key_length();
    if t.len() != key_length {
        return Err(NotInGroup);
    }
    let [c0, c1] = if key_length == 16 {
        SHORT_CONSTANTS
    } else {
        LONG_CONSTANTS
    };
    let constant = |digits: &str| hex::decode(digits).map_err(|_| NotInGroup);
    let (c0, c1) = (constant(c0)?, constant(c1)?);
    let encrypt = |key: &[u8], data: &[u8]| {
        // AES-192 takes 24 of 32 bytes; for the others a block of output is a key.
        let key = key.get(..key_length).ok_or(NotInGroup)?;
        cipher
            .encrypt_cbc(key, &vec![0; cipher.block_length()], data)
            .map_err(|_| NotInGroup)
    };
    let mut key = encrypt(t, s)?;
    let mut stretched = Vec::new();
    while (stretched.len() * 8) as u64 <= p.bits() + 63 {
        stretched.extend(encrypt(&key, &c1)?);
        key = encrypt(&key, &c0)?;
    }
    Ok(BigUint::from_bytes_be(&stretched) % p)
}

/// The numbers of a curve y² = x³ + ax + b.
pub(crate) struct CurveNumbers {
    p: BigUint,
    a: BigUint,
    b: BigUint,
    pub(crate) order: BigUint,
    length: usize,
}

/// p, a, b, the generator and the order, each as its bytes stand in the explicit parameters (RFC 3279, 2.3.5).
pub(crate) fn curve_parameters(curve: Curve) -> Option<[Vec<u8>; 5]> {
    let parameters = curve.explicit_parameters_der();
    let body = Reader::new(&parameters).expect(Tag(0x30)).ok()?.value;
    let mut reader = Reader::new(body);
    let mut next = |tag| reader.expect(Tag(tag)).ok().map(|element| element.value);
    next(0x02)?; // version
    let mut field = Reader::new(next(0x30)?);
    let mut coefficients = Reader::new(next(0x30)?);
    let generator = next(0x04)?;
    let order = next(0x02)?;
    field.expect(Tag(0x06)).ok()?;
    let p = field.expect(Tag(0x02)).ok()?.value;
    let a = coefficients.expect(Tag(0x04)).ok()?.value;
    let b = coefficients.expect(Tag(0x04)).ok()?.value;
    Some([p, a, b, generator, order].map(<[u8]>::to_vec))
}

impl CurveNumbers {
    pub(crate) fn of(curve: Curve) -> Option<Self> {
        let [p, a, b, _, order] = curve_parameters(curve)?.map(|bytes| BigUint::from_bytes_be(&bytes));
        Some(Self {
            p,
            a,
            b,
            order,
            length: curve.field_length(),
        })
    }

    /// The point encoding f_G in affine coordinates (appendix B.2), as 04 ‖ x ‖ y. It needs p ≡ 3 (mod 4).
    #[expect(clippy::many_single_char_names, reason = "the appendix's own names")]
    fn encode(&self, t: &BigUint) -> Option<Vec<u8>> {
        let p = &self.p;
        if p % 4_u8 != BigUint::from(3_u8) {
            return None;
        }
        let one = BigUint::from(1_u8);
        let inverse = |x: &BigUint| x.modpow(&(p - 2_u8), p);
        let alpha = p - t * t % p; // 1.: −t²
        let sum = (&alpha + &alpha * &alpha) % p;
        let b_over_a = (p - &self.b) * inverse(&self.a) % p;
        let x2 = b_over_a * (&one + inverse(&sum)) % p; // 2.
        let x3 = &alpha * &x2 % p; // 3.
        let h2 = self.right_side(&x2); // 4.; 5., h₃, is not needed
        let u = t * t % p * t % p * &h2 % p; // 6.
        // 7.: A = h₂^(p − 1 − (p + 1)/4)
        let a = h2.modpow(&(p - 1_u8 - (p + 1_u8) / 4_u8), p);
        let (x, y) = if &a * &a % p * &h2 % p == one {
            (x2, a * h2 % p) // 8.
        } else {
            (x3, a * u % p)
        };
        Some([vec![4], padded(&x, self.length), padded(&y, self.length)].concat())
    }

    fn right_side(&self, x: &BigUint) -> BigUint {
        (x * x % &self.p * x + &self.a * x + &self.b) % &self.p
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chipgate_crypto::PublicPoint;
    use rand::{Rng, SeedableRng, rngs::StdRng};

    fn bytes(digits: &str) -> Vec<u8> {
        hex::decode(digits).unwrap()
    }

    /// Doc 9303-11, appendix H.1: brainpoolP256r1, AES-128.
    #[test]
    fn maps_the_nonces_of_the_published_example() {
        let s = bytes("2923BE84E16CD6AE529049F1F1BBE9EB");
        let t = bytes("5DD4CBFC96F5453B130D890A1CDBAE32");
        let numbers = CurveNumbers::of(Curve::BrainpoolP256r1).unwrap();
        let u = pseudo_random(Cipher::Aes128, &s, &t, &numbers.p).unwrap();
        assert_eq!(
            padded(&u, 32),
            bytes("A2F8FF2DF50E52C6599F386ADCB595D229F6A167ADE2BE5F2C3296ADD5B7430E")
        );
        let mapped = integrated_mapping(Curve::BrainpoolP256r1.into(), Cipher::Aes128, &s, &t).unwrap();
        assert_eq!(
            mapped.encode(),
            bytes(concat!(
                "04",
                "8E82D31559ED0FDE92A4D0498ADD3C23BABA94FB77691E31E90AEA77FB17D427",
                "4C1AE14BD0C3DBAC0C871B7F3608169364437CA30AC243A089D3F266C1E60FAD"
            ))
        );
    }

    /// Doc 9303-11, appendix H.2: the group of 1024 bits, AES-128.
    #[test]
    fn maps_the_nonces_of_the_published_example_in_a_multiplicative_group() {
        let s = bytes("FA5B7E3E49753A0DB9178B7B9BD898C8");
        let t = bytes("B3A6DB3C870C3E99245E0D1C06B747DE");
        let group = DhGroup::Modp1024Subgroup160;
        let mapped = integrated_mapping(group.into(), Cipher::Aes128, &s, &t).unwrap();
        assert_eq!(
            mapped.encode(),
            bytes(concat!(
                "1D7D767F11E333BCD6DBAEF40E799E7A926B96973550656FF3C830726D118D61",
                "C276CDCC61D475CF03A98E0C0E79CAEBA5BE25578BD4551D0B10903236F0B0F9",
                "76852FA78EEA14EA0ACA87D1E91F688FE0DFF897BBE35A472621D343564B262F",
                "34223AE8FC59B664BFEDFA2BFE7516CA5510A6BBB633D517EC25D4E0BBAA16C2"
            ))
        );
    }

    #[test]
    fn every_field_element_gives_a_point_except_on_p_224() {
        let mut rng = StdRng::seed_from_u64(1);
        for curve in Curve::ALL {
            let numbers = CurveNumbers::of(curve).unwrap();
            for _ in 0..8 {
                let mut t = vec![0; 80];
                rng.fill_bytes(&mut t);
                let point = numbers.encode(&(BigUint::from_bytes_be(&t) % &numbers.p));
                match point {
                    Some(point) => assert!(PublicPoint::from_uncompressed(curve, &point).is_ok()),
                    None => assert_eq!(curve, Curve::P224),
                }
            }
        }
    }

    #[test]
    fn stays_in_the_subgroup_of_a_multiplicative_group_under_every_cipher() {
        for cipher in Cipher::ALL {
            let s = vec![0x5A; if cipher.key_length() == 16 { 16 } else { 32 }];
            let t = vec![0xA5; cipher.key_length()];
            for group in DhGroup::ALL {
                let mapped = integrated_mapping(group.into(), cipher, &s, &t).unwrap();
                let Element::Number(_, number) = mapped else {
                    panic!("a number")
                };
                assert!(group.check(number).is_some());
            }
        }
    }

    #[test]
    fn a_nonce_of_another_length_is_refused() {
        let group = KeyGroup::Curve(Curve::P256);
        assert!(integrated_mapping(group, Cipher::Aes128, &[1; 16], &[2; 15]).is_err());
    }
}
