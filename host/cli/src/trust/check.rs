//! `chipgate trust check`: any signed object or certificate, its path step by step, and where it stops.

use std::{fmt::Write, path::Path, path::PathBuf, process::ExitCode};

use chipgate_apdu::{Clock as _, Timestamp};
use chipgate_inspection::Policy;
use chipgate_lds::DataGroup;
use chipgate_trust::{
    Authentication, Certificate, KnownDefect, PathOptions, StepResult, TrustAnchors, UnreadableEntry,
    UnverifiedMasterList, authenticate_card_security, authenticate_certificate, authenticate_defect_list,
    authenticate_master_list, authenticate_security_object, claimed_data_groups, read_unverified_defect_list,
};
use chipgate_trust_store::{Verification, count_pem_blocks, look_at, read_file, verify_list};
use clap::Args;
use serde_json::{Value, json};

use super::folder;
use crate::output::say;
use crate::{cli_error::CliError, clock::SystemClock, time};

#[derive(Args)]
pub(crate) struct CheckArguments {
    /// An EF.SOD, an EF.CardSecurity, a certificate, a master list or a defect list
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// A folder with the data groups of an EF.SOD (DG1.bin, DG2.bin …), to hold them against its hashes
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

/// What was found, whatever the file is.
struct Checked {
    kind: &'static str,
    steps: Vec<(&'static str, StepResult)>,
    path: Vec<Certificate>,
    signing_time: Option<Timestamp>,
    defects: Vec<KnownDefect>,
    data_groups: Vec<(DataGroup, Option<&'static str>)>,
    /// Data groups that EF.SOD lists and the folder has not.
    missing: Vec<DataGroup>,
    /// That a folder of data groups was named.
    has_folder: bool,
    list: Option<ListEntries>,
    /// How many PEM blocks the file has, of which the first was checked.
    pem_blocks: usize,
}

/// The entries of a master list.
struct ListEntries {
    verification: Verification,
    certificates: Vec<Certificate>,
    unreadable: Vec<UnreadableEntry>,
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
        checked.data_groups = data_groups(&bytes, &store, policy.path_options(), folder)?;
        checked.missing = claimed_data_groups(&bytes);
        checked
            .missing
            .retain(|listed| checked.data_groups.iter().all(|(group, _)| group != listed));
        checked.has_folder = true;
    }
    if arguments.json {
        say!("{}", to_json(&arguments.file, &checked));
    } else {
        crate::output::write(format_args!("{}", to_text(&arguments.file, &checked)));
    }
    Ok(if is_trusted(&checked) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn read(file: &Path) -> Result<Vec<u8>, CliError> {
    read_file(file).map_err(|error| CliError::file(file, error))
}

fn unrecognised(file: &Path, bytes: &[u8]) -> CliError {
    CliError::Usage(format!(
        "{} looks like {}: `trust check` takes an EF.SOD, an EF.CardSecurity, a certificate, a master list or a defect list",
        file.display(),
        look_at(bytes)
    ))
}

/// Recognises what the bytes are, and checks them as that.
fn check(bytes: &[u8], anchors: &dyn TrustAnchors, now: Timestamp, options: &PathOptions) -> Option<Checked> {
    let pem = chipgate_trust_store::first_pem_block(bytes);
    let bytes = pem.as_deref().unwrap_or(bytes);
    if let Ok(certificate) = Certificate::from_der(bytes) {
        let found = authenticate_certificate(&certificate, anchors, now, options);
        return Some(Checked::of("certificate", &found));
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
    if bytes.first() == Some(&0x77) {
        let found = authenticate_security_object(bytes, anchors, now, options);
        return Some(Checked {
            defects: found.defects().to_vec(),
            ..Checked::of("EF.SOD", &found)
        });
    }
    // What is left is taken for EF.CardSecurity if it is a CMS object at all.
    let found = authenticate_card_security(bytes, anchors, now, options);
    let is_cms = found.signature().fault() != Some(chipgate_trust::TrustFault::Unreadable)
        && found.signature().fault() != Some(chipgate_trust::TrustFault::WrongContentType);
    is_cms.then(|| Checked::of("EF.CardSecurity", &found))
}

impl Checked {
    fn of<T>(kind: &'static str, found: &Authentication<T>) -> Self {
        let mut steps = vec![
            ("signature", found.signature()),
            ("issuer-certificate", found.issuer_certificate()),
            ("certificate-validity", found.validity()),
            ("certificate-validity.key-usage", found.key_usage_period()),
            ("revocation", found.revocation()),
        ];
        if kind == "certificate" {
            // Nothing was signed at a time here.
            steps.retain(|(name, _)| *name != "certificate-validity.key-usage" && *name != "signature");
        }
        let signer = found.signer().into_iter();
        Self {
            kind,
            steps,
            path: signer.chain(found.issuers()).cloned().collect(),
            signing_time: found.signing_time(),
            defects: Vec::new(),
            data_groups: Vec::new(),
            missing: Vec::new(),
            has_folder: false,
            list: None,
            pem_blocks: 0,
        }
    }
}

/// Each data group in the folder against EF.SOD; `None` is agreement.
fn data_groups(
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
            chipgate_trust::HashFault::NotListed => "EF.SOD does not list it",
            chipgate_trust::HashFault::Mismatch => "it is not what was signed",
        });
        groups.push((group, says));
    }
    Ok(groups)
}

/// The signature holds, a path leads to it, it is valid, its key was used in its time, nothing is revoked, by a revocation
/// list or a defect list, no data group differs, and each entry of a list is sound.
fn is_trusted(checked: &Checked) -> bool {
    let step = |name: &str| {
        checked
            .steps
            .iter()
            .find(|(of, _)| *of == name)
            .map(|(_, step)| *step)
    };
    let holds = |name: &str| step(name).is_none_or(StepResult::is_successful);
    // What is missing for these two leaves them open; it speaks against nothing.
    let not_failed = |name: &str| !matches!(step(name), Some(StepResult::Failed(_)));
    let agrees = checked.data_groups.iter().all(|(_, says)| says.is_none());
    holds("signature")
        && holds("issuer-certificate")
        && holds("certificate-validity")
        && not_failed("certificate-validity.key-usage")
        && not_failed("revocation")
        && !checked.defects.iter().any(withdraws_trust)
        && agrees
        && (!checked.has_folder || !checked.data_groups.is_empty())
        && checked.list.as_ref().is_none_or(ListEntries::is_sound)
}

/// TR-03135-1, table 5.54: whatever its status code, a revoked signer is not trusted, or its trust is open.
const fn withdraws_trust(defect: &KnownDefect) -> bool {
    matches!(defect, KnownDefect::CertificateRevoked(_))
}

impl ListEntries {
    fn is_sound(&self) -> bool {
        self.unreadable.is_empty() && self.verification.wrong.is_empty()
    }

    fn to_text(&self) -> String {
        let found = &self.verification;
        let mut text = format!(
            "  {} entries: {} verify in the list,\n  {} have their issuer elsewhere, {} are wrong, {} cannot be read\n",
            self.certificates.len() + self.unreadable.len(),
            found.verified,
            found.without_issuer.len(),
            found.wrong.len(),
            self.unreadable.len()
        );
        for certificate in self.named(&found.wrong) {
            let _ = writeln!(text, "  wrong signature: {}", certificate.subject());
            let _ = writeln!(text, "    SHA-256 {}", hex::encode(certificate.fingerprint()));
        }
        for entry in &self.unreadable {
            let _ = writeln!(
                text,
                "  unreadable entry\n    SHA-256 {}\n    {}",
                hex::encode(entry.fingerprint),
                entry.error
            );
        }
        for certificate in self.named(&found.without_issuer) {
            let _ = writeln!(text, "  issuer elsewhere: {}", certificate.subject());
            let _ = writeln!(text, "    missing: {}", certificate.issuer());
        }
        text
    }

    fn named(&self, fingerprints: &[[u8; 32]]) -> Vec<&Certificate> {
        let all = self.certificates.iter();
        all.filter(|certificate| fingerprints.contains(&certificate.fingerprint()))
            .collect()
    }

    fn to_json(&self) -> Value {
        let found = &self.verification;
        let missing = self.named(&found.without_issuer).into_iter().map(|certificate| {
            json!({ "subject": certificate.subject().to_string(), "issuer": certificate.issuer().to_string(),
                    "fingerprint": hex::encode(certificate.fingerprint()) })
        });
        let unreadable = self.unreadable.iter().map(
            |entry| json!({ "place": entry.place, "fingerprint": hex::encode(entry.fingerprint), "why": entry.error.to_string() }),
        );
        json!({ "certificates": self.certificates.len(), "verified": found.verified,
                "without_issuer": found.without_issuer.iter().map(hex::encode).collect::<Vec<_>>(),
                "wrong": found.wrong.iter().map(hex::encode).collect::<Vec<_>>(),
                "unreadable": unreadable.collect::<Vec<_>>(), "missing_issuers": missing.collect::<Vec<_>>() })
    }
}

fn result(step: StepResult) -> &'static str {
    match step {
        StepResult::Successful => "successful",
        StepResult::Failed(_) => "failed",
        StepResult::Undetermined(_) => "undetermined",
    }
}

fn to_text(file: &Path, checked: &Checked) -> String {
    let mut text = format!("{}: {}\n", file.display(), checked.kind);
    if checked.pem_blocks > 1 {
        let _ = writeln!(
            text,
            "  the first of {} PEM blocks; the others are not looked at",
            checked.pem_blocks
        );
    }
    for (name, step) in &checked.steps {
        let _ = write!(text, "  {:30} {}", name, result(*step));
        let _ = match step.fault() {
            Some(fault) => writeln!(text, " ({}): {fault}", fault.code()),
            None => writeln!(text),
        };
    }
    if let Some(signed) = checked.signing_time {
        let _ = writeln!(text, "  signed on {}", time::date(signed));
    }
    for (depth, certificate) in checked.path.iter().enumerate() {
        let arrow = if depth == 0 { "signer" } else { "issued by" };
        let _ = writeln!(
            text,
            "  {:10} {} ({} to {})\n             SHA-256 {}",
            arrow,
            certificate.subject(),
            time::date(certificate.not_before()),
            time::date(certificate.not_after()),
            hex::encode(certificate.fingerprint())
        );
    }
    if let Some(list) = &checked.list {
        text.push_str(&list.to_text());
    }
    for defect in &checked.defects {
        let _ = writeln!(text, "  known defect: {defect}");
    }
    for (group, says) in &checked.data_groups {
        let _ = writeln!(text, "  {group:6} {}", says.unwrap_or("is what was signed"));
    }
    for group in &checked.missing {
        let _ = writeln!(text, "  {group:6} is listed in EF.SOD, and is not in the folder");
    }
    if checked.has_folder && checked.data_groups.is_empty() {
        text.push_str("  the folder has none of the data groups: nothing was held against EF.SOD\n");
    }
    text
}

fn to_json(file: &Path, checked: &Checked) -> Value {
    let steps = checked.steps.iter().map(|(name, step)| {
        json!({ "step": name, "result": result(*step), "fault": step.fault().map(chipgate_trust::TrustFault::code),
                "says": step.fault().map(|fault| fault.to_string()) })
    });
    let path = checked.path.iter().map(|certificate| {
        json!({ "subject": certificate.subject().to_string(), "issuer": certificate.issuer().to_string(),
                "fingerprint": hex::encode(certificate.fingerprint()),
                "not_before": time::date(certificate.not_before()), "not_after": time::date(certificate.not_after()) })
    });
    let groups = checked.data_groups.iter().map(
        |(group, says)| json!({ "data_group": group.to_string(), "agrees": says.is_none(), "says": says }),
    );
    let list = checked.list.as_ref().map(ListEntries::to_json);
    let missing: Vec<_> = checked.missing.iter().map(ToString::to_string).collect();
    json!({
        "file": file, "kind": checked.kind, "trusted": is_trusted(checked),
        "steps": steps.collect::<Vec<_>>(), "path": path.collect::<Vec<_>>(),
        "signed": checked.signing_time.map(time::date),
        "defects": checked.defects.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "data_groups": groups.collect::<Vec<_>>(), "missing_data_groups": missing, "list": list, "pem_blocks": checked.pem_blocks,
    })
}

#[cfg(test)]
mod tests {
    use chipgate_trust::TrustFault;

    use super::*;

    fn sound() -> Checked {
        let steps = [
            "signature",
            "issuer-certificate",
            "certificate-validity",
            "certificate-validity.key-usage",
            "revocation",
        ];
        Checked {
            kind: "EF.SOD",
            steps: steps.map(|step| (step, StepResult::Successful)).to_vec(),
            path: Vec::new(),
            signing_time: None,
            defects: Vec::new(),
            data_groups: Vec::new(),
            missing: Vec::new(),
            has_folder: false,
            list: None,
            pem_blocks: 0,
        }
    }

    fn with_step(name: &str, result: StepResult) -> Checked {
        let mut checked = sound();
        for (step, of) in &mut checked.steps {
            if *step == name {
                *of = result;
            }
        }
        checked
    }

    #[test]
    fn a_known_revocation_and_a_key_out_of_its_time_are_not_trusted() {
        assert!(is_trusted(&sound()));
        let mut checked = sound();
        checked.defects = vec![KnownDefect::ComSodDiscrepancy];
        assert!(is_trusted(&checked), "it says nothing against the signer");
        checked.defects.push(KnownDefect::CertificateRevoked(0));
        assert!(!is_trusted(&checked));
        let outside = StepResult::Failed(TrustFault::OutsideKeyUsagePeriod);
        assert!(!is_trusted(&with_step("certificate-validity.key-usage", outside)));
        let open = StepResult::Undetermined(TrustFault::NoKeyUsagePeriod);
        assert!(is_trusted(&with_step("certificate-validity.key-usage", open)));
        let revoked = StepResult::Failed(TrustFault::Revoked);
        assert!(!is_trusted(&with_step("revocation", revoked)));
    }

    #[test]
    fn a_list_with_a_bad_entry_is_not_trusted_and_the_entry_is_named() {
        let list = |wrong: Vec<[u8; 32]>, unreadable| {
            let verification = Verification {
                wrong,
                ..Verification::default()
            };
            let certificates = Vec::new();
            Some(ListEntries {
                verification,
                certificates,
                unreadable,
            })
        };
        let mut checked = sound();
        checked.list = list(Vec::new(), Vec::new());
        assert!(is_trusted(&checked));
        checked.list = list(vec![[1; 32]], Vec::new());
        assert!(!is_trusted(&checked));
        let entry = UnreadableEntry {
            place: 7,
            fingerprint: [2; 32],
            error: chipgate_trust::TrustError::NotACertificate,
        };
        checked.list = list(Vec::new(), vec![entry]);
        assert!(!is_trusted(&checked));
        let text = to_text(Path::new("list.ml"), &checked);
        assert!(
            text.contains("1 entries") && text.contains(&"02".repeat(32)),
            "{text}"
        );
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }
}
