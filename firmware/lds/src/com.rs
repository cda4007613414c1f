use alloc::{borrow::ToOwned, string::String, vec::Vec};

use chipgate_apdu::tlv::{self, Tag};

use crate::asn1::{Components, single};
use crate::{DataGroup, LdsError};

const STRUCTURE: &str = "EF.COM";
const TEMPLATE: Tag = Tag(0x60);
const LDS_VERSION: Tag = Tag(0x5F01);
const UNICODE_VERSION: Tag = Tag(0x5F36);
const TAG_LIST: Tag = Tag(0x5C);

/// EF.COM: which data groups the chip says it has, unsigned (Doc 9303-10, 4.6.1).
///
/// ```text
/// 60 { 5F01 LDS version "0107"   5F36 Unicode version "040000"   5C tags of the data groups }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Com {
    /// Version and update level of the LDS, two digits each: `0107`.
    pub lds_version: String,
    /// Major, minor and release of Unicode, two digits each: `040000`.
    pub unicode_version: String,
    /// The data groups in the order of the list, on which nothing may rely.
    pub data_groups: Vec<DataGroup>,
}

impl Com {
    /// Reads the whole file.
    pub fn parse(file: &[u8]) -> Result<Self, LdsError> {
        let mut components = Components::new(STRUCTURE, single(STRUCTURE, file, TEMPLATE)?);
        let lds_version = digits(&mut components, LDS_VERSION, 4, "the LDS version")?;
        let unicode_version = digits(&mut components, UNICODE_VERSION, 6, "the Unicode version")?;
        let tags = components.expect(TAG_LIST)?.value;
        let data_groups: Option<Vec<_>> = tags.iter().map(|&tag| DataGroup::from_tag(tag)).collect();
        Ok(Self {
            lds_version,
            unicode_version,
            data_groups: data_groups.ok_or_else(|| components.invalid("the tag list"))?,
        })
    }

    /// Writes the file.
    pub fn encode(&self) -> Vec<u8> {
        let tags: Vec<u8> = self.data_groups.iter().map(|group| group.tag()).collect();
        let parts = [
            tlv::encode(LDS_VERSION, self.lds_version.as_bytes()),
            tlv::encode(UNICODE_VERSION, self.unicode_version.as_bytes()),
            tlv::encode(TAG_LIST, &tags),
        ];
        tlv::encode(TEMPLATE, &parts.concat())
    }
}

fn digits(
    components: &mut Components<'_>,
    tag: Tag,
    length: usize,
    field: &'static str,
) -> Result<String, LdsError> {
    let value = components.expect(tag)?.value;
    let valid = value.len() == length && value.iter().all(u8::is_ascii_digit);
    let text = core::str::from_utf8(value).ok().filter(|_| valid);
    text.map(ToOwned::to_owned)
        .ok_or_else(|| components.invalid(field))
}

#[cfg(test)]
mod tests {
    use super::Com;
    use crate::{DataGroup, LdsError};

    #[test]
    fn reads_the_example_of_doc_9303_10() {
        // Doc 9303-10, 4.6.1.1: LDS 1.7, Unicode 4.0.0, DG1, DG2, DG4 and DG12.
        let file = hex::decode("60165F0104303130375F36063034303030305C046175766C").unwrap();
        let com = Com::parse(&file).unwrap();
        assert_eq!(com.lds_version, "0107");
        assert_eq!(com.unicode_version, "040000");
        let (dg4, dg12) = (DataGroup::DG4, DataGroup::DG12);
        assert_eq!(com.data_groups, [DataGroup::DG1, DataGroup::DG2, dg4, dg12]);
        assert_eq!(com.encode(), file);
    }

    #[test]
    fn fails_on_every_truncation() {
        let file = hex::decode("60165F0104303130375F36063034303030305C046175766C").unwrap();
        for length in 0..file.len() {
            assert!(Com::parse(&file[..length]).is_err());
        }
    }

    #[test]
    fn rejects_a_tag_that_no_data_group_has() {
        let file = hex::decode("60165F0104303130375F36063034303030305C046175626C").unwrap();
        let field = "the tag list";
        assert_eq!(
            Com::parse(&file),
            Err(LdsError::Field {
                structure: "EF.COM",
                field
            })
        );
    }
}
