use alloc::vec::Vec;

use chipgate_apdu::tlv::{self, Tag};

use crate::LdsError;
use crate::asn1::{Components, INTEGER, constructed, find, unsigned_integer};

const STRUCTURE: &str = "EF.ATR/INFO";
const CARD_CAPABILITIES: Tag = Tag(0x47);
const EXTENDED_LENGTH_INFORMATION: Tag = Tag(0x7F66);

/// In the first byte of the card capabilities, how files are selected: applications by their whole name.
const BY_NAME: u8 = 0x80;
/// And by short file identifier.
const SHORT_FILE_IDENTIFIERS: u8 = 0x04;
/// The second byte: data are counted in bytes, which are two units of four bits.
const UNITS_OF_A_BYTE: u8 = 0x01;
/// In the third byte: command chaining.
const COMMAND_CHAINING: u8 = 0x80;
/// In the third byte: extended Lc and Le fields.
const EXTENDED_LENGTH: u8 = 0x40;
/// And the lengths stand in this file.
const LIMITS_STATED: u8 = 0x20;

/// EF.ATR/INFO: what the chip can take and give at once (Doc 9303-10, 3.11.1; ISO/IEC 7816-4, 12.1.1 and 12.7.1).
///
/// ```text
/// 47 card capabilities, up to three bytes   7F66 { 02 longest command   02 longest response } …
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Attributes {
    /// Files may be read by their short identifiers.
    pub short_file_identifiers: bool,
    /// Commands may come in a chain.
    pub command_chaining: bool,
    /// Lc and Le may have three bytes.
    pub extended_length: bool,
    /// The longest command and the longest response in bytes, if the file says so.
    pub limits: Option<(usize, usize)>,
}

impl Attributes {
    /// Reads the whole file. Other data objects are passed over; a file that ends behind one is as whole as one with more.
    pub fn parse(file: &[u8]) -> Result<Self, LdsError> {
        let limits = match find(STRUCTURE, file, EXTENDED_LENGTH_INFORMATION)? {
            None => None,
            Some(information) => {
                let mut components = Components::new(STRUCTURE, information);
                let command = components.length("the longest command")?;
                let response = components.length("the longest response")?;
                components.finish()?;
                Some((command, response))
            }
        };
        let capabilities = find(STRUCTURE, file, CARD_CAPABILITIES)?.unwrap_or_default();
        // The third byte is there if the chip says how it takes commands.
        let has = |index: usize, bit: u8| capabilities.get(index).is_some_and(|byte| byte & bit != 0);
        Ok(Self {
            short_file_identifiers: has(0, SHORT_FILE_IDENTIFIERS),
            command_chaining: has(2, COMMAND_CHAINING),
            extended_length: has(2, EXTENDED_LENGTH),
            limits,
        })
    }

    /// Writes the file, for the side of the card, as every travel document has it (Doc 9303-10, table 29).
    pub fn encode(&self) -> Vec<u8> {
        let bit = |has: bool, bit: u8| if has { bit } else { 0 };
        let first = BY_NAME | bit(self.short_file_identifiers, SHORT_FILE_IDENTIFIERS);
        let third = bit(self.command_chaining, COMMAND_CHAINING)
            | bit(self.extended_length, EXTENDED_LENGTH)
            | bit(self.limits.is_some(), LIMITS_STATED);
        let mut file = tlv::encode(CARD_CAPABILITIES, &[first, UNITS_OF_A_BYTE, third]);
        if let Some((command, response)) = self.limits {
            let lengths = [command, response].map(|length| unsigned_integer(&length.to_be_bytes()));
            file.extend(constructed(EXTENDED_LENGTH_INFORMATION, &lengths));
        }
        file
    }
}

impl Components<'_> {
    /// A length of up to 16 MiB. The first bit is no sign, since chips write it so.
    fn length(&mut self, field: &'static str) -> Result<usize, LdsError> {
        let value = self.expect(INTEGER)?.value;
        let significant = value.iter().skip_while(|&&byte| byte == 0);
        if value.is_empty() || significant.clone().count() > 3 {
            return Err(self.invalid(field));
        }
        Ok(significant.fold(0, |length, &byte| (length << 8) | usize::from(byte)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    use super::Attributes;

    #[test]
    fn reads_what_a_chip_can_take() {
        let file = hex::decode("47038401e07f66080202010002020800").unwrap();
        let attributes = Attributes::parse(&file).unwrap();
        assert!(
            attributes.command_chaining && attributes.extended_length && attributes.short_file_identifiers
        );
        assert_eq!(attributes.limits, Some((256, 2048)));
        assert_eq!(attributes.encode(), file);
        assert_eq!(Attributes::parse(&[]), Ok(Attributes::default()));
        assert!(Attributes::parse(&file[..file.len() - 1]).is_err());
    }

    #[test]
    fn passes_over_what_else_the_file_says() {
        // Card service data, an initial access, capabilities of two bytes, then a length of 65,535 without a leading zero.
        let file = hex::decode("43010147020031 7f66090202ffff020300ffff".replace(' ', "")).unwrap();
        let attributes = Attributes::parse(&file).unwrap();
        assert!(!attributes.extended_length);
        assert_eq!(attributes.limits, Some((0xFFFF, 0xFFFF)));
        assert!(Attributes::parse(&hex::decode("7f66020200").unwrap()).is_err());
        assert!(Attributes::parse(&hex::decode("7f660a0204010000000202ffff").unwrap()).is_err());
    }

    proptest! {
        #[test]
        fn survives_a_round_trip(
            bits: (bool, bool, bool),
            limits in proptest::option::of((0..0x100_0000_usize, 0..0x100_0000_usize)),
        ) {
            let (short_file_identifiers, command_chaining, extended_length) = bits;
            let attributes = Attributes { short_file_identifiers, command_chaining, extended_length, limits };
            prop_assert_eq!(Attributes::parse(&attributes.encode()), Ok(attributes));
        }

        #[test]
        fn fails_on_every_truncation_inside_an_object(limits in any::<(u16, u16)>()) {
            let limits = Some((limits.0.into(), limits.1.into()));
            let file = Attributes { limits, ..Attributes::default() }.encode();
            // The file has no outer object: cut behind its first one, it is whole.
            for length in (1..file.len()).filter(|&length| length != 5) {
                prop_assert!(Attributes::parse(&file[..length]).is_err());
            }
        }
    }
}
