use alloc::vec::Vec;

use chipgate_apdu::tlv::Tag;

use crate::LdsError;
use crate::asn1::{Components, INTEGER, find};

const CARD_CAPABILITIES: Tag = Tag(0x47);
const EXTENDED_LENGTH_INFORMATION: Tag = Tag(0x7F66);
const APPLICATION_TEMPLATE: Tag = Tag(0x61);
const APPLICATION_IDENTIFIER: Tag = Tag(0x4F);

/// EF.ATR/INFO: what the chip can take and give at once (Doc 9303-10, 3.11.1; ISO/IEC 7816-4, 12.1.1 and 12.7.1).
///
/// ```text
/// 47 card capabilities, three bytes   7F66 { 02 longest command   02 longest response } …
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Attributes {
    /// Commands may come in a chain.
    pub command_chaining: bool,
    /// Lc and Le may have three bytes.
    pub extended_length: bool,
    /// The longest command and the longest response in bytes, if the file says so.
    pub limits: Option<(usize, usize)>,
}

impl Attributes {
    /// Reads the whole file.
    pub fn parse(file: &[u8]) -> Result<Self, LdsError> {
        const STRUCTURE: &str = "EF.ATR/INFO";
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
        // The third byte is there if the chip says how it takes commands.
        let capabilities = find(STRUCTURE, file, CARD_CAPABILITIES)?;
        let third = capabilities.and_then(|bytes| bytes.get(2)).copied();
        Ok(Self {
            command_chaining: third.is_some_and(|byte| byte & 0x80 != 0),
            extended_length: third.is_some_and(|byte| byte & 0x40 != 0),
            limits,
        })
    }
}

impl Components<'_> {
    fn length(&mut self, field: &'static str) -> Result<usize, LdsError> {
        let value = self.expect(INTEGER)?.value;
        match value {
            [] => Err(self.invalid(field)),
            value if value.len() > 3 => Err(self.invalid(field)),
            value => Ok(value
                .iter()
                .fold(0, |length, &byte| (length << 8) | usize::from(byte))),
        }
    }
}

/// Reads EF.DIR: the names of the chip's applications (Doc 9303-10, 3.11.2).
///
/// ```text
/// 61 { 4F name } …
/// ```
pub fn parse_directory(file: &[u8]) -> Result<Vec<Vec<u8>>, LdsError> {
    const STRUCTURE: &str = "EF.DIR";
    let mut components = Components::new(STRUCTURE, file);
    let mut names = Vec::new();
    while let Some(element) = components.next()? {
        if element.tag == APPLICATION_TEMPLATE {
            let name = find(STRUCTURE, element.value, APPLICATION_IDENTIFIER)?;
            names.push(
                name.ok_or_else(|| components.invalid("an application's name"))?
                    .to_vec(),
            );
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::{Attributes, parse_directory};
    use crate::LDS_APPLICATION;

    #[test]
    fn reads_what_a_chip_can_take() {
        let file = hex::decode("47030000c07f66080202010002020800").unwrap();
        let attributes = Attributes::parse(&file).unwrap();
        assert!(attributes.command_chaining && attributes.extended_length);
        assert_eq!(attributes.limits, Some((256, 2048)));
        assert_eq!(Attributes::parse(&[]), Ok(Attributes::default()));
        assert!(Attributes::parse(&file[..file.len() - 1]).is_err());
    }

    #[test]
    fn lists_the_applications() {
        let file = hex::decode("61094f07a0000002471001610a4f08a000000247200100").unwrap();
        let names = parse_directory(&file).unwrap();
        assert_eq!(names[0], LDS_APPLICATION);
        assert_eq!(names.len(), 2);
        assert!(parse_directory(&[0x61, 0]).is_err());
        assert!(parse_directory(&file[..5]).is_err());
    }
}
