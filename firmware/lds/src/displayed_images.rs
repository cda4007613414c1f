//! DG5 and DG7: pictures that are shown to people and not compared by machines.

use alloc::vec::Vec;
use core::fmt;

use chipgate_apdu::tlv::{self, Tag};

use crate::asn1::{Components, INTEGER, single};
use crate::{FaceImage, ImageFormat, LdsError};

/// A picture to show, as it stands in the file. It does not appear in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct DisplayedImage {
    /// A JPEG file, a JP2 file or a JPEG 2000 codestream, as issuers write; nothing of it is checked.
    pub image: Vec<u8>,
}

impl DisplayedImage {
    /// How it is compressed, by its first bytes, if it is known here and has a size.
    pub fn format(&self) -> Option<ImageFormat> {
        FaceImage::new(self.image.clone())
            .ok()
            .map(|picture| picture.format)
    }
}

impl fmt::Debug for DisplayedImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DisplayedImage")
            .field("length", &self.image.len())
            .finish_non_exhaustive()
    }
}

/// The layout that both files have.
struct Layout {
    structure: &'static str,
    template: Tag,
    picture: Tag,
}

/// Doc 9303-10, 4.7.5.
const DG5: Layout = Layout {
    structure: "DG5",
    template: Tag(0x65),
    picture: Tag(0x5F40),
};

/// Doc 9303-10, 4.7.7.
const DG7: Layout = Layout {
    structure: "DG7",
    template: Tag(0x67),
    picture: Tag(0x5F43),
};

impl Layout {
    fn parse(&self, file: &[u8]) -> Result<Vec<DisplayedImage>, LdsError> {
        let value = single(self.structure, file, self.template)?;
        let mut components = Components::new(self.structure, value);
        let count = components.small_integer("the number of pictures")?;
        let mut images = Vec::new();
        for _ in 0..count {
            let image = components.expect(self.picture)?.value.to_vec();
            images.push(DisplayedImage { image });
        }
        components.finish()?;
        Ok(images)
    }

    fn encode(&self, images: &[DisplayedImage]) -> Result<Vec<u8>, LdsError> {
        let count = u8::try_from(images.len()).ok().filter(|&count| count < 0x80);
        let count = count.ok_or(LdsError::DoesNotFit {
            structure: self.structure,
            field: "the number of pictures",
        })?;
        let mut value = tlv::encode(INTEGER, &[count]);
        for image in images {
            value.extend(tlv::encode(self.picture, &image.image));
        }
        Ok(tlv::encode(self.template, &value))
    }
}

/// DG5: the portrait as it is printed (Doc 9303-10, 4.7.5).
///
/// ```text
/// 65 { 02 number of pictures   5F40 picture … }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dg5 {
    /// Portraits, as a rule one.
    pub portraits: Vec<DisplayedImage>,
}

impl Dg5 {
    /// Reads the whole file.
    pub fn parse(file: &[u8]) -> Result<Self, LdsError> {
        let portraits = DG5.parse(file)?;
        Ok(Self { portraits })
    }

    /// Writes the file.
    pub fn encode(&self) -> Result<Vec<u8>, LdsError> {
        DG5.encode(&self.portraits)
    }
}

/// DG7: the holder's signature or usual mark as it is printed (Doc 9303-10, 4.7.7).
///
/// ```text
/// 67 { 02 number of pictures   5F43 picture … }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dg7 {
    /// Signatures, as a rule one.
    pub signatures: Vec<DisplayedImage>,
}

impl Dg7 {
    /// Reads the whole file.
    pub fn parse(file: &[u8]) -> Result<Self, LdsError> {
        let signatures = DG7.parse(file)?;
        Ok(Self { signatures })
    }

    /// Writes the file.
    pub fn encode(&self) -> Result<Vec<u8>, LdsError> {
        DG7.encode(&self.signatures)
    }
}

#[cfg(test)]
mod tests {
    use alloc::{vec, vec::Vec};

    use proptest::prelude::{Strategy, any, prop, prop_assert, prop_assert_eq, proptest};

    use super::{Dg5, Dg7, DisplayedImage};

    #[test]
    fn each_file_has_its_own_tags() {
        let image = || DisplayedImage {
            image: vec![0xFF, 0xD8],
        };
        let dg5 = Dg5 {
            portraits: vec![image()],
        }
        .encode()
        .unwrap();
        assert_eq!(hex::encode(&dg5), "65080201015f4002ffd8");
        let dg7 = Dg7 {
            signatures: vec![image(), image()],
        }
        .encode()
        .unwrap();
        assert_eq!(hex::encode(&dg7), "670d0201025f4302ffd85f4302ffd8");
        assert!(Dg5::parse(&dg7).is_err());
        assert!(Dg7::parse(&hex::decode("67080201015f4002ffd8").unwrap()).is_err());
        assert_eq!(image().format(), None);
    }

    fn images() -> impl Strategy<Value = Vec<DisplayedImage>> {
        let image = prop::collection::vec(any::<u8>(), 0..200).prop_map(|image| DisplayedImage { image });
        prop::collection::vec(image, 0..4)
    }

    proptest! {
        #[test]
        fn survives_a_round_trip_and_fails_on_every_truncation(images in images()) {
            let dg5 = Dg5 { portraits: images.clone() };
            let file = dg5.encode().unwrap();
            prop_assert_eq!(Dg5::parse(&file), Ok(dg5));
            let dg7 = Dg7 { signatures: images };
            prop_assert_eq!(Dg7::parse(&dg7.encode().unwrap()), Ok(dg7));
            for length in 0..file.len() {
                prop_assert!(Dg5::parse(&file[..length]).is_err());
            }
        }

        #[test]
        fn never_panics_when_a_bit_is_altered(images in images(), bit: prop::sample::Index) {
            let mut file = Dg5 { portraits: images }.encode().unwrap();
            let bit = bit.index(file.len() * 8);
            file[bit / 8] ^= 1 << (bit % 8);
            let _ = Dg5::parse(&file);
        }
    }
}
