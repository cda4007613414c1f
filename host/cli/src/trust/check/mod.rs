//! `chipgate trust check`: any signed object or certificate, its path step by step, and where it stops.

mod checked;
mod data_groups;
mod document;
mod list_entries;
mod show;

use std::{path::Path, path::PathBuf, process::ExitCode};

use chipgate_apdu::{Clock as _, Timestamp};
use chipgate_inspection::Policy;
use chipgate_trust::{
    Certificate, PathOptions, TrustAnchors, UnverifiedMasterList, authenticate_card_security,
    authenticate_certificate, authenticate_defect_list, authenticate_master_list,
    authenticate_security_object, claimed_data_groups, read_unverified_defect_list,
};
use chipgate_trust_store::{
    Likeness, Object, count_pem_blocks, first_pem_block, look_at, read_file, verify_list,
};
use clap::Args;

use self::checked::{CERTIFICATE, Checked};
use self::document::DocumentChecks;
use self::list_entries::ListEntries;
use super::folder;
use crate::output::say;
use crate::{cli_error::CliError, clock::SystemClock};

#[derive(Args)]
pub(crate) struct CheckArguments {
    /// An EF.SOD, an EF.CardSecurity, a certificate, a master list or a defect list
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// A folder with the data groups of an EF.SOD (DG1.bin, DG2.bin …), to hold them against its hashes, and its signer against the
    /// issuing state and the type of the document
    #[arg(long, value_name = "DIR")]
    dg: Option<PathBuf>,
    /// Judge by the options of this policy: document, airport, counter or lab
    #[arg(long, value_name = "NAME", default_value = "document")]
    policy: String,
    /// The trust folder (without it: the user's configuration folder)
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &CheckArguments) -> Result<ExitCode, CliError> {
    let (store, _) = folder(arguments.trust.as_deref())?;
    let bytes = read(&arguments.file)?;
    let policy = Policy::shipped_text(&arguments.policy)
        .ok_or_else(|| CliError::Usage(format!("{:?} is no shipped policy", arguments.policy)))?;
    let policy = Policy::parse(policy)?;
    let mut checked = check(&bytes, &store, SystemClock.now(), policy.path_options())
        .ok_or_else(|| unrecognised(&arguments.file, &bytes))?;
    checked.pem_blocks = count_pem_blocks(&bytes);
    if let Some(folder) = &arguments.dg {
        if checked.kind != "EF.SOD" {
            return Err(CliError::Usage(format!(
                "--dg is for an EF.SOD, and this is a {}",
                checked.kind
            )));
        }
        let pem = first_pem_block(&bytes);
        let sod = pem.as_deref().unwrap_or(&bytes);
        let files = data_groups::read_folder(sod, folder)?;
        checked.data_groups = data_groups::compare(sod, &files, &store, policy.path_options());
        checked.missing = claimed_data_groups(sod);
        checked
            .missing
            .retain(|listed| checked.data_groups.iter().all(|(group, _)| group != listed));
        checked.document = Some(DocumentChecks::of(files, &store, &policy));
    }
    if arguments.json {
        say!("{}", show::to_json(&arguments.file, &checked));
    } else {
        crate::output::write(format_args!("{}", show::to_text(&arguments.file, &checked)));
    }
    Ok(if checked.is_trusted() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn read(file: &Path) -> Result<Vec<u8>, CliError> {
    read_file(file).map_err(|error| CliError::file(file, error))
}

/// What the file looks like, and what to do with it or what to name instead.
fn unrecognised(file: &Path, bytes: &[u8]) -> CliError {
    let found = look_at(bytes);
    let instead = found.what_to_do().unwrap_or(
        "`trust check` takes an EF.SOD, an EF.CardSecurity, a certificate, a master list or a defect list",
    );
    CliError::Usage(format!("{} looks like {found}: {instead}", file.display()))
}

/// Recognises what the bytes are, and checks them as that.
fn check(bytes: &[u8], anchors: &dyn TrustAnchors, now: Timestamp, options: &PathOptions) -> Option<Checked> {
    let pem = first_pem_block(bytes);
    let bytes = pem.as_deref().unwrap_or(bytes);
    if let Ok(certificate) = Certificate::from_der(bytes) {
        let found = authenticate_certificate(&certificate, anchors, now, options);
        let named = anchors.candidates(certificate.subject(), certificate.subject_key_identifier());
        return Some(Checked {
            is_anchor: named.iter().any(|anchor| *anchor.certificate() == certificate),
            ..Checked::of(CERTIFICATE, &found)
        });
    }
    if let Ok(list) = UnverifiedMasterList::from_der(bytes) {
        let found = authenticate_master_list(bytes, anchors, now, options);
        let certificates = list.list.certificates;
        return Some(Checked {
            list: Some(ListEntries {
                verification: verify_list(&certificates),
                certificates,
                unreadable: list.list.unreadable,
            }),
            ..Checked::of("master list", &found)
        });
    }
    if read_unverified_defect_list(bytes).is_ok() {
        let found = authenticate_defect_list(bytes, anchors, now, options);
        return Some(Checked::of("defect list", &found));
    }
    match look_at(bytes) {
        Likeness::Object(Object::Sod) => {
            let found = authenticate_security_object(bytes, anchors, now, options);
            Some(Checked {
                defects: found.defects().to_vec(),
                ..Checked::of("EF.SOD", &found)
            })
        }
        Likeness::Object(Object::CardSecurity) => {
            let found = authenticate_card_security(bytes, anchors, now, options);
            Some(Checked::of("EF.CardSecurity", &found))
        }
        _ => None,
    }
}
