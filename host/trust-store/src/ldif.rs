//! LDIF (RFC 2849), as the ICAO PKD is handed out: complete, and as the changes since the last one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// One record: an entry of the directory, or a change of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    /// The distinguished name.
    pub(crate) dn: String,
    /// Whether the entry is to be deleted.
    pub(crate) is_deletion: bool,
    /// The values that are DER; `None` where one is no Base64.
    pub(crate) values: Vec<Option<Vec<u8>>>,
}

/// Attributes that hold certificates, revocation lists or master lists, in lower case and without options.
const ATTRIBUTES: [&str; 6] = [
    "usercertificate",
    "cacertificate",
    "certificaterevocationlist",
    "pkdmasterlistcontent",
    "cscamasterlistdata",
    "cscamasterlist",
];

/// Whether a file starts as LDIF does: with an entry or the version, after any comments.
pub(crate) fn starts(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut lines = bytes.split(|octet| *octet == b'\n').take(1000);
    // A comment may be folded, too.
    let first = lines.find(|line| !matches!(line.first(), None | Some(b'#' | b' ' | b'\r')));
    first.is_some_and(|line| {
        let line = line.to_ascii_lowercase();
        line.starts_with(b"dn:") || line.starts_with(b"version:")
    })
}

/// The records of an LDIF file.
pub(crate) fn records(text: &str) -> Vec<Record> {
    let unfolded = unfold(text.trim_start_matches('\u{FEFF}'));
    let mut records: Vec<Record> = Vec::new();
    for line in unfolded.iter().map(String::as_str) {
        let Some((attribute, value)) = attribute(line) else {
            continue;
        };
        match (attribute.as_str(), records.last_mut()) {
            ("dn", _) => records.push(Record {
                dn: value.map_or_else(
                    || "a name that is no Base64".to_owned(),
                    |name| String::from_utf8_lossy(&name).into_owned(),
                ),
                is_deletion: false,
                values: Vec::new(),
            }),
            ("changetype", Some(record)) => {
                record.is_deletion = value.is_some_and(|value| value.eq_ignore_ascii_case(b"delete"));
            }
            (name, Some(record)) if ATTRIBUTES.contains(&name) => record.values.push(value),
            _ => {}
        }
    }
    records
}

/// RFC 2849, note 2: a line that starts with a space goes on with the one before it.
fn unfold(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        match (line.strip_prefix(' '), lines.last_mut()) {
            (Some(rest), Some(last)) => last.push_str(rest),
            _ => lines.push(line.to_owned()),
        }
    }
    lines
}

/// `name: value`, or `name:: value` in Base64, which may be none. Options (`;binary`) are left out.
fn attribute(line: &str) -> Option<(String, Option<Vec<u8>>)> {
    if line.starts_with('#') {
        return None;
    }
    let (name, value) = line.split_once(':')?;
    let name = name.split(';').next()?.trim().to_ascii_lowercase();
    let value = match value.strip_prefix(':') {
        Some(encoded) => {
            let encoded: String = encoded.chars().filter(|c| !c.is_whitespace()).collect();
            STANDARD.decode(encoded).ok()
        }
        None => Some(value.trim().as_bytes().to_vec()),
    };
    Some((name, value))
}

/// The serial number and the country that a document signer's name in the PKD has: `cn=…+sn=3A05,o=dsc,c=VN,dc=data,…`.
pub(crate) fn signer_of(dn: &str) -> Option<(Vec<u8>, String)> {
    let lower = dn.to_ascii_lowercase();
    if !lower.contains("o=dsc") {
        return None;
    }
    let value = |key: &str| {
        let at = lower.rfind(key)? + key.len();
        let rest = lower.get(at..)?;
        rest.split([',', '+']).next().map(str::trim)
    };
    let digits: String = value("sn=")?.chars().filter(char::is_ascii_hexdigit).collect();
    let even = if digits.len().is_multiple_of(2) {
        digits
    } else {
        format!("0{digits}")
    };
    Some((hex::decode(even).ok()?, value(",c=")?.to_uppercase()))
}

/// A list of the directory: `cn=…,o=crl,c=VN,dc=data,…` or `o=ml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListEntry {
    pub(crate) is_master_list: bool,
    pub(crate) country: String,
    /// The values of the name that stands in `cn`, in lower case.
    values: Vec<String>,
}

impl ListEntry {
    /// Whether the entry's `cn` is this name, whatever the order of its parts and whatever its attributes are called.
    pub(crate) fn names(&self, name: &str) -> bool {
        let values = values(name);
        !values.is_empty() && values == self.values
    }
}

/// The values of a name in text, sorted.
fn values(name: &str) -> Vec<String> {
    let parts = name.split([',', '+']).filter_map(|part| part.split_once('='));
    let mut values: Vec<_> = parts.map(|(_, value)| value.trim().to_lowercase()).collect();
    values.sort();
    values
}

/// What list an entry's name means, if it means one.
pub(crate) fn list_of(dn: &str) -> Option<ListEntry> {
    let lower = dn.to_ascii_lowercase();
    let is_master_list = lower.contains(",o=ml,");
    if !is_master_list && !lower.contains(",o=crl,") {
        return None;
    }
    let end = lower.find(if is_master_list { ",o=ml," } else { ",o=crl," })?;
    let rest = lower.get(end..)?;
    let country = rest.split(',').find_map(|part| part.trim().strip_prefix("c="))?;
    // In the value each separator is escaped.
    let named = lower.get(..end)?.strip_prefix("cn=")?.replace('\\', "");
    Some(ListEntry {
        is_master_list,
        country: country.to_uppercase(),
        values: values(&named),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_a_list_of_the_directory_by_its_issuer() {
        let dn = "cn=CN\\=CSCA One\\,O\\=State\\,C\\=VN,o=crl,c=VN,dc=data";
        let entry = list_of(dn).unwrap();
        assert!(!entry.is_master_list && entry.country == "VN");
        assert!(entry.names("C=VN, O=State, CN=CSCA ONE") && !entry.names("C=VN, O=State, CN=CSCA Two"));
        assert!(list_of("cn=1,o=ml,c=VN,dc=data").unwrap().is_master_list);
        assert_eq!(list_of("cn=1+sn=7,o=dsc,c=VN,dc=data"), None);
    }

    #[test]
    fn reads_folded_lines_base64_and_deletions() {
        let text = "version: 1\n\n# a comment\ndn: cn=One+sn=3A05,o=dsc,c=VN,dc=data\nuserCertificate;binary:: AQ\n ID\n\n\
                    dn: cn=Two\\, more+sn=7,o=dsc,c=vn,dc=data\nchangetype: delete\n";
        let records = records(text);
        assert_eq!(records.len(), 2);
        assert_eq!(records[0].values, [Some(vec![1, 2, 3])]);
        assert!(!records[0].is_deletion && records[1].is_deletion);
        assert_eq!(signer_of(&records[0].dn), Some((vec![0x3A, 5], "VN".into())));
        assert_eq!(signer_of(&records[1].dn), Some((vec![7], "VN".into())));
        assert_eq!(signer_of("o=crl,c=VN"), None);
        let broken = super::records("\u{FEFF}# a comment\n#\ndn: c=VN\nuserCertificate;binary:: !!\n");
        assert_eq!(broken[0].values, [None]);
    }
}
