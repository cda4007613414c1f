//! The boxes of a JP2 file (ISO/IEC 15444-1, Annex I.4).

/// Goes through the boxes one after another. A box that is cut off or longer than its file ends the walk with `None`
/// in its place.
pub(super) struct Boxes<'a> {
    rest: &'a [u8],
}

/// A box: its type and its contents.
pub(super) type Content<'a> = ([u8; 4], &'a [u8]);

impl<'a> Boxes<'a> {
    pub(super) const fn of(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// LBox and TBox, then XLBox if LBox is 1; LBox 0 reaches to the end (Table I.1).
    fn read(&self) -> Option<(Content<'a>, &'a [u8])> {
        let (length, after) = self.rest.split_first_chunk::<4>()?;
        let (kind, after) = after.split_first_chunk::<4>()?;
        let (content, header) = match u32::from_be_bytes(*length) {
            0 => return Some(((*kind, after), &[])),
            1 => {
                let (length, _) = after.split_first_chunk::<8>()?;
                (u64::from_be_bytes(*length), 16)
            }
            length => (u64::from(length), 8),
        };
        let end = usize::try_from(content).ok()?;
        let content = self.rest.get(header..end)?;
        Some(((*kind, content), self.rest.get(end..)?))
    }
}

impl<'a> Iterator for Boxes<'a> {
    type Item = Option<Content<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let read = self.read();
        self.rest = read.map_or(&[], |(_, rest)| rest);
        Some(read.map(|(found, _)| found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_boxes_of_short_long_and_open_length() {
        let bytes = b"\0\0\0\x09abcd1\0\0\0\x01efgh\0\0\0\0\0\0\0\x1222\0\0\0\0ijkl333";
        let found: Option<Vec<_>> = Boxes::of(bytes).collect();
        assert_eq!(
            found.unwrap(),
            [(*b"abcd", &b"1"[..]), (*b"efgh", b"22"), (*b"ijkl", b"333")]
        );
    }

    #[test]
    fn a_box_that_ends_before_its_own_header_or_after_the_file_is_none() {
        for bytes in [
            &b"\0\0\0\x07abcd"[..],
            b"\0\0\0\x0Aabcd1",
            b"\0\0\0\x01abcd\0\0\0\0\0\0\0\x0F",
            b"\0\0\0\x01abcd\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
            b"\0\0\0",
        ] {
            assert_eq!(Boxes::of(bytes).collect::<Vec<_>>(), [None], "{bytes:?}");
        }
    }
}
