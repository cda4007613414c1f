//! What an EF.SOD says before anything of it is verified.

use alloc::vec::Vec;

use chipgate_lds::{DataGroup, LdsSecurityObject, parse_sod};

use crate::ber;
use crate::signed_data::SignedData;

/// The data groups that EF.SOD lists, unverified: a reader learns from it what to read, and nothing else. Empty if EF.SOD
/// can't be read.
pub fn claimed_data_groups(sod: &[u8]) -> Vec<DataGroup> {
    let der = parse_sod(sod).ok().and_then(ber::to_der);
    let content = der
        .as_deref()
        .and_then(|der| SignedData::from_der(der).ok()?.content);
    let object = content.and_then(|content| LdsSecurityObject::parse(content).ok());
    object.map_or_else(Vec::new, |object| {
        object.data_groups.iter().map(|(group, _)| *group).collect()
    })
}
