//! Padding method 2 of ISO/IEC 9797-1: a byte 80, then as many 00 as fill the block.

use alloc::vec::Vec;

use crate::CryptoError;

/// The data with padding method 2 to a multiple of `block` bytes; at least one byte is added.
pub fn pad(data: &[u8], block: usize) -> Vec<u8> {
    let mut padded = data.to_vec();
    padded.push(0x80);
    padded.resize(padded.len().next_multiple_of(block.max(1)), 0);
    padded
}

/// The data without their padding; data that do not end in 80 00* are refused.
pub fn unpad(padded: &[u8]) -> Result<&[u8], CryptoError> {
    let last = padded
        .iter()
        .rposition(|byte| *byte != 0)
        .ok_or(CryptoError::Padding)?;
    if padded[last] != 0x80 {
        return Err(CryptoError::Padding);
    }
    Ok(&padded[..last])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pads_a_full_block_with_another() {
        assert_eq!(
            pad(&[1; 8], 8),
            [1, 1, 1, 1, 1, 1, 1, 1, 0x80, 0, 0, 0, 0, 0, 0, 0]
        );
        assert_eq!(pad(&[], 8), [0x80, 0, 0, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn refuses_data_without_the_marker() {
        assert_eq!(unpad(&[]), Err(CryptoError::Padding));
        assert_eq!(unpad(&[0; 8]), Err(CryptoError::Padding));
        assert_eq!(unpad(&[1, 2, 3, 0]), Err(CryptoError::Padding));
    }

    proptest! {
        #[test]
        fn what_was_padded_is_unpadded(data: Vec<u8>, block in 1usize..33) {
            let padded = pad(&data, block);
            prop_assert_eq!(padded.len() % block, 0);
            prop_assert_eq!(unpad(&padded), Ok(&data[..]));
        }
    }
}
