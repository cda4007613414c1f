//! The data groups of a folder, held against the hashes of EF.SOD.

use std::path::Path;

use chipgate_apdu::Clock as _;
use chipgate_inspection::{FileObservation, Files};
use chipgate_lds::{DataGroup, File};
use chipgate_trust::{HashFault, PathOptions, TrustAnchors, authenticate_security_object};

use super::read;
use crate::{cli_error::CliError, clock::SystemClock};

/// EF.SOD, and the files of the folder that an inspection would hold against it. A folder that is not there, or can't be read,
/// is no agreement.
pub(super) fn read_folder(sod: &[u8], folder: &Path) -> Result<Files, CliError> {
    std::fs::read_dir(folder).map_err(|error| CliError::file(folder, error))?;
    let mut files = Files::new();
    files.insert(File::Sod, FileObservation::Read(sod.to_vec()));
    let groups = DataGroup::all().map(|group| (File::DataGroup(group), group.to_string()));
    for (file, stem) in groups.chain([(File::Com, "EF.COM".to_owned())]) {
        let names = ["bin", "dat"].map(|ending| folder.join(format!("{stem}.{ending}")));
        if let Some(path) = names.iter().find(|name| name.exists()) {
            files.insert(file, FileObservation::Read(read(path)?));
        }
    }
    Ok(files)
}

/// Each data group that was read against EF.SOD; `None` is agreement.
pub(super) fn compare(
    sod: &[u8],
    files: &Files,
    anchors: &dyn TrustAnchors,
    options: &PathOptions,
) -> Vec<(DataGroup, Option<&'static str>)> {
    let found = authenticate_security_object(sod, anchors, SystemClock.now(), options);
    let mut groups = Vec::new();
    for group in DataGroup::all() {
        let Some(bytes) = files.bytes(File::DataGroup(group)) else {
            continue;
        };
        let says = match (found.verified(), found.self_consistent()) {
            (Some(object), _) => object.data_group(group, bytes).err(),
            (None, Some(own)) => own.contradiction(group, bytes),
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
    groups
}
