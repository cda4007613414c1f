//! Of the two values of s that verify, the lower: a signed report has one form, and its hash names it.
//!
//! ECDSA takes (r, n − s) wherever it takes (r, s) (FIPS 186-5, 6.4.2: only the x-coordinate of the point counts).

use alloc::vec::Vec;

/// The order n of P-256's group (SP 800-186, 3.2.1.3).
const ORDER: [u8; 32] = [
    0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xBC,
    0xE6, 0xFA, 0xAD, 0xA7, 0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51,
];

/// Whether s, in a signature r ‖ s on P-256, is at most n / 2.
pub(crate) fn has_low_s(signature: &[u8]) -> bool {
    match signature.split_last_chunk::<32>() {
        // n is odd: s is the lower one if and only if it is less than n − s.
        Some((_, s)) => order_less(s).is_some_and(|other| *s < other),
        None => false,
    }
}

/// The signature r ‖ s with the lower s; what is no such signature stays as it is.
pub(crate) fn with_low_s(mut signature: Vec<u8>) -> Vec<u8> {
    if let Some((_, s)) = signature.split_last_chunk_mut::<32>()
        && let Some(other) = order_less(s)
        && other < *s
    {
        *s = other;
    }
    signature
}

/// n − s; none if s is greater than n.
fn order_less(s: &[u8; 32]) -> Option<[u8; 32]> {
    let mut difference = [0; 32];
    let mut borrow = false;
    for index in (0..32).rev() {
        let (less, first) = ORDER[index].overflowing_sub(s[index]);
        let (less, second) = less.overflowing_sub(u8::from(borrow));
        difference[index] = less;
        borrow = first || second;
    }
    (!borrow).then_some(difference)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn signature(s: [u8; 32]) -> Vec<u8> {
        [[7; 32], s].concat()
    }

    fn number(low: u8) -> [u8; 32] {
        let mut number = [0; 32];
        number[31] = low;
        number
    }

    /// n / 2, rounded down; computed with Python.
    const HALF: [u8; 32] = [
        0x7F, 0xFF, 0xFF, 0xFF, 0x80, 0x00, 0x00, 0x00, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xDE,
        0x73, 0x7D, 0x56, 0xD3, 0x8B, 0xCF, 0x42, 0x79, 0xDC, 0xE5, 0x61, 0x7E, 0x31, 0x92, 0xA8,
    ];

    #[test]
    fn the_half_of_the_order_is_the_highest_low_s() {
        let mut above = HALF;
        above[31] += 1;
        assert!(has_low_s(&signature(HALF)));
        assert!(!has_low_s(&signature(above)));
        assert_eq!(with_low_s(signature(above)), signature(HALF));
        assert_eq!(with_low_s(signature(HALF)), signature(HALF));
    }

    #[test]
    fn the_highest_s_becomes_one() {
        let mut highest = ORDER;
        highest[31] -= 1;
        assert_eq!(with_low_s(signature(highest)), signature(number(1)));
    }

    #[test]
    fn what_is_no_signature_has_no_low_s_and_stays() {
        for odd in [vec![], vec![1; 31], signature([0xFF; 32])] {
            assert!(!has_low_s(&odd));
            assert_eq!(with_low_s(odd.clone()), odd);
        }
    }
}
