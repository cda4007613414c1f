//! PEM (RFC 7468): every block that a text begins, whole or not.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";

/// One block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    /// What it says it is, such as `CERTIFICATE`.
    pub(crate) label: String,
    /// What it holds; `None` if it does not end, or is no Base64.
    pub(crate) content: Option<Vec<u8>>,
    /// Whether it says that its content is encrypted.
    pub(crate) is_encrypted: bool,
    /// Where it stands, from its first line up to the one behind its last.
    pub(crate) span: Range<usize>,
}

/// A block whose end is not there yet.
struct Open {
    label: String,
    body: String,
    is_encrypted: bool,
    start: usize,
}

/// Every block of a text. One that does not end before the next one begins is told as damaged, and takes nothing with it.
pub(crate) fn blocks(bytes: &[u8]) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Open> = None;
    let mut end = 0;
    for line in bytes.split_inclusive(|octet| matches!(octet, b'\n' | b'\r')) {
        let start = end;
        end += line.len();
        let line = String::from_utf8_lossy(line);
        let line = line.trim_start_matches('\u{FEFF}').trim_end();
        if let Some(label) = line
            .strip_prefix(BEGIN)
            .and_then(|rest| rest.strip_suffix("-----"))
        {
            blocks.extend(open.take().map(|open| open.cut(start)));
            open = Some(Open {
                label: label.to_owned(),
                body: String::new(),
                is_encrypted: label.starts_with("ENCRYPTED "),
                start,
            });
        } else if line.starts_with(END) {
            let is_pair = bytes.get(end - 1) == Some(&b'\r') && bytes.get(end) == Some(&b'\n');
            blocks.extend(open.take().map(|open| open.whole(end + usize::from(is_pair))));
        } else if let Some(open) = &mut open {
            // RFC 1421, 4.6.1: headers have a colon, which Base64 has not.
            match line.split_once(':') {
                Some(("Proc-Type", kind)) => open.is_encrypted |= kind.contains("ENCRYPTED"),
                Some(_) => {}
                None => open.body.push_str(line.trim()),
            }
        }
    }
    blocks.extend(open.map(|open| open.cut(bytes.len())));
    blocks
}

impl Open {
    fn whole(self, end: usize) -> Block {
        Block {
            content: STANDARD.decode(self.body).ok(),
            label: self.label,
            is_encrypted: self.is_encrypted,
            span: self.start..end,
        }
    }

    fn cut(self, end: usize) -> Block {
        Block {
            content: None,
            label: self.label,
            is_encrypted: self.is_encrypted,
            span: self.start..end,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(label: &str, content: Option<&[u8]>, span: Range<usize>) -> Block {
        Block {
            label: label.into(),
            content: content.map(<[u8]>::to_vec),
            is_encrypted: false,
            span,
        }
    }

    #[test]
    fn a_block_says_that_it_is_encrypted_in_its_label_or_in_a_header() {
        let header =
            b"-----BEGIN A-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAQID\n-----END A-----\n";
        let label = b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAQID\n-----END ENCRYPTED PRIVATE KEY-----\n";
        for text in [&header[..], label] {
            let blocks = blocks(text);
            assert!(
                blocks[0].is_encrypted && blocks[0].content.is_some(),
                "{blocks:?}"
            );
        }
    }

    #[test]
    fn a_block_that_does_not_end_takes_no_other_one_with_it() {
        let text = b"\xEF\xBB\xBF-----BEGIN A-----\r\nAQ\r\n-----BEGIN B-----\r\nAQ\r\nID\r\n-----END B-----\r\n\xFF\n-----BEGIN C-----\n!\n-----END C-----\n";
        let expected = [
            block("A", None, 0..26),
            block("B", Some(&[1, 2, 3]), 26..70),
            block("C", None, 72..108),
        ];
        assert_eq!(blocks(text), expected);
        assert_eq!(blocks(b"see -----BEGIN CERTIFICATE"), []);
        assert_eq!(blocks(b"-----BEGIN A-----\nAQID"), [block("A", None, 0..22)]);
    }
}
