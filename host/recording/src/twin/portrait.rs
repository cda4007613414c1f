//! Pictures that show no one, as long as the ones that they stand for.
//!
//! A JPEG shows a head and shoulders in squares of eight pixels: each block has its mean alone, so that a picture takes a
//! few hundred bytes. A JPEG 2000 picture is an even grey: its only packet is empty. Comments fill both up.

use chipgate_lds::{FaceImage, ImageFormat};

/// What fills a picture up.
const FILLING: &[u8] = b"TEST";
const SMALLEST_SIDE: u32 = 8;

/// A picture of the same format, size and length in bytes; smaller, and at last none, where the length leaves no other way.
pub(super) fn invented(original: &[u8]) -> Vec<u8> {
    as_long(original, original.len())
}

/// The same with a length of its own.
pub(super) fn as_long(original: &[u8], length: usize) -> Vec<u8> {
    let (format, mut width, mut height) = match FaceImage::new(original.to_vec()) {
        Ok(image) => (image.format, image.width, image.height),
        Err(_) => (ImageFormat::Jpeg, 240, 320),
    };
    loop {
        let picture = match format {
            ImageFormat::Jpeg => jpeg(width, height, length),
            ImageFormat::Jpeg2000 if original.starts_with(&[0, 0, 0, 12]) => jp2(width, height, length),
            ImageFormat::Jpeg2000 => codestream(width, height, length),
        };
        match picture {
            Some(picture) => return picture,
            None if width > SMALLEST_SIDE && height > SMALLEST_SIDE => {
                (width, height) = (width / 2, height / 2);
            }
            // What the picture begins with tells its format, and nothing else.
            None => {
                let mut rest = vec![0; length];
                let kept = length.min(original.len()).min(3);
                rest[..kept].copy_from_slice(&original[..kept]);
                return rest;
            }
        }
    }
}

/// Segments with a comment that take this many bytes; `None` for a number that none can have.
fn comments(marker: u8, mut length: usize) -> Option<Vec<u8>> {
    const LONGEST: usize = 60_000;
    let mut bytes = Vec::with_capacity(length);
    while length > 0 {
        let mut part = length.min(LONGEST);
        if length != part && length - part < 6 {
            part -= 6;
        }
        let text = part.checked_sub(6)?; // marker, length, and two bytes that JPEG 2000 wants
        bytes.extend([0xFF, marker]);
        bytes.extend(u16::try_from(part - 2).ok()?.to_be_bytes());
        bytes.extend([0, 1]);
        bytes.extend(FILLING.iter().cycle().take(text));
        length -= part;
    }
    Some(bytes)
}

/// A picture without comments, filled up to `length` where `place` is.
fn filled(picture: &[u8], place: usize, marker: u8, length: usize) -> Option<Vec<u8>> {
    let missing = length.checked_sub(picture.len())?;
    let (head, tail) = picture.split_at_checked(place)?;
    // Too few bytes for a comment go behind the end, where no decoder looks.
    let (inside, behind) = if missing < 6 { (0, missing) } else { (missing, 0) };
    let mut bytes = head.to_vec();
    bytes.extend(comments(marker, inside)?);
    bytes.extend_from_slice(tail);
    bytes.extend(std::iter::repeat_n(0, behind));
    Some(bytes)
}

/// A baseline JPEG in grey (ITU-T T.81).
fn jpeg(width: u32, height: u32, length: usize) -> Option<Vec<u8>> {
    let (columns, rows) = (width.div_ceil(8), height.div_ceil(8));
    if columns == 0 || rows == 0 || u64::from(columns) * u64::from(rows) > length as u64 * 4 {
        return None; // each block takes two bits at least
    }
    let mut bytes = vec![0xFF, 0xD8, 0xFF, 0xDB, 0x00, 0x43, 0x00];
    bytes.extend([8; 64]); // every quantiser is 8: a mean is its distance from 128
    bytes.extend([0xFF, 0xC0, 0x00, 0x0B, 0x08]);
    bytes.extend(u16::try_from(height).ok()?.to_be_bytes());
    bytes.extend(u16::try_from(width).ok()?.to_be_bytes());
    bytes.extend([0x01, 0x01, 0x11, 0x00]);
    // Two codes for means: 0 for "as before", 10 for a step of seven bits. One for the rest: 0, "nothing follows".
    bytes.extend([0xFF, 0xC4, 0x00, 0x15, 0x00, 1, 1]);
    bytes.extend([0; 14]);
    bytes.extend([0x00, 0x07]);
    bytes.extend([0xFF, 0xC4, 0x00, 0x14, 0x10, 1]);
    bytes.extend([0; 15]);
    bytes.push(0x00);
    bytes.extend([0xFF, 0xDA, 0x00, 0x08, 0x01, 0x01, 0x00, 0x00, 0x3F, 0x00]);
    bytes.extend(blocks(columns, rows));
    bytes.extend([0xFF, 0xD9]);
    filled(&bytes, 2, 0xFE, length)
}

/// The entropy-coded means.
fn blocks(columns: u32, rows: u32) -> Vec<u8> {
    const LIGHT: i16 = 72;
    const DARK: i16 = -28;
    let mut bits = Bits::default();
    let mut before = 0;
    for row in 0..rows {
        for column in 0..columns {
            let mean = if is_person(column, row, columns, rows) {
                DARK
            } else {
                LIGHT
            };
            match mean - before {
                0 => bits.push(0b0, 1),
                // A positive step as it is, a negative one less one, in seven bits (F.1.2.1).
                step => {
                    bits.push(0b10, 2);
                    let bits_of_step = if step > 0 { step } else { step - 1 };
                    bits.push(bits_of_step.cast_unsigned() & 0x7F, 7);
                }
            }
            bits.push(0b0, 1);
            before = mean;
        }
    }
    bits.finish()
}

/// A head, and shoulders below it.
fn is_person(column: u32, row: u32, columns: u32, rows: u32) -> bool {
    let inside = |across: i64, down: i64, half_width: i64, half_height: i64| {
        let x = (i64::from(column) * 100 / i64::from(columns) - across) * half_height;
        let y = (i64::from(row) * 100 / i64::from(rows) - down) * half_width;
        x * x + y * y <= (half_width * half_height).pow(2)
    };
    inside(50, 40, 22, 25) || inside(50, 105, 42, 35)
}

#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    waiting: u32,
    count: u32,
}

impl Bits {
    fn push(&mut self, value: u16, count: u32) {
        self.waiting = self.waiting << count | u32::from(value);
        self.count += count;
        while self.count >= 8 {
            self.count -= 8;
            self.byte((self.waiting >> self.count) as u8);
        }
    }

    /// FF is followed by 00, so that it is no marker.
    fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
        if byte == 0xFF {
            self.bytes.push(0);
        }
    }

    /// Ones fill the last byte.
    fn finish(mut self) -> Vec<u8> {
        if self.count > 0 {
            let rest = 8 - self.count;
            self.push((1 << rest) - 1, rest);
        }
        self.bytes
    }
}

/// A JPEG 2000 codestream of one component and one empty packet (ITU-T T.800, annex A).
fn codestream(width: u32, height: u32, length: usize) -> Option<Vec<u8>> {
    if width == 0 || height == 0 {
        return None;
    }
    let mut bytes = vec![0xFF, 0x4F, 0xFF, 0x51, 0x00, 41, 0x00, 0x00];
    for side in [width, height, 0, 0, width, height, 0, 0] {
        bytes.extend(side.to_be_bytes());
    }
    bytes.extend([0x00, 0x01, 7, 1, 1]); // one component of eight bits
    bytes.extend([0xFF, 0x52, 0x00, 12, 0, 0, 0, 1, 0, 0, 4, 4, 0, 1]); // one layer, no decomposition, 5-3
    bytes.extend([0xFF, 0x5C, 0x00, 4, 0x40, 0x40]); // no quantisation, eight bits
    let main_header = bytes.len();
    // The tile-part: its header of 12 bytes, SOD, the packet.
    bytes.extend([
        0xFF, 0x90, 0x00, 10, 0x00, 0x00, 0, 0, 0, 15, 0, 1, 0xFF, 0x93, 0x00,
    ]);
    bytes.extend([0xFF, 0xD9]);
    filled(&bytes, main_header, 0x64, length)
}

/// The same in a JP2 file (ITU-T T.800, annex I).
fn jp2(width: u32, height: u32, length: usize) -> Option<Vec<u8>> {
    let header = |size: usize, kind: &[u8; 4]| [&(size as u32).to_be_bytes()[..], kind].concat();
    let mut bytes = header(12, b"jP  ");
    bytes.extend([0x0D, 0x0A, 0x87, 0x0A]);
    bytes.extend(header(20, b"ftyp"));
    bytes.extend(b"jp2 \0\0\0\0jp2 ");
    bytes.extend(header(45, b"jp2h"));
    bytes.extend(header(22, b"ihdr"));
    bytes.extend(height.to_be_bytes());
    bytes.extend(width.to_be_bytes());
    bytes.extend([0, 1, 7, 7, 0, 0]);
    bytes.extend(header(15, b"colr"));
    bytes.extend([1, 0, 0, 0, 0, 0, 17]); // grey
    let rest = length.checked_sub(bytes.len() + 8)?;
    bytes.extend(header(rest + 8, b"jp2c"));
    bytes.extend(codestream(width, height, rest)?);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use chipgate_lds::{FaceImage, ImageFormat};

    use super::{codestream, invented, jp2, jpeg};

    #[test]
    fn pictures_are_as_long_as_wanted_and_say_their_size() {
        for (width, height, length) in [
            (240, 320, 3000),
            (240, 320, 3001),
            (413, 531, 20_000),
            (8, 8, 400),
            (413, 531, 130_000),
        ] {
            for (picture, format) in [
                (jpeg(width, height, length), ImageFormat::Jpeg),
                (jp2(width, height, length), ImageFormat::Jpeg2000),
                (codestream(width, height, length), ImageFormat::Jpeg2000),
            ] {
                let picture = picture.unwrap();
                assert_eq!(picture.len(), length);
                let image = FaceImage::new(picture).unwrap();
                assert_eq!((image.format, image.width, image.height), (format, width, height));
            }
        }
    }

    #[test]
    fn a_length_that_holds_no_picture_still_gets_its_bytes() {
        for length in 0..300 {
            assert_eq!(invented(&vec![0xFF; length]).len(), length);
        }
    }
}
