//! PACE's integrated mapping (Doc 9303-11, 4.4.3.3.2): the pseudo-random function R(s, t), and the point encoding of
//! appendix B for curves. For groups modulo a prime see `dh_key`.

use alloc::vec::Vec;

use hex_literal::hex;
use zeroize::Zeroize;

use crate::domain_parameters::CurveParameters;
use crate::modular::{Modulus, Residue};
use crate::{Cipher, CryptoError, Curve, PublicPoint, Secret};

/// c₀ and c₁ for 3DES and AES-128.
const CONSTANTS_128: [&[u8]; 2] = [
    &hex!("a668892a7c41e3ca739f40b057d85904"),
    &hex!("a4e136ac725f738b01c1f60217c188ad"),
];
/// c₀ and c₁ for AES-192 and AES-256.
const CONSTANTS_256: [&[u8]; 2] = [
    &hex!("d463d65234124ef7897054986dca0a174e28df758cbaa03f240616414d5a1676"),
    &hex!("54bd7255f0aaf831bec3423fcf39d69b6cbf066677d0faae5aadd99df8e53517"),
];
/// So many bits more than the prime's the output has at least, so that it is nearly even modulo the prime.
const EXCESS_BITS: usize = 64;

/// R(s, t): at least 64 bits longer than the prime. `s` is the chip's nonce, `t` the terminal's.
pub(crate) fn pseudo_random(
    cipher: Cipher,
    s: &[u8],
    t: &[u8],
    prime_bits: usize,
) -> Result<Secret, CryptoError> {
    let [c0, c1] = match cipher {
        Cipher::TripleDes | Cipher::Aes128 => CONSTANTS_128,
        Cipher::Aes192 | Cipher::Aes256 => CONSTANTS_256,
    };
    for (nonce, expected) in [(s, c0.len()), (t, cipher.key_length())] {
        if nonce.len() != expected {
            let found = nonce.len();
            return Err(CryptoError::NonceLength { expected, found });
        }
    }
    let iv = &[0; 16][..cipher.block_length()];
    let encrypt = |key: &Secret, data: &[u8]| cipher.encrypt_cbc(key.as_bytes(), iv, data).map(Secret::new);
    // k₀ = E(t, s), kᵢ = E(kᵢ₋₁, c₀), xᵢ = E(kᵢ₋₁, c₁); a key keeps as many bytes as the cipher takes.
    let mut key = encrypt(&Secret::new(t), s)?;
    let rounds = (prime_bits + EXCESS_BITS).div_ceil(c0.len() * 8);
    let mut output = Secret::new(Vec::with_capacity(rounds * c0.len()));
    for _ in 0..rounds {
        key.truncate(cipher.key_length());
        output.append(&encrypt(&key, c1)?);
        key = encrypt(&key, c0)?;
    }
    Ok(output)
}

/// f_G: a point from a pseudo-random number (appendix B.2, affine coordinates), for primes p ≡ 3 modulo 4. The result is
/// on the curve, which has cofactor 1.
pub(crate) fn encode_to_point(curve: Curve, pseudo_random: &[u8]) -> Result<PublicPoint, CryptoError> {
    let impossible = CryptoError::MappingNotPossible { curve };
    if !curve.has_integrated_mapping() {
        return Err(impossible);
    }
    let parameters = CurveParameters::of(curve);
    let field = Modulus::new(parameters.p).ok_or(impossible)?;
    let a = field.reduce(parameters.a);
    let b = field.reduce(parameters.b);
    let t = field.reduce(pseudo_random);

    // 1. α = −t²
    let alpha = t.squared().negated();
    // 2. X₂ = −b·a⁻¹·(1 + (α + α²)⁻¹)
    let inverse = alpha.plus(&alpha.squared()).inverted().ok_or(impossible)?;
    let quotient = b.times(&a.inverted().ok_or(impossible)?).negated();
    let x2 = quotient.times(&field.one().plus(&inverse));
    // 3. X₃ = α·X₂
    let x3 = alpha.times(&x2);
    // 4. h₂ = X₂³ + a·X₂ + b
    let h2 = x2.squared().plus(&a).times(&x2).plus(&b);
    // 6. U = t³·h₂
    let t_cubed_h2 = t.squared().times(&t).times(&h2);
    // 7. A = h₂^(p − 1 − (p + 1)/4)
    let root = h2.power(&root_exponent(parameters.p));
    // 8. and 9. (X₂, A·h₂) if A²·h₂ = 1, else (X₃, A·U)
    let one = field.one();
    let is_square = root.squared().times(&h2);
    let choose = |when: &Residue, otherwise: &Residue| when.if_equal((&is_square, &one), otherwise);
    let coordinates = [
        choose(&x2, &x3),
        choose(&root.times(&h2), &root.times(&t_cubed_h2)),
    ];

    let mut encoded = alloc::vec![4];
    for coordinate in coordinates {
        encoded.extend_from_slice(&field.to_bytes(&coordinate));
    }
    let point = PublicPoint::from_uncompressed(curve, &encoded);
    encoded.zeroize();
    point
}

/// p − 1 − (p + 1)/4 = (3p − 5)/4 for p ≡ 3 modulo 4, that is 3·(p − 3)/4 + 1, big-endian.
fn root_exponent(p: &[u8]) -> Vec<u8> {
    // (p − 3) / 4: the two lowest bits of p are ones, so that a shift drops exactly them.
    let mut carry = 0;
    let quarter = p.iter().map(|byte| {
        let shifted = carry << 6 | byte >> 2;
        carry = byte & 3;
        shifted
    });
    let quarter: Vec<u8> = quarter.collect();
    let mut sum = 1_u16;
    let mut exponent = alloc::vec![0; p.len()];
    for (target, digit) in exponent.iter_mut().zip(quarter).rev() {
        sum += 3 * u16::from(digit);
        *target = sum as u8;
        sum >>= 8;
    }
    exponent
}
