//! The data groups of a folder, held against the hashes of EF.SOD.

use std::path::Path;

use chipgate_apdu::Clock as _;
use chipgate_lds::DataGroup;
use chipgate_trust::{HashFault, PathOptions, TrustAnchors, authenticate_security_object};

use super::read;
use crate::{cli_error::CliError, clock::SystemClock};

/// Each data group in the folder against EF.SOD; `None` is agreement.
pub(super) fn compare(
    sod: &[u8],
    anchors: &dyn TrustAnchors,
    options: &PathOptions,
    folder: &Path,
) -> Result<Vec<(DataGroup, Option<&'static str>)>, CliError> {
    // A folder that is not there, or can't be read, is no agreement.
    std::fs::read_dir(folder).map_err(|error| CliError::file(folder, error))?;
    let found = authenticate_security_object(sod, anchors, SystemClock.now(), options);
    let mut groups = Vec::new();
    for group in DataGroup::all() {
        let names = ["bin", "dat"].map(|ending| folder.join(format!("{group}.{ending}")));
        let Some(file) = names.iter().find(|name| name.exists()) else {
            continue;
        };
        let bytes = read(file)?;
        let says = match (found.verified(), found.self_consistent()) {
            (Some(object), _) => object.data_group(group, &bytes).err(),
            (None, Some(own)) => own.contradiction(group, &bytes),
            (None, None) => {
                groups.push((group, Some("there is no signed hash to hold it against")));
                continue;
            }
        };
        let says = says.map(|fault| match fault {
            HashFault::NotListed => "EF.SOD does not list it",
            HashFault::Mismatch => "it is not what was signed",
        });
        groups.push((group, says));
    }
    Ok(groups)
}
