//! dlib's serialisation of numbers, strings and tensors (`dlib/serialize.h`, `dlib/cuda/tensor.h`).

use crate::ModelsError;

/// Elements of the largest tensor that is read: well above what the network has.
const LARGEST_TENSOR: usize = 16 << 20;

/// A tensor: samples, channels, rows, columns.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tensor {
    pub(super) shape: [usize; 4],
    pub(super) values: Vec<f32>,
}

/// Reads one value after the other and knows where it stands.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The error that at this place something else was expected.
    pub(super) fn expected(&self, what: impl Into<String>) -> ModelsError {
        ModelsError::UnexpectedNetwork {
            offset: self.at,
            expected: what.into(),
        }
    }

    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8], ModelsError> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let taken = rest
            .get(..length)
            .ok_or_else(|| self.expected(format!("{length} more bytes")))?;
        self.at += length;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, ModelsError> {
        self.take(1).map(|taken| taken[0])
    }

    /// An integer: a control byte (sign in bit 7, count of bytes below), then its magnitude, lowest byte first.
    pub(super) fn integer(&mut self) -> Result<i64, ModelsError> {
        let control = self.byte()?;
        let length = usize::from(control & 0x0F);
        if control & 0x70 != 0 || length > 8 {
            return Err(self.expected("an integer of at most 8 bytes"));
        }
        let magnitude = self
            .take(length)?
            .iter()
            .rev()
            .fold(0u64, |value, byte| value << 8 | u64::from(*byte));
        let value = i64::try_from(magnitude).map_err(|_| self.expected("an integer of 63 bits"))?;
        Ok(if control & 0x80 == 0 { value } else { -value })
    }

    /// An integer that counts something.
    pub(super) fn count(&mut self) -> Result<usize, ModelsError> {
        let value = self.integer()?;
        usize::try_from(value).map_err(|_| self.expected("a count"))
    }

    /// A floating-point number: integers for mantissa and exponent (`dlib/float_details.h`).
    pub(super) fn float(&mut self) -> Result<f32, ModelsError> {
        let (mantissa, exponent) = (self.integer()?, self.integer()?);
        let exponent = i32::try_from(exponent)
            .ok()
            .filter(|e| (-1100..=1100).contains(e));
        let exponent = exponent.ok_or_else(|| self.expected("an exponent of a double"))?;
        // A float's mantissa has 24 bits and is exact in f64; the power of two shifts it without rounding.
        #[expect(clippy::cast_precision_loss, reason = "the mantissa of a float has 24 bits")]
        Ok((mantissa as f64 * f64::from(2u8).powi(exponent)) as f32)
    }

    pub(super) fn text(&mut self) -> Result<&'a str, ModelsError> {
        let length = self.count()?;
        let bytes = self.take(length)?;
        std::str::from_utf8(bytes).map_err(|_| self.expected("a text"))
    }

    /// A truth value, as a digit of ASCII.
    pub(super) fn flag(&mut self) -> Result<bool, ModelsError> {
        match self.byte()? {
            b'0' => Ok(false),
            b'1' => Ok(true),
            _ => Err(self.expected("0 or 1")),
        }
    }

    /// A tensor with its values as floats of 32 bits, lowest byte first.
    pub(super) fn tensor(&mut self) -> Result<Tensor, ModelsError> {
        self.version(&[2], "a tensor of version 2")?;
        let shape = self.shape()?;
        let length = shape
            .iter()
            .try_fold(1usize, |product, side| product.checked_mul(*side));
        let length = length.filter(|length| *length <= LARGEST_TENSOR);
        let length = length.ok_or_else(|| self.expected("a tensor of this network's size"))?;
        let (quads, _) = self.take(length * 4)?.as_chunks::<4>();
        Ok(Tensor {
            shape,
            values: quads.iter().map(|quad| f32::from_le_bytes(*quad)).collect(),
        })
    }

    /// A view on a part of a tensor: only its shape is stored.
    pub(super) fn view(&mut self) -> Result<[usize; 4], ModelsError> {
        self.version(&[1], "a view of version 1")?;
        self.shape()
    }

    fn shape(&mut self) -> Result<[usize; 4], ModelsError> {
        Ok([self.count()?, self.count()?, self.count()?, self.count()?])
    }

    /// A version number, one of `known`.
    pub(super) fn version(&mut self, known: &[i64], what: &str) -> Result<i64, ModelsError> {
        let version = self.integer()?;
        if known.contains(&version) {
            Ok(version)
        } else {
            Err(self.expected(what))
        }
    }

    /// That nothing is left.
    pub(super) fn end(&self) -> Result<(), ModelsError> {
        if self.at == self.bytes.len() {
            Ok(())
        } else {
            Err(self.expected("the end of the file"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_integers_of_either_sign() {
        let mut reader = Reader::new(&[0x01, 0x0D, 0x02, 0x80, 0x12, 0x81, 0x1C]);
        assert_eq!(reader.integer().unwrap(), 13);
        assert_eq!(reader.integer().unwrap(), 0x1280);
        assert_eq!(reader.integer().unwrap(), -28);
        reader.end().unwrap();
    }

    #[test]
    fn reads_a_float_from_mantissa_and_exponent() {
        // 0xA3D70A · 2⁻²⁸, the float nearest to 0.04.
        let mut reader = Reader::new(&[0x03, 0x0A, 0xD7, 0xA3, 0x81, 0x1C]);
        assert_eq!(reader.float().unwrap().to_bits(), 0.04f32.to_bits());
    }

    #[test]
    fn reads_a_tensor_with_its_shape() {
        let mut bytes = vec![1, 2, 1, 1, 1, 2, 1, 1, 1, 1];
        bytes.extend(1.5f32.to_le_bytes());
        bytes.extend((-2f32).to_le_bytes());
        let tensor = Reader::new(&bytes).tensor().unwrap();
        assert_eq!(
            tensor,
            Tensor {
                shape: [1, 2, 1, 1],
                values: vec![1.5, -2.0]
            }
        );
    }

    #[test]
    fn rejects_every_truncation_of_a_tensor() {
        let mut bytes = vec![1, 2, 1, 1, 1, 2, 1, 1, 1, 1];
        bytes.extend([0; 8]);
        for length in 0..bytes.len() {
            assert!(Reader::new(&bytes[..length]).tensor().is_err(), "{length}");
        }
    }

    #[test]
    fn rejects_a_tensor_larger_than_any_of_the_network_before_it_allocates() {
        let bytes = [1, 2, 4, 255, 255, 255, 127, 4, 255, 255, 255, 127, 1, 1, 1, 1];
        let message = Reader::new(&bytes).tensor().unwrap_err().to_string();
        assert!(message.contains("tensor"), "{message}");
    }

    #[test]
    fn an_error_says_where_it_stood() {
        let error = Reader::new(&[0x01]).integer().unwrap_err();
        assert!(
            matches!(error, ModelsError::UnexpectedNetwork { offset: 1, .. }),
            "{error}"
        );
    }
}
