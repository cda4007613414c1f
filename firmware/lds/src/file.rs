use core::fmt;

use crate::LdsError;

/// The name of the application of electronic travel documents (Doc 9303-10, 3.6.3).
pub const LDS_APPLICATION: [u8; 7] = [0xA0, 0x00, 0x00, 0x02, 0x47, 0x10, 0x01];

/// One of the sixteen data groups, by its number (Doc 9303-10, 4.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DataGroup(u8);

/// The tags of DG1 to DG16 (Doc 9303-10, 4.7).
const DATA_GROUP_TAGS: [u8; 16] = [
    0x61, 0x75, 0x63, 0x76, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F, 0x70,
];

const DATA_GROUP_NAMES: [&str; 16] = [
    "DG1", "DG2", "DG3", "DG4", "DG5", "DG6", "DG7", "DG8", "DG9", "DG10", "DG11", "DG12", "DG13", "DG14",
    "DG15", "DG16",
];

const DATA_GROUP_FILES: [&str; 16] = [
    "DG1.bin", "DG2.bin", "DG3.bin", "DG4.bin", "DG5.bin", "DG6.bin", "DG7.bin", "DG8.bin", "DG9.bin",
    "DG10.bin", "DG11.bin", "DG12.bin", "DG13.bin", "DG14.bin", "DG15.bin", "DG16.bin",
];

impl DataGroup {
    /// The machine readable zone.
    pub const DG1: Self = Self(1);
    /// The face.
    pub const DG2: Self = Self(2);
    /// The fingers; read only after terminal authentication.
    pub const DG3: Self = Self(3);
    /// The irises; read only after terminal authentication.
    pub const DG4: Self = Self(4);
    /// The displayed portrait.
    pub const DG5: Self = Self(5);
    /// Reserved.
    pub const DG6: Self = Self(6);
    /// The displayed signature.
    pub const DG7: Self = Self(7);
    /// Data features.
    pub const DG8: Self = Self(8);
    /// Structure features.
    pub const DG9: Self = Self(9);
    /// Substance features.
    pub const DG10: Self = Self(10);
    /// Additional personal details.
    pub const DG11: Self = Self(11);
    /// Additional document details.
    pub const DG12: Self = Self(12);
    /// Optional details, as the issuer likes.
    pub const DG13: Self = Self(13);
    /// The security options: chip authentication, PACE, terminal authentication.
    pub const DG14: Self = Self(14);
    /// The public key of active authentication.
    pub const DG15: Self = Self(15);
    /// Persons to notify.
    pub const DG16: Self = Self(16);

    /// All of them, in their order.
    pub fn all() -> impl Iterator<Item = Self> {
        (1..=16).map(Self)
    }

    /// 1 to 16.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// The tag that its file starts with.
    pub const fn tag(self) -> u8 {
        DATA_GROUP_TAGS[self.0 as usize - 1]
    }

    /// The data group whose file starts with this tag, as EF.COM lists them.
    pub fn from_tag(tag: u8) -> Option<Self> {
        Self::all().find(|group| group.tag() == tag)
    }

    /// `DG1` to `DG16`.
    pub const fn name(self) -> &'static str {
        DATA_GROUP_NAMES[self.0 as usize - 1]
    }
}

impl TryFrom<u8> for DataGroup {
    type Error = LdsError;

    fn try_from(number: u8) -> Result<Self, LdsError> {
        if (1..=16).contains(&number) {
            Ok(Self(number))
        } else {
            Err(LdsError::Field {
                structure: "data group",
                field: "the number, 1 to 16,",
            })
        }
    }
}

impl fmt::Display for DataGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An elementary file of an electronic travel document (Doc 9303-10, 3.11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum File {
    /// EF.CardAccess, in the master file: what PACE needs, unsigned.
    CardAccess,
    /// EF.CardSecurity, in the master file: the signed SecurityInfos of PACE-CAM.
    CardSecurity,
    /// EF.DIR, in the master file: which applications there are.
    Directory,
    /// EF.ATR/INFO, in the master file: the longest commands and responses.
    Attributes,
    /// EF.CVCA: whose certificates the chip takes in terminal authentication; under these identifiers unless DG14 says others.
    Cvca,
    /// EF.COM: the list of the data groups, unsigned.
    Com,
    /// EF.SOD: the issuer's signature over the hashes of the data groups.
    Sod,
    /// A data group.
    DataGroup(DataGroup),
}

impl File {
    /// All of them: the master file's, then EF.CVCA, EF.COM, EF.SOD and the data groups.
    pub fn all() -> impl Iterator<Item = Self> {
        [
            Self::CardAccess,
            Self::CardSecurity,
            Self::Directory,
            Self::Attributes,
            Self::Cvca,
            Self::Com,
            Self::Sod,
        ]
        .into_iter()
        .chain(DataGroup::all().map(Self::DataGroup))
    }

    /// The file identifier for SELECT.
    pub const fn identifier(self) -> u16 {
        match self {
            Self::CardAccess | Self::Cvca => 0x011C,
            Self::CardSecurity | Self::Sod => 0x011D,
            Self::Directory => 0x2F00,
            Self::Attributes => 0x2F01,
            Self::Com => 0x011E,
            Self::DataGroup(group) => 0x0100 | group.0 as u16,
        }
    }

    /// The short file identifier for READ BINARY, 1 to 30.
    pub const fn short_identifier(self) -> u8 {
        match self {
            Self::CardAccess | Self::Cvca => 0x1C,
            Self::CardSecurity | Self::Sod => 0x1D,
            Self::Directory | Self::Com => 0x1E,
            Self::Attributes => 0x01,
            Self::DataGroup(group) => group.0,
        }
    }

    /// The tag of the one data object that the file is; EF.DIR, EF.ATR/INFO and EF.CVCA hold several.
    pub const fn tag(self) -> Option<u8> {
        match self {
            Self::CardAccess => Some(0x31),
            Self::CardSecurity => Some(0x30),
            Self::Directory | Self::Attributes | Self::Cvca => None,
            Self::Com => Some(0x60),
            Self::Sod => Some(0x77),
            Self::DataGroup(group) => Some(group.tag()),
        }
    }

    /// Whether it lies in the application of electronic travel documents; else it lies in the master file.
    pub const fn is_in_application(self) -> bool {
        matches!(self, Self::Cvca | Self::Com | Self::Sod | Self::DataGroup(_))
    }

    /// The standard's name: `EF.COM`, `DG1`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CardAccess => "EF.CardAccess",
            Self::CardSecurity => "EF.CardSecurity",
            Self::Directory => "EF.DIR",
            Self::Attributes => "EF.ATR/INFO",
            Self::Cvca => "EF.CVCA",
            Self::Com => "EF.COM",
            Self::Sod => "EF.SOD",
            Self::DataGroup(group) => group.name(),
        }
    }

    /// The name of a copy on a disk: `EF.COM.bin`, `DG1.bin`.
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::CardAccess => "EF.CardAccess.bin",
            Self::CardSecurity => "EF.CardSecurity.bin",
            Self::Directory => "EF.DIR.bin",
            Self::Attributes => "EF.ATR-INFO.bin",
            Self::Cvca => "EF.CVCA.bin",
            Self::Com => "EF.COM.bin",
            Self::Sod => "EF.SOD.bin",
            Self::DataGroup(group) => DATA_GROUP_FILES[group.0 as usize - 1],
        }
    }

    /// The file with this [`name`](Self::name).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::all().find(|file| file.name() == name)
    }

    /// The file whose copy on a disk has this [`file_name`](Self::file_name).
    pub fn from_file_name(name: &str) -> Option<Self> {
        Self::all().find(|file| file.file_name() == name)
    }
}

impl fmt::Display for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::{DataGroup, File};

    #[test]
    fn every_file_is_found_again_by_its_names() {
        for file in File::all() {
            assert_eq!(File::from_name(file.name()), Some(file));
            assert_eq!(File::from_file_name(file.file_name()), Some(file));
        }
        assert_eq!(File::from_name("DG17"), None);
    }

    #[test]
    fn knows_the_identifiers_of_doc_9303_10() {
        assert_eq!(File::Com.identifier(), 0x011E);
        assert_eq!(File::DataGroup(DataGroup::DG16).identifier(), 0x0110);
        assert_eq!(File::DataGroup(DataGroup::DG2).short_identifier(), 2);
        assert_eq!(File::DataGroup(DataGroup::DG2).tag(), Some(0x75));
        assert_eq!(DataGroup::from_tag(0x6E), Some(DataGroup::DG14));
        assert_eq!(DataGroup::from_tag(0x62), None);
    }

    #[test]
    fn rejects_a_data_group_outside_1_to_16() {
        assert!(DataGroup::try_from(0).is_err());
        assert!(DataGroup::try_from(17).is_err());
        assert_eq!(DataGroup::try_from(16), Ok(DataGroup::DG16));
    }
}
