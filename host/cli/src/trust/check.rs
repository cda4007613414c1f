//! `chipgate trust check`: any signed object or certificate, its path step by step, and where it stops.

use std::{fmt::Write, path::Path, path::PathBuf, process::ExitCode};

use chipgate_apdu::{Clock as _, Timestamp};
use chipgate_inspection::Policy;
use chipgate_lds::DataGroup;
use chipgate_trust::{
    Authentication, Certificate, KnownDefect, PathOptions, StepResult, TrustAnchors, UnverifiedMasterList,
    authenticate_card_security, authenticate_certificate, authenticate_defect_list, authenticate_master_list,
    authenticate_security_object, read_unverified_defect_list,
};
use chipgate_trust_store::{Verification, look_at, verify_list};
use clap::Args;
use serde_json::{Value, json};

use super::folder;
use crate::output::say;
use crate::{cli_error::CliError, clock::SystemClock, time};

/// An EF.SOD has some kilobytes, a master list some megabytes.
const LARGEST: u64 = 64 << 20;

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
    list: Option<(usize, Verification)>,
}

pub(crate) fn run(arguments: &CheckArguments) -> Result<ExitCode, CliError> {
    let (store, _) = folder(arguments.trust.as_deref())?;
    let bytes = read(&arguments.file)?;
    let policy = Policy::shipped_text(&arguments.policy)
        .ok_or_else(|| CliError::Usage(format!("{:?} is no shipped policy", arguments.policy)))?;
    let policy = Policy::parse(policy)?;
    let mut checked = check(&bytes, &store, SystemClock.now(), policy.path_options())
        .ok_or_else(|| unrecognised(&arguments.file, &bytes))?;
    if let Some(folder) = &arguments.dg {
        checked.data_groups = data_groups(&bytes, &store, policy.path_options(), folder)?;
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
    let unreadable = |error: std::io::Error| CliError::file(file, error);
    let size = std::fs::metadata(file).map_err(unreadable)?.len();
    if size > LARGEST {
        return Err(CliError::Usage(format!(
            "{} has {size} bytes, more than any signed list",
            file.display()
        )));
    }
    std::fs::read(file).map_err(unreadable)
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
            list: Some((certificates.len(), verify_list(&certificates))),
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
            list: None,
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

/// The signature holds, a path leads to it, it is valid, nothing is revoked, and no data group differs.
fn is_trusted(checked: &Checked) -> bool {
    let step = |name: &str| {
        checked
            .steps
            .iter()
            .find(|(of, _)| *of == name)
            .map(|(_, step)| *step)
    };
    let holds = |name: &str| step(name).is_none_or(StepResult::is_successful);
    let not_revoked = !matches!(step("revocation"), Some(StepResult::Failed(_)));
    holds("signature")
        && holds("issuer-certificate")
        && holds("certificate-validity")
        && not_revoked
        && checked.data_groups.iter().all(|(_, says)| says.is_none())
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
    if let Some((count, verification)) = &checked.list {
        let _ = writeln!(
            text,
            "  {count} certificates: {} verify in the list, {} have their issuer elsewhere, {} are wrong",
            verification.verified,
            verification.without_issuer.len(),
            verification.wrong.len()
        );
    }
    for defect in &checked.defects {
        let _ = writeln!(text, "  known defect: {defect}");
    }
    for (group, says) in &checked.data_groups {
        let _ = writeln!(text, "  {group:6} {}", says.unwrap_or("is what was signed"));
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
    let list = checked.list.as_ref().map(|(count, verification)| {
        json!({ "certificates": count, "verified": verification.verified,
                "without_issuer": verification.without_issuer.iter().map(hex::encode).collect::<Vec<_>>(),
                "wrong": verification.wrong.iter().map(hex::encode).collect::<Vec<_>>() })
    });
    json!({
        "file": file, "kind": checked.kind, "trusted": is_trusted(checked),
        "steps": steps.collect::<Vec<_>>(), "path": path.collect::<Vec<_>>(),
        "signed": checked.signing_time.map(time::date),
        "defects": checked.defects.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "data_groups": groups.collect::<Vec<_>>(), "list": list,
    })
}
