//! `chipgate read --decode`: what the files say, as JSON for people. It is what the chip says: nothing here is proved.

mod documents;
mod personal;
mod pictures;
mod security;
mod text;

use std::path::Path;

use chipgate_gate::{LONGEST_INPUT, read_at_most};
use chipgate_lds::{Date, File, LdsError};
use serde_json::{Map, Value, json};
pub(crate) use text::text;

use crate::cli_error::CliError;

/// Which files to decode.
#[derive(Clone)]
pub(crate) enum Wanted {
    /// All that were read, but for the sensitive ones.
    All,
    /// These, sensitive or not.
    Named(Vec<File>),
}

/// How the command line asks for all.
pub(crate) const ALL: &str = "all";

impl Wanted {
    /// Reads `all`, or names with commas between them.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text == ALL {
            return Ok(Self::All);
        }
        let files = text.split(',').map(str::trim).map(|name| {
            File::from_name(name)
                .ok_or_else(|| format!("{name} is no file of a document: name DG1 to DG16, EF.COM and so on"))
        });
        files.collect::<Result<_, _>>().map(Self::Named)
    }

    fn includes(&self, file: File) -> bool {
        match self {
            Self::All => !is_sensitive(file),
            Self::Named(files) => files.contains(&file),
        }
    }
}

/// Biometrics, religion, ethnicity and family, and other people's names are shown only to someone who asks for them.
fn is_sensitive(file: File) -> bool {
    matches!(file.name(), "DG3" | "DG4" | "DG13" | "DG16")
}

/// Decodes the files in a folder that are wanted, each under its name. One that cannot be decoded says why.
pub(crate) fn folder(folder: &Path, wanted: &Wanted, today: Option<Date>) -> Result<Value, CliError> {
    let mut decoded = Map::new();
    for file in File::all().filter(|file| wanted.includes(*file)) {
        let path = folder.join(file.file_name());
        let bytes = match read_at_most(&path, LONGEST_INPUT) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => {
                return Err(CliError::Usage(format!(
                    "{} cannot be read: {error}",
                    path.display()
                )));
            }
        };
        let value = decode(file, &bytes, today).unwrap_or_else(|error| json!({ "error": error.to_string() }));
        decoded.insert(file.name().to_owned(), value);
    }
    Ok(Value::Object(decoded))
}

fn decode(file: File, bytes: &[u8], today: Option<Date>) -> Result<Value, LdsError> {
    match file.name() {
        "EF.CardAccess" => security::card_access(bytes),
        "EF.CardSecurity" => security::card_security(bytes),
        "EF.DIR" => documents::directory(bytes),
        "EF.ATR/INFO" => documents::attributes(bytes),
        "EF.CVCA" => documents::cvca(bytes),
        "EF.COM" => documents::com(bytes),
        "EF.SOD" => security::sod(bytes),
        "DG1" => personal::dg1(bytes, today),
        "DG2" => pictures::dg2(bytes),
        "DG3" => pictures::dg3(bytes),
        "DG4" => pictures::dg4(bytes),
        "DG5" => pictures::dg5(bytes),
        "DG7" => pictures::dg7(bytes),
        "DG11" => personal::dg11(bytes),
        "DG12" => documents::dg12(bytes),
        "DG13" => personal::dg13(bytes),
        "DG14" => security::dg14(bytes),
        "DG15" => security::dg15(bytes),
        "DG16" => personal::dg16(bytes),
        // DG6 and DG8 to DG10: reserved, or without a layout that anyone writes.
        _ => Ok(json!({ "bytes": bytes.len() })),
    }
}

#[cfg(test)]
mod tests {
    use super::Wanted;
    use chipgate_lds::File;

    #[test]
    fn sensitive_files_are_wanted_only_by_name() {
        let all = Wanted::parse("all").unwrap();
        let named = Wanted::parse("DG13, EF.COM").unwrap();
        for (name, in_all, in_named) in [
            ("DG1", true, false),
            ("DG13", false, true),
            ("EF.COM", true, true),
            ("DG3", false, false),
        ] {
            let file = File::from_name(name).unwrap();
            assert_eq!(
                (all.includes(file), named.includes(file)),
                (in_all, in_named),
                "{name}"
            );
        }
        assert!(Wanted::parse("DG17").is_err());
        assert!(Wanted::parse("").is_err());
    }
}
