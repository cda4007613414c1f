//! A cascade of regression trees as flat numbers, lowest byte first: what dlib's shape predictor is converted to, since
//! reading it so takes a few milliseconds.
//!
//! The file: the mark `CGTREES1`; points, cascades; the mean shape; then for each cascade the number of pixels and trees,
//! the anchors, the deltas, the splits and the leaves.

use crate::ModelsError;

const MARK: &[u8; 8] = b"CGTREES1";

/// The cascade and the shape that it begins with.
#[derive(Debug, Clone, PartialEq)]
pub struct Trees {
    /// x and y of each point, as shares of the square.
    pub mean: Vec<f32>,
    /// The forests, in order.
    pub cascades: Vec<Cascade>,
}

/// A forest and the pixels that it looks at.
#[derive(Debug, Clone, PartialEq)]
pub struct Cascade {
    /// The point that each pixel is near.
    pub anchors: Vec<u16>,
    /// From that point to the pixel, on the mean shape.
    pub deltas: Vec<[f32; 2]>,
    /// [`Trees::SPLITS`] for each tree.
    pub splits: Vec<Split>,
    /// For each tree and each of its leaves one number for each of the shape.
    pub leaves: Vec<f32>,
}

/// A question: is the first pixel brighter than the second by more than the threshold?
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Split {
    /// The first pixel's number.
    pub first: u16,
    /// The second pixel's number.
    pub second: u16,
    /// In grey values from 0 to 255.
    pub threshold: f32,
}

impl Trees {
    /// Splits of a tree: four questions lead to one of 16 leaves.
    pub const SPLITS: usize = 15;

    /// As the file that [`Trees::from_bytes`] reads.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MARK.to_vec();
        let number = |value: usize| (value as u32).to_le_bytes();
        bytes.extend(number(self.mean.len()));
        bytes.extend(number(self.cascades.len()));
        bytes.extend(self.mean.iter().flat_map(|value| value.to_le_bytes()));
        for cascade in &self.cascades {
            bytes.extend(number(cascade.anchors.len()));
            bytes.extend(number(cascade.splits.len() / Self::SPLITS));
            bytes.extend(cascade.anchors.iter().flat_map(|anchor| anchor.to_le_bytes()));
            bytes.extend(
                cascade
                    .deltas
                    .iter()
                    .flatten()
                    .flat_map(|value| value.to_le_bytes()),
            );
            for split in &cascade.splits {
                bytes.extend(split.first.to_le_bytes());
                bytes.extend(split.second.to_le_bytes());
                bytes.extend(split.threshold.to_le_bytes());
            }
            bytes.extend(cascade.leaves.iter().flat_map(|value| value.to_le_bytes()));
        }
        bytes
    }

    /// Reads such a file, and checks that no index leaves its list.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelsError> {
        let mut reader = Reader { bytes, at: 0 };
        if reader.take(8)? != MARK {
            return Err(reader.error("the mark CGTREES1"));
        }
        let (length, count) = (reader.number()?, reader.number()?);
        let mean = reader.floats(length)?;
        let mut cascades = Vec::new();
        for _ in 0..count {
            cascades.push(reader.cascade(length)?);
        }
        if reader.at != bytes.len() || length == 0 || !length.is_multiple_of(2) {
            return Err(reader.error("the end of the file"));
        }
        Ok(Self { mean, cascades })
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn error(&self, expected: &str) -> ModelsError {
        ModelsError::UnexpectedNetwork {
            offset: self.at,
            expected: expected.to_owned(),
        }
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], ModelsError> {
        let taken = self
            .at
            .checked_add(length)
            .and_then(|end| self.bytes.get(self.at..end))
            .ok_or_else(|| self.error("more bytes"))?;
        self.at += length;
        Ok(taken)
    }

    fn many(&mut self, count: usize, size: usize) -> Result<&'a [u8], ModelsError> {
        let length = count
            .checked_mul(size)
            .ok_or_else(|| self.error("a shorter list"))?;
        self.take(length)
    }

    fn number(&mut self) -> Result<usize, ModelsError> {
        let bytes = self.many(1, 4)?;
        Ok(bytes
            .iter()
            .rev()
            .fold(0, |value, byte| value << 8 | usize::from(*byte)))
    }

    fn floats(&mut self, count: usize) -> Result<Vec<f32>, ModelsError> {
        let (quads, _) = self.many(count, 4)?.as_chunks::<4>();
        Ok(quads.iter().map(|quad| f32::from_le_bytes(*quad)).collect())
    }

    fn cascade(&mut self, length: usize) -> Result<Cascade, ModelsError> {
        let (pixels, trees) = (self.number()?, self.number()?);
        let (pairs, _) = self.many(pixels, 2)?.as_chunks::<2>();
        let anchors: Vec<_> = pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
        let deltas = self.floats(2 * pixels)?.as_chunks::<2>().0.to_vec();
        let splits = self.splits(trees.saturating_mul(Trees::SPLITS))?;
        let leaves = self.floats(trees.saturating_mul(Trees::SPLITS + 1).saturating_mul(length))?;
        let fits = anchors.iter().all(|anchor| usize::from(*anchor) < length / 2)
            && splits
                .iter()
                .all(|split| usize::from(split.first.max(split.second)) < pixels);
        if !fits {
            return Err(self.error("pixels and splits that fit each other"));
        }
        Ok(Cascade {
            anchors,
            deltas,
            splits,
            leaves,
        })
    }

    fn splits(&mut self, count: usize) -> Result<Vec<Split>, ModelsError> {
        let (eights, _) = self.many(count, 8)?.as_chunks::<8>();
        let split = |[a, b, c, d, e, f, g, h]: &[u8; 8]| Split {
            first: u16::from_le_bytes([*a, *b]),
            second: u16::from_le_bytes([*c, *d]),
            threshold: f32::from_le_bytes([*e, *f, *g, *h]),
        };
        Ok(eights.iter().map(split).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trees() -> Trees {
        let split = Split {
            first: 1,
            second: 0,
            threshold: 2.5,
        };
        let cascade = Cascade {
            anchors: vec![0, 1],
            deltas: vec![[0.1, 0.2], [0.3, -0.4]],
            splits: vec![split; Trees::SPLITS],
            leaves: vec![0.5; 4 * (Trees::SPLITS + 1)],
        };
        Trees {
            mean: vec![0.2, 0.3, 0.7, 0.3],
            cascades: vec![cascade],
        }
    }

    #[test]
    fn a_cascade_survives_its_file() {
        assert_eq!(Trees::from_bytes(&trees().to_bytes()).unwrap(), trees());
    }

    #[test]
    fn rejects_every_truncation_and_what_follows() {
        let bytes = trees().to_bytes();
        for length in 0..bytes.len() {
            assert!(Trees::from_bytes(&bytes[..length]).is_err(), "{length}");
        }
        assert!(Trees::from_bytes(&[bytes, vec![0]].concat()).is_err());
    }

    #[test]
    fn rejects_a_split_that_looks_at_a_pixel_there_is_not() {
        let mut broken = trees();
        broken.cascades[0].splits[7].second = 2;
        assert!(Trees::from_bytes(&broken.to_bytes()).is_err());
        let mut broken = trees();
        broken.cascades[0].anchors[1] = 2;
        assert!(Trees::from_bytes(&broken.to_bytes()).is_err());
    }
}
