use alloc::vec::Vec;

use crate::{ApduError, StatusWord};

/// A response APDU (ISO/IEC 7816-4, 5.1): data and status word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The response data field.
    pub data: Vec<u8>,
    /// SW1-SW2.
    pub status: StatusWord,
}

impl Response {
    /// A response with data.
    #[must_use]
    pub fn new(data: impl Into<Vec<u8>>, status: StatusWord) -> Self {
        Self {
            data: data.into(),
            status,
        }
    }

    /// A response that is a status word alone.
    #[must_use]
    pub const fn status_only(status: StatusWord) -> Self {
        Self {
            data: Vec::new(),
            status,
        }
    }

    /// Reads a response as it came; fails if it holds no status word.
    pub fn parse(bytes: &[u8]) -> Result<Self, ApduError> {
        let Some((data, status)) = bytes.split_last_chunk::<2>() else {
            return Err(ApduError::MissingStatusWord { length: bytes.len() });
        };
        Ok(Self {
            data: data.to_vec(),
            status: StatusWord(u16::from_be_bytes(*status)),
        })
    }

    /// Data and status word, as they go over the link.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = self.data.clone();
        bytes.extend_from_slice(&self.status.to_bytes());
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::Response;
    use crate::{ApduError, StatusWord};

    #[test]
    fn splits_data_and_status_word() {
        let response = Response::parse(&[1, 2, 0x62, 0x82]).unwrap();
        assert_eq!(response, Response::new([1, 2], StatusWord::END_OF_FILE));
        assert_eq!(response.encode(), [1, 2, 0x62, 0x82]);
    }

    #[test]
    fn rejects_a_response_without_a_status_word() {
        assert_eq!(
            Response::parse(&[0x90]),
            Err(ApduError::MissingStatusWord { length: 1 })
        );
    }
}
