//! Known defects of a signer's documents, and what they make of a check's result (TR-03135-1, 5.8.2).
//!
//! A defect never makes a check successful. It makes a success fail where a key is known to others, and a failure
//! undetermined where genuine documents are known to fail.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use chipgate_trust::KnownDefect;

use crate::check::{Check, CheckResult};
use crate::found::Found;
use crate::reason::Reason;

/// What `found` becomes in the light of what is known of the signer's documents.
pub(crate) fn apply(check: Check, found: Found, defects: &[KnownDefect]) -> Found {
    if found.reason.is_some_and(is_known_defect) {
        return found;
    }
    let mut effects = defects
        .iter()
        .filter_map(|defect| effect(check, defect, &found).map(|result| (defect, result)));
    match effects.next() {
        Some((defect, result)) if result != found.result => because(result, defect, &found),
        _ => found,
    }
}

/// By its name, since the reason itself is raised below.
fn is_known_defect(reason: Reason) -> bool {
    reason.name() == "known-defect"
}

fn because(result: CheckResult, defect: &KnownDefect, found: &Found) -> Found {
    let before = found
        .reason
        .map_or(String::new(), |reason| format!(", else {}", reason.name()));
    Found::because(result, Reason::KnownDefect).about(format!("{defect}{before}"))
}

/// The result that a defect gives a check, if it concerns it.
fn effect(check: Check, defect: &KnownDefect, found: &Found) -> Option<CheckResult> {
    let revoked = || found.is(CheckResult::Successful).then_some(CheckResult::Failed);
    let excused = || found.is(CheckResult::Failed).then_some(CheckResult::Undetermined);
    match (check, defect) {
        (
            Check::IssuerCertificate | Check::Revocation | Check::DataGroupIntegrity,
            KnownDefect::CertificateRevoked(code),
        ) => revocation(*code, found.result),
        (Check::ChipAuthentication | Check::PaceCam, KnownDefect::ChipAuthenticationKeyRevoked)
        | (Check::ActiveAuthentication, KnownDefect::ActiveAuthenticationKeyRevoked) => revoked(),
        (
            Check::ActiveAuthentication | Check::ChipAuthentication | Check::PaceCam,
            KnownDefect::AuthenticationProtocolFailure(code),
        ) if fails(check, *code) => excused(),
        (Check::CertificateValidity, KnownDefect::ValidityPeriodIncorrect(code))
            if concerns_validity(*code, found) =>
        {
            excused()
        }
        (
            Check::SecurityObject,
            KnownDefect::SecurityObjectInvalid(_) | KnownDefect::WrongSignerIdentifier,
        )
        | (Check::SodComAgreement, KnownDefect::ComSodDiscrepancy)
        | (Check::IssuerCertificate, KnownDefect::CertificateMalformed | KnownDefect::CertificateReplaced) => {
            excused()
        }
        (Check::DataGroupIntegrity, KnownDefect::DataGroupHashesWrong(groups)) if names(groups, found) => {
            excused()
        }
        (
            Check::IssuingState | Check::DocumentExpiry | Check::PrintedElectronicAgreement,
            KnownDefect::DataGroupsMalformed(groups),
        ) if groups.contains(&1)
            && found
                .reason
                .is_some_and(|reason| reason.name() == "mrz-unreadable") =>
        {
            excused()
        }
        _ => None,
    }
}

/// TR-03135-1, table 5.54: by the status code the certificate is not trusted, or its trust is open.
const fn revocation(code: u8, result: CheckResult) -> Option<CheckResult> {
    match (code, result) {
        (_, CheckResult::Failed) => None,
        (0 | 2 | 3 | 4, _) => Some(CheckResult::Failed),
        (_, CheckResult::Successful) => Some(CheckResult::Undetermined),
        _ => None,
    }
}

/// TR-03129-2, 7.3.1.5: which protocols the status code says to fail.
const fn fails(check: Check, code: u8) -> bool {
    match check {
        Check::ChipAuthentication => matches!(code, 0 | 2 | 4 | 6),
        Check::ActiveAuthentication => matches!(code, 1 | 2 | 5 | 6),
        _ => matches!(code, 3..=6),
    }
}

/// TR-03129-2, 7.3.1.6: the authority's validity (0), the signer's (1), or both (2). The detail of an issuer's fault names it.
fn concerns_validity(code: u8, found: &Found) -> bool {
    let is_issuers = found
        .detail
        .as_deref()
        .is_some_and(|detail| detail.starts_with("issuer-"));
    match code {
        0 => is_issuers,
        1 => !is_issuers,
        _ => true,
    }
}

/// Whether the data group that the detail names is among these.
fn names(groups: &[u8], found: &Found) -> bool {
    let detail = found.detail.as_deref().unwrap_or_default();
    groups.iter().any(|group| format!("DG{group}") == detail)
}

/// The country that is right where the signer's certificate names a wrong one.
pub(crate) fn corrected_country(defects: &[KnownDefect]) -> Option<&str> {
    defects.iter().find_map(|defect| match defect {
        KnownDefect::IssuingCountry(country) => Some(country.as_str()),
        _ => None,
    })
}

/// All of them in one line, to be shown.
pub(crate) fn in_words(defects: &[KnownDefect]) -> String {
    let defects: Vec<_> = defects.iter().map(ToString::to_string).collect();
    defects.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(check: Check, found: Found, defect: KnownDefect) -> CheckResult {
        let found = apply(check, found, &[defect]);
        assert!(found.reason == Some(Reason::KnownDefect) || found.detail.is_none());
        found.result
    }

    #[test]
    fn a_revoked_certificate_or_key_turns_success_into_failure() {
        for check in [
            Check::IssuerCertificate,
            Check::Revocation,
            Check::DataGroupIntegrity,
        ] {
            for (code, result) in [
                (0, CheckResult::Failed),
                (1, CheckResult::Undetermined),
                (3, CheckResult::Failed),
                (5, CheckResult::Undetermined),
                (40, CheckResult::Undetermined),
            ] {
                let found = after(check, Found::successful(), KnownDefect::CertificateRevoked(code));
                assert_eq!(found, result, "{check} {code}");
            }
        }
        let revoked = KnownDefect::ActiveAuthenticationKeyRevoked;
        assert_eq!(
            after(Check::ActiveAuthentication, Found::successful(), revoked.clone()),
            CheckResult::Failed
        );
        assert_eq!(
            after(Check::ChipAuthentication, Found::successful(), revoked),
            CheckResult::Successful
        );
    }

    #[test]
    fn a_defect_that_excuses_makes_a_failure_undetermined_and_names_itself_and_what_was_found() {
        let failed = Found::failed(Reason::ComDiffers);
        let found = apply(
            Check::SodComAgreement,
            failed.clone(),
            &[KnownDefect::ComSodDiscrepancy],
        );
        assert_eq!(found.result, CheckResult::Undetermined);
        assert_eq!(
            found.detail.as_deref(),
            Some("com-sod-discrepancy, else com-differs")
        );
        let other = apply(
            Check::SodComAgreement,
            failed.clone(),
            &[KnownDefect::PowerDownRequired],
        );
        assert_eq!(other, failed);
        let twice = apply(
            Check::SodComAgreement,
            found.clone(),
            &[KnownDefect::ComSodDiscrepancy],
        );
        assert_eq!(twice, found);
    }

    #[test]
    fn no_defect_makes_anything_successful() {
        let defects = [
            KnownDefect::CertificateRevoked(1),
            KnownDefect::AuthenticationProtocolFailure(6),
            KnownDefect::ValidityPeriodIncorrect(2),
            KnownDefect::SecurityObjectInvalid(0),
            KnownDefect::ComSodDiscrepancy,
            KnownDefect::DataGroupHashesWrong([1].to_vec()),
            KnownDefect::IssuingCountry("DE".into()),
        ];
        for check in Check::ALL {
            for result in CheckResult::ALL {
                let before = Found::because(result, Reason::DataGroupAltered).about("DG1");
                let after = apply(check, before, &defects).result;
                assert!(after != CheckResult::Successful || result == CheckResult::Successful);
            }
        }
    }
}
