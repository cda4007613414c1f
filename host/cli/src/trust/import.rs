//! `chipgate trust import`: what came of each object of each file.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use chipgate_apdu::Clock as _;
use chipgate_trust::{TrustError, TrustFault, UnreadableDefect};
use chipgate_trust_store::{
    ImportResult, Imported, Listed, Refusal, Refused, Store, Verification, parse_fingerprint,
};
use clap::Args;

use super::text::{breakable, unusable};
use super::{listed_to_json, lost, refused_to_json};
use crate::output::say;
use crate::prose::wrapped;
use crate::{cli_error::CliError, clock::SystemClock, folders, time};

#[derive(Args)]
pub(crate) struct ImportArguments {
    /// Certificates and revocation lists (DER, PEM), master, defect and deviation lists (CMS), and LDIF with any of them
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The trust folder (without it: the user's configuration folder)
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
    /// Trust the CSCA certificate with this SHA-256 fingerprint, in a file or in a master list; may be given several times
    #[arg(long, value_name = "HEX")]
    fingerprint: Vec<String>,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &ImportArguments) -> Result<ExitCode, CliError> {
    let folder = arguments.trust.clone().map_or_else(folders::trust, Ok)?;
    let mut fingerprints = Vec::new();
    for text in &arguments.fingerprint {
        let fingerprint = parse_fingerprint(text);
        fingerprints
            .push(fingerprint.ok_or_else(|| CliError::Usage(format!("{text:?} is no SHA-256 fingerprint")))?);
    }
    let mut store = Store::create(&folder)?;
    let before = store.standing(SystemClock.now());
    let imported = store.import(&arguments.files, &fingerprints, SystemClock.now())?;
    let lost = store.lost_since(&before);
    if arguments.json {
        let rows: Vec<_> = imported
            .iter()
            .map(|item| imported_to_json(item, &store))
            .collect();
        say!(
            "{}",
            serde_json::json!({ "trust": folder, "imported": rows, "lost": lost::to_json(&lost) })
        );
    } else {
        for item in &imported {
            crate::output::write(format_args!("{}", imported_to_text(item, &store)));
        }
        crate::output::write(format_args!("{}", lost::to_text(&lost)));
        say!("Trust folder: {}", folder.display());
    }
    Ok(
        if imported.iter().any(has_refusal) || lost::is_to_be_looked_at(&lost) {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        },
    )
}

/// The file, and the line of LDIF, or the part of it where it holds several.
fn origin(item: &Imported) -> String {
    let place = match (item.line, item.part) {
        (Some(line), _) => format!(", line {line}"),
        (None, Some(part)) => format!(", part {part}"),
        (None, None) => String::new(),
    };
    format!("{}{place}", item.from.display())
}

/// Whether anything of it was not taken that should have been. That a list names certificates of no authority is told, and
/// is no fault of the import: the published ones do.
fn has_refusal(item: &Imported) -> bool {
    match &item.result {
        ImportResult::Refused(_) => true,
        ImportResult::AddedMasterList { refused, .. } => refused
            .iter()
            .any(|entry| entry.why != Refusal::Unusable(TrustError::NotAnAuthority)),
        _ => false,
    }
}

/// The certificates of a list whose issuer is not in it.
fn missing_issuers(verification: &Verification, store: &Store) -> Vec<Listed> {
    let fingerprints = verification.without_issuer.iter();
    let found =
        fingerprints.filter_map(|fingerprint| store.find(&hex::encode(fingerprint)).into_iter().next());
    found.collect()
}

/// The certificates of a list whose signature could not be tried, and why.
fn not_carried(verification: &Verification, store: &Store) -> Vec<(Listed, TrustFault)> {
    let entries = verification.not_carried.iter();
    let found = entries.filter_map(|(fingerprint, fault)| {
        let listed = store.find(&hex::encode(fingerprint)).into_iter().next()?;
        Some((listed, *fault))
    });
    found.collect()
}

fn imported_to_text(item: &Imported, store: &Store) -> String {
    let origin = origin(item);
    match &item.result {
        ImportResult::Added(listed) | ImportResult::AddedSigner(listed) => {
            said("added", &format!("{origin}: {}", listed.kind)) + &of_whom(listed)
        }
        ImportResult::AddedMasterList {
            file,
            anchors,
            verification,
            refused,
        } => {
            let mut text = said(
                "added",
                &format!(
                    "{origin}: a master list with {anchors} anchors that were not there; {} signatures verify in it, {} \
                     have their issuer elsewhere, {} can't be tried, {} are wrong",
                    verification.verified,
                    verification.without_issuer.len(),
                    verification.not_carried.len(),
                    verification.wrong.len()
                ),
            );
            for (listed, fault) in not_carried(verification, store) {
                text += &said("", &format!("entry: {}", listed.subject));
                text += &said("", &format!("  not tried: {fault}"));
            }
            for entry in refused {
                text += &refused_entry(entry);
            }
            for listed in unusable_of(file, store) {
                text += &of_whom(&listed);
            }
            for listed in missing_issuers(verification, store) {
                text += &said("", &format!("entry: {}", listed.subject));
                text += &said("", &format!("  its issuer is not in the list: {}", listed.issuer));
            }
            text
        }
        ImportResult::AddedDefectList {
            defects,
            passed_over,
            unreadable,
            ..
        } => {
            let mut text = said(
                "added",
                &format!("{origin}: a defect list with {}", entries(*defects)),
            );
            if *passed_over > 0 {
                let says = format!("{passed_over} more are passed over: no signer is named, or unreadable");
                text += &said("", &says);
            }
            for entry in unreadable {
                text += &said(
                    "",
                    &format!("{} can't be read: it {}", place_of(entry), entry.why),
                );
            }
            text
        }
        ImportResult::Replaced { list, older } => {
            let says = format!(
                "{origin}: {}, in the place of {older} older of its issuer",
                list.kind
            );
            said("added", &says) + &of_whom(list)
        }
        ImportResult::Superseded(by) => said(
            "superseded",
            &format!(
                "{origin}: a list of {} is here already",
                time::date(by.not_before)
            ),
        ),
        ImportResult::TakenBack(anchors) => {
            let says = format!("{origin}: distrusted until now, and trusted again");
            let anchors = anchors.iter().map(of_whom);
            said("taken back", &says) + &anchors.collect::<String>()
        }
        ImportResult::Removed => said("removed", &origin),
        ImportResult::Kept(lists) => {
            let says = format!(
                "{origin}: an LDIF's removal is signed by nobody; `chipgate trust remove FINGERPRINT` removes it"
            );
            let entry = item.entry.as_deref();
            let mut text = said("kept", &says);
            text += &entry.map_or(String::new(), |dn| said("", &format!("entry {}", breakable(dn))));
            for fingerprint in lists {
                text += &sha256(fingerprint);
            }
            text
        }
        ImportResult::AlreadyThere => said("already there", &origin),
        ImportResult::Refused(why) => {
            let entry = item.entry.as_deref();
            said("refused", &format!("{origin}: {why}"))
                + &entry.map_or(String::new(), |dn| said("", &format!("entry {}", breakable(dn))))
        }
    }
}

/// What came of an object, and what there is to say of it in the lines under it.
fn said(result: &str, text: &str) -> String {
    wrapped(&format!("{result:15}"), &" ".repeat(15), text)
}

fn of_whom(listed: &Listed) -> String {
    let unusable = unusable(listed).map(|says| said("", &format!("added, but {says}")));
    said("", &listed.subject) + &sha256(&listed.fingerprint) + &unusable.unwrap_or_default()
}

fn sha256(fingerprint: &str) -> String {
    format!("{:>13}  {fingerprint}\n", "SHA-256")
}

/// The anchors of a list that prove nothing.
fn unusable_of(file: &Path, store: &Store) -> Vec<Listed> {
    let listed = store.list().into_iter();
    listed
        .filter(|item| item.from_master_list && item.file == file && item.unusable.is_some())
        .collect()
}

fn refused_entry(entry: &Refused) -> String {
    let subject = entry.subject.as_deref().unwrap_or("no certificate");
    let place = entry.part.map_or(String::new(), |place| format!(" {place}"));
    let fingerprint = entry.fingerprint.as_deref().unwrap_or_default();
    said("", &format!("entry{place} refused: {}", entry.why))
        + &said("", &format!("  {subject}"))
        + &sha256(fingerprint)
}

/// `entry 3`, or `defect 2 of entry 3`.
fn place_of(entry: &UnreadableDefect) -> String {
    let UnreadableDefect { place, known, .. } = entry;
    known.map_or(format!("entry {place}"), |known| {
        format!("defect {known} of entry {place}")
    })
}

fn entries(count: usize) -> String {
    match count {
        1 => "1 entry".to_owned(),
        more => format!("{more} entries"),
    }
}

fn imported_to_json(item: &Imported, store: &Store) -> serde_json::Value {
    let (result, detail) = match &item.result {
        ImportResult::Added(listed) | ImportResult::AddedSigner(listed) => ("added", listed_to_json(listed)),
        ImportResult::AddedMasterList {
            file,
            anchors,
            verification,
            refused,
        } => {
            let missing = missing_issuers(verification, store).into_iter().map(|listed| {
                serde_json::json!({ "subject": listed.subject, "issuer": listed.issuer, "fingerprint": listed.fingerprint })
            });
            let not_carried = not_carried(verification, store).into_iter().map(|(listed, fault)| {
                serde_json::json!({ "subject": listed.subject, "fingerprint": listed.fingerprint, "fault": fault.code() })
            });
            let detail = serde_json::json!({ "anchors": anchors, "verified": verification.verified,
                "without_issuer": verification.without_issuer.len(), "wrong": verification.wrong.len(),
                "missing_issuers": missing.collect::<Vec<_>>(), "not_carried": not_carried.collect::<Vec<_>>(),
                                "unusable": unusable_of(file, store).iter().map(listed_to_json).collect::<Vec<_>>(),
                "refused": refused.iter().map(refused_to_json).collect::<Vec<_>>() });
            ("added", detail)
        }
        ImportResult::AddedDefectList {
            defects,
            passed_over,
            unreadable,
            ..
        } => {
            let unreadable = unreadable.iter().map(|entry| {
                serde_json::json!({ "entry": entry.place, "defect": entry.known, "why": entry.why.to_string() })
            });
            (
                "added",
                serde_json::json!({ "defects": defects, "passed_over": passed_over,
                    "unreadable": unreadable.collect::<Vec<_>>() }),
            )
        }
        ImportResult::Replaced { list, older } => {
            let mut detail = listed_to_json(list);
            detail["replaces"] = (*older).into();
            ("added", detail)
        }
        ImportResult::Superseded(by) => ("superseded", listed_to_json(by)),
        ImportResult::TakenBack(anchors) => {
            let anchors: Vec<_> = anchors.iter().map(listed_to_json).collect();
            ("taken-back", serde_json::json!({ "anchors": anchors }))
        }
        ImportResult::Removed => ("removed", serde_json::Value::Null),
        ImportResult::Kept(lists) => ("kept", serde_json::json!({ "fingerprints": lists })),
        ImportResult::AlreadyThere => ("already-there", serde_json::Value::Null),
        ImportResult::Refused(why) => ("refused", serde_json::json!({ "why": why.to_string() })),
    };
    serde_json::json!({ "file": item.from, "part": item.part, "line": item.line, "entry": item.entry, "result": result, "detail": detail })
}
