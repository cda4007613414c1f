//! PEM (RFC 7468): every block that a text begins, whole or not.

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
}

/// Every block of a text. One that does not end before the next one begins is told as damaged, and takes nothing with it.
pub(crate) fn blocks(bytes: &[u8]) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in bytes.split(|octet| matches!(octet, b'\n' | b'\r')) {
        let line = String::from_utf8_lossy(line);
        let line = line.trim_start_matches('\u{FEFF}').trim_end();
        if let Some(label) = line
            .strip_prefix(BEGIN)
            .and_then(|rest| rest.strip_suffix("-----"))
        {
            blocks.extend(open.take().map(cut));
            open = Some((label.to_owned(), String::new()));
        } else if line.starts_with(END) {
            blocks.extend(open.take().map(whole));
        } else if let Some((_, body)) = &mut open {
            // RFC 1421, 4.4: headers of encrypted keys have a colon, which Base64 has not.
            if !line.contains(':') {
                body.push_str(line.trim());
            }
        }
    }
    blocks.extend(open.map(cut));
    blocks
}

fn whole((label, body): (String, String)) -> Block {
    let content = STANDARD.decode(body).ok();
    Block { label, content }
}

fn cut((label, _): (String, String)) -> Block {
    Block { label, content: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(label: &str, content: Option<&[u8]>) -> Block {
        Block {
            label: label.into(),
            content: content.map(<[u8]>::to_vec),
        }
    }

    #[test]
    fn a_block_that_does_not_end_takes_no_other_one_with_it() {
        let text = b"\xEF\xBB\xBF-----BEGIN A-----\r\nAQ\r\n-----BEGIN B-----\r\nAQ\r\nID\r\n-----END B-----\r\n\xFF\n-----BEGIN C-----\n!\n-----END C-----\n";
        let expected = [block("A", None), block("B", Some(&[1, 2, 3])), block("C", None)];
        assert_eq!(blocks(text), expected);
        assert_eq!(blocks(b"see -----BEGIN CERTIFICATE"), []);
        assert_eq!(blocks(b"-----BEGIN A-----\nAQID"), [block("A", None)]);
    }
}
