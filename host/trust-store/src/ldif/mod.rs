//! LDIF (RFC 2849), as the ICAO PKD is handed out: complete, and as the changes since the last one.

mod lines;

use std::io::{BufRead, Result};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use self::lines::{Line, Lines};

/// One record: an entry of the directory, or a change of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    /// The distinguished name.
    pub(crate) dn: String,
    /// What is done with the entry, in the order in which it stands there, each with the line that says so.
    pub(crate) changes: Vec<(usize, EntryChange)>,
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

/// The records of an LDIF file, read one after another.
pub(crate) fn records<R: BufRead>(reader: R) -> Records<R> {
    Records {
        lines: Lines::new(reader),
        begun: None,
        section: None,
    }
}

/// What [`records`] gives.
pub(crate) struct Records<R> {
    lines: Lines<R>,
    /// The record whose lines are being read.
    begun: Option<Record>,
    section: Section,
}

impl<R: BufRead> Iterator for Records<R> {
    type Item = Result<Record>;

    fn next(&mut self) -> Option<Self::Item> {
        while let Some(line) = self.lines.next() {
            match line.map(|line| self.take(&line)) {
                Ok(None) => {}
                Ok(Some(whole)) => return Some(Ok(whole)),
                Err(error) => return Some(Err(error)),
            }
        }
        self.begun.take().map(Ok)
    }
}

impl<R> Records<R> {
    /// Takes in one line; where it begins a record, the one before it is whole.
    fn take(&mut self, line: &Line) -> Option<Record> {
        if line.text.trim_end() == "-" {
            self.section = None;
        }
        let (attribute, value) = attribute(&line.text)?;
        if attribute == "dn" {
            self.section = None;
            let dn = value.map_or_else(
                || "a name that is no Base64".to_owned(),
                |name| String::from_utf8_lossy(&name).into_owned(),
            );
            return self.begun.replace(Record {
                dn,
                changes: Vec::new(),
            });
        }
        if let Some(record) = &mut self.begun {
            record.read(line.number, &attribute, value, &mut self.section);
        }
        None
    }
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
    fn read(&mut self, line: usize, attribute: &str, value: Value, section: &mut Section) {
        let operation = match attribute {
            "changetype" => {
                if value.is_some_and(|value| value.eq_ignore_ascii_case(b"delete")) {
                    self.changes.push((line, EntryChange::DeleteEntry));
                }
                return;
            }
            "add" => Operation::Add,
            "replace" => Operation::Replace,
            "delete" => Operation::Delete,
            _ => return self.take_value(line, attribute, value, *section),
        };
        let named = value.and_then(|name| String::from_utf8(name).ok());
        let kind = named.and_then(|name| kind_of(&without_options(&name)));
        *section = Some((operation, kind));
        // Values that follow narrow a deletion down to them; without any, all of the attribute goes.
        if let (Operation::Replace | Operation::Delete, Some(kind)) = (operation, kind) {
            self.changes.push((line, EntryChange::DeleteAttribute(kind)));
        }
    }

    fn take_value(&mut self, line: usize, attribute: &str, value: Value, section: Section) {
        let Some(kind) = kind_of(attribute) else { return };
        let operation = match section {
            None => Operation::Add,
            Some((operation, of)) if of == Some(kind) => operation,
            Some(_) => return,
        };
        let last = self.changes.last().map(|(_, change)| change);
        let is_first = last == Some(&EntryChange::DeleteAttribute(kind));
        if operation != Operation::Add && is_first {
            self.changes.pop();
        }
        // Of several values the first one takes the place of the old ones, and the others are beside it.
        let change = match operation {
            Operation::Replace if is_first => EntryChange::Replace(value),
            Operation::Replace | Operation::Add => EntryChange::Add(value),
            Operation::Delete => EntryChange::Delete(value),
        };
        self.changes.push((line, change));
    }
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

    fn read(text: &str) -> Vec<Record> {
        records(text.as_bytes()).collect::<Result<_>>().unwrap()
    }

    fn changes(record: &Record) -> Vec<EntryChange> {
        record.changes.iter().map(|(_, change)| change.clone()).collect()
    }

    fn add(value: &[u8]) -> EntryChange {
        EntryChange::Add(Some(value.to_vec()))
    }

    #[test]
    fn reads_folded_lines_base64_and_deletions() {
        let text = "version: 1\n\n# a comment\ndn: cn=One+sn=3A05,o=dsc,c=VN,dc=data\nuserCertificate;binary:: AQ\n ID\n\n\
                    dn: cn=Two\\, more+sn=7,o=dsc,c=vn,dc=data\nchangetype: delete\n";
        let records = read(text);
        assert_eq!(records.len(), 2);
        assert_eq!(records[0].changes, [(5, add(&[1, 2, 3]))]);
        assert_eq!(records[1].changes, [(9, EntryChange::DeleteEntry)]);
        let broken = read("\u{FEFF}# a comment\n#\ndn: c=VN\nuserCertificate;binary:: !!\n");
        assert_eq!(broken[0].changes, [(4, EntryChange::Add(None))]);
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
        let records = read(text);
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
        assert_eq!(changes(&records[0]), expected);
        assert_eq!(changes(&records[1]), [add(&[5])]);
    }
}
