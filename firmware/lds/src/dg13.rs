use alloc::vec::Vec;

use chipgate_apdu::tlv::{self, Tag};

use crate::asn1::single;
use crate::{Dg13Vietnam, LdsError};

const TEMPLATE: Tag = Tag(0x6D);

/// DG13: what the issuing state likes to put there (Doc 9303-10, 4.7.13).
///
/// ```text
/// 6D { … }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub enum Dg13 {
    /// That of a Vietnamese citizen card, told by its layout.
    Vietnam(Dg13Vietnam),
    /// Another issuer's: the bytes in the template, as they stand.
    Other(Vec<u8>),
}

hide_in_debug!(Dg13);

impl Dg13 {
    /// Reads the whole file. What starts as a citizen card's and does not go on as one is an error and not another issuer's.
    pub fn parse(file: &[u8]) -> Result<Self, LdsError> {
        let value = single("DG13", file, TEMPLATE)?;
        if Dg13Vietnam::starts(value) {
            Dg13Vietnam::parse(file).map(Self::Vietnam)
        } else {
            Ok(Self::Other(value.to_vec()))
        }
    }

    /// Writes the file.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Vietnam(details) => details.encode(),
            Self::Other(value) => tlv::encode(TEMPLATE, value),
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::{format, vec, vec::Vec};

    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    use super::Dg13;
    use crate::vietnam::CitizenValue;
    use crate::{Dg13Vietnam, Text};

    #[test]
    fn a_citizen_cards_is_told_by_its_layout() {
        let details = Dg13Vietnam {
            fields: vec![(1, CitizenValue::Text(Text::from("001302012345")))],
        };
        let mut file = details.encode();
        assert!(matches!(Dg13::parse(&file), Ok(Dg13::Vietnam(read)) if read == details));
        // Behind its start, another object than a set.
        let set = file.iter().position(|&byte| byte == 0x31).unwrap();
        file[set] = 0x30;
        assert!(Dg13::parse(&file).is_err());
    }

    #[test]
    fn anything_else_is_kept_as_it_is() {
        for value in [&b""[..], b"national", &[0x30, 3, 2, 1, 2], &[0x30, 0x80]] {
            let group = Dg13::Other(value.to_vec());
            assert!(Dg13::parse(&group.encode()) == Ok(group));
        }
        assert_eq!(format!("{:?}", Dg13::Other(vec![1])), "Dg13 { .. }");
    }

    proptest! {
        #[test]
        fn survives_a_round_trip_and_fails_on_every_truncation(value: Vec<u8>) {
            let group = Dg13::Other(value);
            let file = group.encode();
            prop_assert_eq!(Dg13::parse(&file), Ok(group));
            for length in 0..file.len() {
                prop_assert!(Dg13::parse(&file[..length]).is_err());
            }
        }
    }
}
