use alloc::vec::Vec;

use chipgate_apdu::tlv::{self, Tag};
use der::asn1::ObjectIdentifier;

use super::STRUCTURE;
use crate::asn1::{Components, constructed, object_identifier};
use crate::{DataGroup, LdsError, oid};

const TEMPLATE: Tag = Tag(0x7F4C);
const DISCRETIONARY_DATA: Tag = Tag(0x53);
/// Bits 7 and 6 (TR-03110-4, table 2).
const ROLE_BITS: u8 = 0xC0;

/// Whose certificate it is (TR-03110-4, table 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CertificateRole {
    /// A country verifying certification authority: 11.
    Cvca,
    /// A document verifier of the country itself: 10.
    DomesticDocumentVerifier,
    /// A document verifier of another country: 01.
    ForeignDocumentVerifier,
    /// A terminal: 00.
    Terminal,
}

/// The certificate holder authorization template: what kind of terminal it is about, and what its holder may do (TR-03110-3, C.1.5).
///
/// ```text
/// 7F4C { 06 terminal type   53 relative authorization }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HolderAuthorization {
    /// The kind of terminal: [`id_IS`](crate::oid::id_IS) for inspection systems.
    pub terminal_type: ObjectIdentifier,
    /// Role and rights, relative to the authority's; the role stands in the first two bits. At least one byte, and one byte only for
    /// inspection systems.
    pub relative: Vec<u8>,
}

impl HolderAuthorization {
    /// That of an inspection system (TR-03110-4, 2.1.3.2); of the data groups only DG3 and DG4 are under terminal authentication.
    pub fn inspection_system(role: CertificateRole, readable: &[DataGroup]) -> Self {
        let role = match role {
            CertificateRole::Cvca => 0xC0,
            CertificateRole::DomesticDocumentVerifier => 0x80,
            CertificateRole::ForeignDocumentVerifier => 0x40,
            CertificateRole::Terminal => 0x00,
        };
        let rights = readable.iter().filter_map(|group| right(*group));
        Self {
            terminal_type: oid::id_IS,
            relative: [rights.fold(role, |all, bit| all | bit)].to_vec(),
        }
    }

    pub(super) fn parse_in(components: &mut Components<'_>) -> Result<Self, LdsError> {
        Self::parse_value(components.expect(TEMPLATE)?.value)
    }

    /// Reads the template without its tag, as the value of 7F4C holds it.
    pub fn parse_value(value: &[u8]) -> Result<Self, LdsError> {
        let mut components = Components::new(STRUCTURE, value);
        let terminal_type = components.object_identifier("the terminal type")?;
        let relative = components.expect(DISCRETIONARY_DATA)?.value;
        components.finish()?;
        let one_byte_only = terminal_type == oid::id_IS;
        if relative.is_empty() || one_byte_only && relative.len() != 1 {
            return Err(components.invalid("the certificate holder's authorization"));
        }
        Ok(Self {
            terminal_type,
            relative: relative.to_vec(),
        })
    }

    /// The template with its tag.
    pub fn encode(&self) -> Vec<u8> {
        let data = tlv::encode(DISCRETIONARY_DATA, &self.relative);
        constructed(TEMPLATE, &[object_identifier(&self.terminal_type), data])
    }

    /// The role, from the first two bits.
    pub fn role(&self) -> CertificateRole {
        match self.relative.first().copied().unwrap_or_default() & ROLE_BITS {
            0xC0 => CertificateRole::Cvca,
            0x80 => CertificateRole::DomesticDocumentVerifier,
            0x40 => CertificateRole::ForeignDocumentVerifier,
            _ => CertificateRole::Terminal,
        }
    }

    /// Whether it lets an inspection system read this data group. The right counts only if every certificate of the chain has it.
    pub fn may_read(&self, group: DataGroup) -> bool {
        let rights = self.relative.last().copied().unwrap_or_default();
        self.terminal_type == oid::id_IS && right(group).is_some_and(|bit| rights & bit != 0)
    }

    /// This holder's effective authorization under an authority's effective one: what both have (TR-03110-3, 2.7). `None` if they are about
    /// different kinds of terminals.
    #[must_use]
    pub fn under(&self, authority: &Self) -> Option<Self> {
        let same =
            self.terminal_type == authority.terminal_type && self.relative.len() == authority.relative.len();
        let both = self.relative.iter().zip(&authority.relative);
        same.then(|| Self {
            terminal_type: self.terminal_type,
            relative: both.map(|(holder, authority)| holder & authority).collect(),
        })
    }
}

/// TR-03110-4, table 2.
fn right(group: DataGroup) -> Option<u8> {
    match group {
        DataGroup::DG3 => Some(0x01),
        DataGroup::DG4 => Some(0x02),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{CertificateRole, HolderAuthorization};
    use crate::{DataGroup, oid};

    const ROLES: [CertificateRole; 4] = [
        CertificateRole::Cvca,
        CertificateRole::DomesticDocumentVerifier,
        CertificateRole::ForeignDocumentVerifier,
        CertificateRole::Terminal,
    ];

    #[test]
    fn an_inspection_systems_template_is_that_of_tr_03110_4() {
        let both = [DataGroup::DG3, DataGroup::DG4, DataGroup::DG1];
        for (role, byte) in ROLES.into_iter().zip([0xC3, 0x83, 0x43, 0x03]) {
            let template = HolderAuthorization::inspection_system(role, &both);
            assert_eq!(template.relative, [byte]);
            assert_eq!(template.role(), role);
            let file = hex::decode("7f4c0e060904007f00070301020153 01".replace(' ', "")).unwrap();
            assert_eq!(template.encode(), [&file[..], &[byte]].concat());
        }
    }

    #[test]
    fn a_right_is_effective_only_if_the_whole_chain_has_it() {
        let (dg3, dg4) = (DataGroup::DG3, DataGroup::DG4);
        let cvca = HolderAuthorization::inspection_system(CertificateRole::Cvca, &[dg3, dg4]);
        let dv = HolderAuthorization::inspection_system(CertificateRole::ForeignDocumentVerifier, &[dg3]);
        let terminal = HolderAuthorization::inspection_system(CertificateRole::Terminal, &[dg3, dg4]);
        let effective = terminal.under(&dv.under(&cvca).unwrap()).unwrap();
        assert!(terminal.may_read(dg4) && effective.may_read(dg3) && !effective.may_read(dg4));
        assert_eq!(effective.role(), CertificateRole::Terminal);
        assert!(!terminal.may_read(DataGroup::DG1));
        let mut other = cvca;
        other.terminal_type = oid::id_AT;
        assert_eq!(terminal.under(&other), None);
        assert!(!other.may_read(dg3));
    }
}
