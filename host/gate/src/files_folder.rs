use std::{io::ErrorKind, path::Path};

use chipgate_inspection::{FileObservation, Files};
use chipgate_lds::File;

use crate::{GateError, LONGEST_INPUT, read_at_most};

/// Reads what `chipgate read --out` wrote: `EF.SOD.bin`, `DG1.bin` and so on. At least EF.SOD must be there.
pub fn read_files_folder(folder: &Path) -> Result<Files, GateError> {
    let mut files = Files::new();
    for file in File::all() {
        let path = folder.join(file.file_name());
        match read_at_most(&path, LONGEST_INPUT) {
            Ok(bytes) => files.insert(file, FileObservation::Read(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound && file != File::Sod => {}
            Err(error) => {
                return Err(GateError::Files {
                    file: path,
                    reason: error.to_string(),
                });
            }
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use chipgate_lds::{DataGroup, File};

    use super::read_files_folder;
    use crate::GateError;

    #[test]
    fn takes_the_files_that_are_there() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("EF.SOD.bin"), [1]).unwrap();
        std::fs::write(folder.path().join("DG1.bin"), [2]).unwrap();
        let files = read_files_folder(folder.path()).unwrap();
        assert_eq!(files.bytes(File::Sod), Some(&[1][..]));
        assert_eq!(files.bytes(File::DataGroup(DataGroup::DG1)), Some(&[2][..]));
        assert_eq!(files.get(File::DataGroup(DataGroup::DG2)), None);
    }

    #[test]
    fn says_which_file_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        let error = read_files_folder(folder.path()).unwrap_err();
        assert!(
            matches!(&error, GateError::Files { file, .. } if file.ends_with("EF.SOD.bin")),
            "{error}"
        );
    }
}
