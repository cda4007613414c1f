//! LDIF (RFC 2849), as the ICAO PKD is handed out: complete, and as the changes since the last one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// One record: an entry of the directory, or a change of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    /// The distinguished name.
    pub(crate) dn: String,
    /// What is done with the entry, in the order in which it stands there.
    pub(crate) changes: Vec<EntryChange>,
}

/// What an entry has, or what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EntryChange {
    /// It has this value, or gets it.
    Add(Value),
    /// It has this value in the place of all that the attribute had.
    Replace(Value),
    /// It loses this value.
    Delete(Value),
    /// It loses all that the attribute had.
    DeleteAttribute(Kind),
    /// It is gone.
    DeleteEntry,
}

/// DER; `None` where the value is no Base64.
pub(crate) type Value = Option<Vec<u8>>;

/// What an attribute or an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Certificate,
    RevocationList,
    MasterList,
}

/// Attributes that hold certificates, revocation lists or master lists, in lower case and without options.
const ATTRIBUTES: [(&str, Kind); 6] = [
    ("usercertificate", Kind::Certificate),
    ("cacertificate", Kind::Certificate),
    ("certificaterevocationlist", Kind::RevocationList),
    ("pkdmasterlistcontent", Kind::MasterList),
    ("cscamasterlistdata", Kind::MasterList),
    ("cscamasterlist", Kind::MasterList),
];

fn kind_of(attribute: &str) -> Option<Kind> {
    let found = ATTRIBUTES.iter().find(|(name, _)| *name == attribute);
    found.map(|(_, kind)| *kind)
}

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
    let mut section = None;
    for line in unfolded.iter().map(String::as_str) {
        if line.trim_end() == "-" {
            section = None;
        }
        let Some((attribute, value)) = attribute(line) else {
            continue;
        };
        if attribute == "dn" {
            section = None;
            records.push(Record {
                dn: value.map_or_else(
                    || "a name that is no Base64".to_owned(),
                    |name| String::from_utf8_lossy(&name).into_owned(),
                ),
                changes: Vec::new(),
            });
        } else if let Some(record) = records.last_mut() {
            record.read(&attribute, value, &mut section);
        }
    }
    records
}

/// Which part of a change record (RFC 2849, `mod-spec`) the lines belong to, and to which attribute it is.
type Section = Option<(Operation, Option<Kind>)>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    Add,
    Replace,
    Delete,
}

impl Record {
    fn read(&mut self, attribute: &str, value: Value, section: &mut Section) {
        let operation = match attribute {
            "changetype" => {
                if value.is_some_and(|value| value.eq_ignore_ascii_case(b"delete")) {
                    self.changes.push(EntryChange::DeleteEntry);
                }
                return;
            }
            "add" => Operation::Add,
            "replace" => Operation::Replace,
            "delete" => Operation::Delete,
            _ => return self.take_value(attribute, value, *section),
        };
        let named = value.and_then(|name| String::from_utf8(name).ok());
        let kind = named.and_then(|name| kind_of(&without_options(&name)));
        *section = Some((operation, kind));
        // Values that follow narrow a deletion down to them; without any, all of the attribute goes.
        if let (Operation::Replace | Operation::Delete, Some(kind)) = (operation, kind) {
            self.changes.push(EntryChange::DeleteAttribute(kind));
        }
    }

    fn take_value(&mut self, attribute: &str, value: Value, section: Section) {
        let Some(kind) = kind_of(attribute) else { return };
        let operation = match section {
            None => Operation::Add,
            Some((operation, of)) if of == Some(kind) => operation,
            Some(_) => return,
        };
        let is_first = self.changes.last() == Some(&EntryChange::DeleteAttribute(kind));
        if operation != Operation::Add && is_first {
            self.changes.pop();
        }
        // Of several values the first one takes the place of the old ones, and the others are beside it.
        self.changes.push(match operation {
            Operation::Replace if is_first => EntryChange::Replace(value),
            Operation::Replace | Operation::Add => EntryChange::Add(value),
            Operation::Delete => EntryChange::Delete(value),
        });
    }
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
    let name = without_options(name);
    let value = match value.strip_prefix(':') {
        Some(encoded) => {
            let encoded: String = encoded.chars().filter(|c| !c.is_whitespace()).collect();
            STANDARD.decode(encoded).ok()
        }
        None => Some(value.trim().as_bytes().to_vec()),
    };
    Some((name, value))
}

/// `userCertificate;binary` is `usercertificate`.
fn without_options(name: &str) -> String {
    let name = name.split(';').next().unwrap_or(name);
    name.trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(value: &[u8]) -> EntryChange {
        EntryChange::Add(Some(value.to_vec()))
    }

    #[test]
    fn reads_folded_lines_base64_and_deletions() {
        let text = "version: 1\n\n# a comment\ndn: cn=One+sn=3A05,o=dsc,c=VN,dc=data\nuserCertificate;binary:: AQ\n ID\n\n\
                    dn: cn=Two\\, more+sn=7,o=dsc,c=vn,dc=data\nchangetype: delete\n";
        let records = records(text);
        assert_eq!(records.len(), 2);
        assert_eq!(records[0].changes, [add(&[1, 2, 3])]);
        assert_eq!(records[1].changes, [EntryChange::DeleteEntry]);
        let broken = super::records("\u{FEFF}# a comment\n#\ndn: c=VN\nuserCertificate;binary:: !!\n");
        assert_eq!(broken[0].changes, [EntryChange::Add(None)]);
    }

    /// RFC 2849, example 6.
    #[test]
    fn reads_what_a_change_does_to_attributes() {
        let text = "dn: cn=One+sn=1,o=dsc,c=VN,dc=data\nchangetype: modify\n\
                    add: userCertificate;binary\nuserCertificate;binary:: AQ==\n-\n\
                    delete: userCertificate;binary\nuserCertificate;binary:: Ag==\nuserCertificate;binary:: Aw==\n-\n\
                    replace: certificateRevocationList;binary\ncertificateRevocationList;binary:: BA==\n\
                    certificateRevocationList;binary:: Bg==\n-\n\
                    delete: pkdMasterListContent\n-\n\
                    replace: description\ndescription: userCertificate\n-\n\
                    delete: userCertificate;binary\n-\n\n\
                    dn: c=VN\nuserCertificate;binary:: BQ==\n";
        let records = records(text);
        let value = |octet: u8| Some(vec![octet]);
        let expected = [
            add(&[1]),
            EntryChange::Delete(value(2)),
            EntryChange::Delete(value(3)),
            EntryChange::Replace(value(4)),
            add(&[6]),
            EntryChange::DeleteAttribute(Kind::MasterList),
            EntryChange::DeleteAttribute(Kind::Certificate),
        ];
        assert_eq!(records[0].changes, expected);
        assert_eq!(records[1].changes, [add(&[5])]);
    }
}
