//! What the names of entries mean in the directory of the ICAO PKD.

use crate::ldif::Kind;

/// What a name of the PKD means, if it means a signer or a list.
pub(crate) fn kind_of_entry(dn: &str) -> Option<Kind> {
    match list_of(dn) {
        Some(list) if list.is_master_list => Some(Kind::MasterList),
        Some(_) => Some(Kind::RevocationList),
        None => signer_of(dn).map(|_| Kind::Certificate),
    }
}

/// A document signer of the directory: `cn=…+sn=3A05,o=dsc,c=VN,dc=data,…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SignerEntry {
    pub(crate) serial_number: Vec<u8>,
    pub(crate) country: String,
    /// The values of the issuer's name that stands in `cn`, in lower case.
    issuer: Vec<String>,
}

impl SignerEntry {
    /// Whether the entry's `cn` is this name of an issuer.
    pub(crate) fn names_issuer(&self, name: &str) -> bool {
        self.issuer == values(name)
    }
}

/// What signer an entry's name means, if it means one.
pub(crate) fn signer_of(dn: &str) -> Option<SignerEntry> {
    let lower = dn.to_ascii_lowercase();
    let entry = lower.get(..lower.find(",o=dsc,")?)?;
    let country = lower
        .get(entry.len()..)?
        .split(',')
        .find_map(|part| part.trim().strip_prefix("c="))?;
    let (before, after) = entry.split_at_checked(entry.rfind("sn=")?)?;
    let digits: String = after
        .split('+')
        .next()?
        .trim_start_matches("sn=")
        .chars()
        .filter(char::is_ascii_hexdigit)
        .collect();
    let even = if digits.len().is_multiple_of(2) {
        digits
    } else {
        format!("0{digits}")
    };
    // The serial number may stand before the name or behind it.
    let rest = after.split_once('+').map_or("", |(_, rest)| rest);
    let name = if before.is_empty() {
        rest
    } else {
        before.trim_end_matches('+')
    };
    let name = name.strip_prefix("cn=").unwrap_or(name).replace('\\', "");
    Some(SignerEntry {
        serial_number: hex::decode(even).ok()?,
        country: country.to_uppercase(),
        issuer: values(&name),
    })
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
    fn a_signer_is_known_by_its_serial_number_and_its_issuer() {
        let dn = "cn=CN\\=CSCA One\\,O\\=State\\,C\\=VN+sn=3A05,o=dsc,c=vn,dc=data";
        for dn in [
            dn,
            "sn=3A05+cn=CN\\=CSCA One\\,O\\=State\\,C\\=VN,o=dsc,c=vn,dc=data",
        ] {
            let entry = signer_of(dn).unwrap();
            assert_eq!(
                (entry.serial_number.as_slice(), entry.country.as_str()),
                (&[0x3A, 5][..], "VN")
            );
            assert!(entry.names_issuer("C=VN, O=State, CN=CSCA One"), "{entry:?}");
            assert!(!entry.names_issuer("C=VN, O=State, CN=CSCA Two"));
        }
        assert_eq!(
            signer_of("cn=1+sn=7,o=dsc,c=VN,dc=data").unwrap().serial_number,
            [7]
        );
        for other in ["o=crl,c=VN", "cn=1,o=dsc,c=VN,dc=data", "cn=1+sn=7,o=dsc,dc=data"] {
            assert_eq!(signer_of(other), None, "{other}");
        }
        let kinds = [
            "cn=1+sn=7,o=dsc,c=VN,dc=d",
            "cn=1,o=crl,c=VN,dc=d",
            "cn=1,o=ml,c=VN,dc=d",
            "c=VN",
        ];
        let expected = [
            Some(Kind::Certificate),
            Some(Kind::RevocationList),
            Some(Kind::MasterList),
            None,
        ];
        assert_eq!(kinds.map(kind_of_entry), expected);
    }
}
