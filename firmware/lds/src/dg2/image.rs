use crate::LdsError;
use crate::dg2::STRUCTURE;

/// How a picture is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ImageFormat {
    /// JPEG (ISO/IEC 10918-1).
    Jpeg,
    /// JPEG 2000 (ISO/IEC 15444-1), as a JP2 file or as a raw codestream.
    Jpeg2000,
}

/// What a picture's first bytes and its header say.
pub(super) struct Header {
    pub format: ImageFormat,
    pub width: u32,
    pub height: u32,
}

/// The signature box of a JP2 file (ISO/IEC 15444-1, I.5.1).
const JP2_SIGNATURE: [u8; 12] = [0, 0, 0, 12, b'j', b'P', b' ', b' ', 0x0D, 0x0A, 0x87, 0x0A];
/// SOC and SIZ, with which a codestream starts (ISO/IEC 15444-1, A.4.1 and A.5.1).
const CODESTREAM_START: [u8; 4] = [0xFF, 0x4F, 0xFF, 0x51];
/// SOI, and the start of the next marker (ISO/IEC 10918-1, B.1.1).
const JPEG_START: [u8; 3] = [0xFF, 0xD8, 0xFF];

impl Header {
    pub fn read(image: &[u8]) -> Result<Self, LdsError> {
        let (format, size) = if image.starts_with(&JPEG_START) {
            (ImageFormat::Jpeg, jpeg_size(image))
        } else if image.starts_with(&CODESTREAM_START) {
            (ImageFormat::Jpeg2000, codestream_size(image))
        } else if image.starts_with(&JP2_SIGNATURE) {
            (ImageFormat::Jpeg2000, jp2_size(image))
        } else {
            let what = "a picture that is neither JPEG nor JPEG 2000";
            return Err(LdsError::Unsupported {
                structure: STRUCTURE,
                what,
            });
        };
        match size {
            Some((width, height)) if width > 0 && height > 0 => Ok(Self {
                format,
                width,
                height,
            }),
            _ => Err(LdsError::Field {
                structure: STRUCTURE,
                field: "the header of a picture",
            }),
        }
    }
}

/// From the frame header: SOF0 to SOF15 without DHT, JPG and DAC (ISO/IEC 10918-1, B.2.2).
fn jpeg_size(image: &[u8]) -> Option<(u32, u32)> {
    let mut position = 2;
    loop {
        // Fill bytes may stand before a marker.
        while image.get(position..position + 2)? == [0xFF, 0xFF] {
            position += 1;
        }
        let &[0xFF, marker] = image.get(position..position + 2)? else {
            return None;
        };
        match marker {
            0xC0..=0xCF if !matches!(marker, 0xC4 | 0xC8 | 0xCC) => {
                let height = u16_at(image, position + 5)?;
                return Some((u16_at(image, position + 7)?.into(), height.into()));
            }
            // The scan or the end of the picture comes before any frame.
            0xDA | 0xD9 => return None,
            _ => position += 2 + usize::from(u16_at(image, position + 2)?),
        }
    }
}

/// From SIZ: the reference grid less the picture's offset (ISO/IEC 15444-1, A.5.1).
fn codestream_size(image: &[u8]) -> Option<(u32, u32)> {
    let width = u32_at(image, 8)?.checked_sub(u32_at(image, 16)?)?;
    let height = u32_at(image, 12)?.checked_sub(u32_at(image, 20)?)?;
    Some((width, height))
}

/// From the image header box, the first in the JP2 header box (ISO/IEC 15444-1, I.5.3.1).
fn jp2_size(image: &[u8]) -> Option<(u32, u32)> {
    let mut boxes = image;
    loop {
        let length = u32_at(boxes, 0)? as usize;
        if boxes.get(4..8)? == b"jp2h" {
            if boxes.get(12..16)? != b"ihdr" {
                return None;
            }
            return Some((u32_at(boxes, 20)?, u32_at(boxes, 16)?));
        }
        // A length below 8 is one in 64 bits or one to the end, neither of which stands before a header.
        boxes = boxes.get(length..).filter(|_| length >= 8)?;
    }
}

fn u16_at(bytes: &[u8], position: usize) -> Option<u16> {
    let field = bytes.get(position..position + 2)?;
    field.try_into().ok().map(u16::from_be_bytes)
}

fn u32_at(bytes: &[u8], position: usize) -> Option<u32> {
    let field = bytes.get(position..position + 4)?;
    field.try_into().ok().map(u32::from_be_bytes)
}

#[cfg(test)]
pub(super) mod tests {
    use alloc::vec::Vec;

    use proptest::prelude::{any, prop_assert_eq, proptest};

    use super::{CODESTREAM_START, Header, ImageFormat, JP2_SIGNATURE};

    /// The headers of a JPEG picture, without any data: APP0, a fill byte, a comment, then the frame.
    pub fn jpeg(width: u16, height: u16) -> Vec<u8> {
        let mut image = hex::decode("ffd8ffe0000400fffffffe0003aa").unwrap();
        image.extend([0xFF, 0xC2, 0, 11, 8]);
        image.extend(height.to_be_bytes());
        image.extend(width.to_be_bytes());
        image.extend([1, 1, 0x11, 0, 0xFF, 0xD9]);
        image
    }

    /// The start of a codestream whose grid is moved by (3, 5).
    pub fn codestream(width: u32, height: u32) -> Vec<u8> {
        let mut image = CODESTREAM_START.to_vec();
        image.extend([0, 41, 0, 0]);
        for number in [width + 3, height + 5, 3, 5] {
            image.extend(number.to_be_bytes());
        }
        image
    }

    fn jp2(width: u32, height: u32) -> Vec<u8> {
        let mut image = JP2_SIGNATURE.to_vec();
        image.extend(hex::decode("00000014667479706a703220000000006a703220").unwrap());
        image.extend(hex::decode("0000002d6a7032680000001669686472").unwrap());
        image.extend(height.to_be_bytes());
        image.extend(width.to_be_bytes());
        image
    }

    #[test]
    fn refuses_a_picture_that_it_does_not_know() {
        assert!(Header::read(b"\x89PNG\r\n\x1a\n").is_err());
        assert!(Header::read(b"").is_err());
        assert!(Header::read(&jpeg(0, 10)).is_err());
    }

    #[test]
    fn does_not_go_round_in_a_jp2_file_of_empty_boxes() {
        let mut image = JP2_SIGNATURE.to_vec();
        image.extend([0, 0, 0, 0, b'f', b'r', b'e', b'e']);
        assert!(Header::read(&image).is_err());
    }

    proptest! {
        #[test]
        fn reads_the_size_from_every_format(width in 1..=u16::MAX, height in 1..=u16::MAX) {
            let (wide, high) = (u32::from(width), u32::from(height));
            for (image, format) in [
                (jpeg(width, height), ImageFormat::Jpeg),
                (codestream(wide, high), ImageFormat::Jpeg2000),
                (jp2(wide, high), ImageFormat::Jpeg2000),
            ] {
                let header = Header::read(&image).unwrap();
                prop_assert_eq!((header.format, header.width, header.height), (format, wide, high));
            }
        }

        #[test]
        fn never_panics_on_any_bytes(tail: Vec<u8>, start in any::<bool>()) {
            let mut image = if start { JP2_SIGNATURE.to_vec() } else { [0xFF, 0xD8].to_vec() };
            image.extend(tail);
            let _ = Header::read(&image);
        }
    }
}
