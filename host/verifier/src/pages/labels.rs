//! The words of the pages, in one place, so that another language is another copy of this file.

use chipgate_inspection::Check;

use crate::disagreement::Disagreement;
use crate::receipt::Finding;

/// A check's name for people, which also fits after "stopped by", and what it answers.
pub(super) fn check(name: &str) -> (&str, &'static str) {
    let Some(check) = Check::from_name(name) else {
        // A report of an older version may hold one that is no more.
        return (name, "");
    };
    match check {
        Check::ChipAccess => (
            "Opening the chip",
            "Was the chip opened in the way its issuer protects it?",
        ),
        Check::CardAccessAgreement => (
            "Agreement of the access data",
            "Do the unsigned access data agree with those that the issuer signed? If not, someone may have weakened \
             the protection.",
        ),
        Check::TerminalAuthentication => (
            "Terminal authentication",
            "Did the gate prove to the chip that it may read protected data?",
        ),
        Check::ChipAuthenticity => (
            "Authenticity of the chip",
            "Did the chip prove that it holds the secret key its issuer gave it?",
        ),
        Check::ActiveAuthentication => ("Active authentication", "Did the chip sign a fresh challenge?"),
        Check::ChipAuthentication => (
            "Chip authentication",
            "Did the chip agree on new keys, using its secret key?",
        ),
        Check::PaceCam => (
            "PACE with chip authentication",
            "Did the chip prove its key while it was opened?",
        ),
        Check::SecurityObject => (
            "Issuer's signature",
            "Is the list of the chip's data signed, and unaltered?",
        ),
        Check::IssuerCertificate => (
            "Issuing authority",
            "Does the signature lead to an issuing authority that this verifier trusts?",
        ),
        Check::CertificateValidity => (
            "Validity of the certificates",
            "Were the certificates valid on the day of the inspection?",
        ),
        Check::KeyUsagePeriod => (
            "Period of the signer's key",
            "Was the card signed while the signer's key was to be used?",
        ),
        Check::Revocation => (
            "Revocation",
            "Has the issuer withdrawn the certificate that signed this card?",
        ),
        Check::SodComAgreement => (
            "Agreement of the data lists",
            "Do the chip's two lists of its data name the same?",
        ),
        Check::DataGroupIntegrity => (
            "Integrity of the data",
            "Is each piece of data that was read the one that the issuer signed?",
        ),
        Check::IssuingState => (
            "Issuing state",
            "Is the state that the card names the state that signed it?",
        ),
        Check::DocumentExpiry => ("Expiry of the document", "Had the document expired?"),
        Check::PrintedElectronicAgreement => (
            "Agreement of print and chip",
            "Does the chip say what is printed on the card?",
        ),
        Check::DocumentStatus => (
            "Lost or stolen",
            "Is the document on a list of lost, stolen or defective ones?",
        ),
        Check::Face => ("Face", "Is the person at the camera the one on the chip?"),
        Check::AttackDetection => (
            "Live person",
            "Was a real person at the camera, not a picture or a mask?",
        ),
    }
}

/// A result for people.
pub(super) fn result(name: &str) -> &str {
    match name {
        "successful" => "Passed",
        "failed" => "Failed",
        "undetermined" => "Not determined",
        "not_supported" => "Not supported",
        "aborted" => "Broken off",
        other => other,
    }
}

/// The style of a result or verdict: `good`, `bad`, `open` or `none`.
pub(super) fn tone(name: &str) -> &'static str {
    match name {
        "successful" | "accept" => "good",
        "failed" | "aborted" | "refuse" => "bad",
        "undetermined" | "refer" => "open",
        _ => "none",
    }
}

/// A verdict for people.
pub(super) fn verdict(name: &str) -> &str {
    match name {
        "accept" => "Accept",
        "refer" => "Refer",
        "refuse" => "Refuse",
        other => other,
    }
}

/// What a verdict means, in one sentence; `chip` is what was found about the chip's authenticity.
pub(super) fn verdict_sentence(name: &str, chip: Option<&Finding>) -> &'static str {
    let chip = chip.map(|chip| (chip.result.as_str(), chip.basis.as_str()));
    match name {
        "accept" => match chip {
            Some(("successful", "proven")) => {
                "The evidence shows a genuine document, and nothing that was reported stands in the way."
            }
            Some(("successful", _)) => {
                "The issuer's signature is genuine, and nothing that was reported stands in the way. That the chip is no copy, \
                 only the gate says."
            }
            Some(("not_supported", _)) => {
                "The issuer's signature is genuine, and nothing that was reported stands in the way. The chip has no key of \
                 its own, so that nothing shows whether it is a copy."
            }
            _ => {
                "The issuer's signature is genuine, and nothing that was reported stands in the way. Nothing shows that the \
                 chip is no copy."
            }
        },
        "refer" => "Something could not be settled by the evidence. A person has to look at it.",
        "refuse" => "Something is wrong with this document, or with the person who presented it.",
        _ => "",
    }
}

/// On what a finding rests, in one word and as a style: nothing is proven where the verifier itself could not tell.
pub(super) fn basis<'a>(result: &str, basis: &'a str) -> (&'a str, &'a str) {
    match (basis, result) {
        ("proven", "undetermined") => ("Open", "unsettled"),
        ("proven", _) => ("Proven", "proven"),
        ("claimed", _) => ("Claimed", "claimed"),
        (other, _) => (other, ""),
    }
}

/// Why gate and verifier do not agree: a title, what to make of it, and the style.
pub(super) const fn disagreement(why: Disagreement) -> (&'static str, &'static str, &'static str) {
    match why {
        Disagreement::Policies => (
            "Gate and verifier follow different policies.",
            "No check differs: the two policies make different verdicts of the same results. Give both the same policy, \
             unless that is meant.",
            "other",
        ),
        Disagreement::VerifierLacks => (
            "This verifier could not settle what the gate settled.",
            "It has no trust anchors, or no revocation list that is in date. That is a gap of this verifier's, and says nothing about the gate: \
             import what is missing.",
            "other",
        ),
        Disagreement::Anchors => (
            "Gate and verifier know different issuers.",
            "Nothing here vouches for this issuer. Either this verifier lacks an anchor that the gate has, or the gate let a \
             document pass that no known authority signed: compare their anchors.",
            "differs",
        ),
        Disagreement::Contradiction => (
            "Gate and verifier disagree.",
            "The gate may be faulty, out of date, or tampered with.",
            "differs",
        ),
    }
}

/// The same in one word, for the list.
pub(super) const fn disagreement_word(why: Option<Disagreement>) -> &'static str {
    match why {
        None => "agrees",
        Some(Disagreement::Policies) => "other policy",
        Some(Disagreement::VerifierLacks) => "not settled here",
        Some(Disagreement::Anchors) => "other issuers",
        Some(Disagreement::Contradiction) => "disagrees",
    }
}

/// What a refusal may mean.
pub(super) fn refusal(code: &str) -> &'static str {
    match code {
        "sequence-repeated" | "id-conflict" => {
            "Another report had this number or identifier: the device may have been cloned, or its outbox was lost or put back \
             from a backup."
        }
        "bad-signature" => "Signed with another key than the registered one, or altered on the way.",
        "unknown-device" => "No such device is registered: a new one, or a stranger.",
        "device-revoked" => "The device was revoked and still reports.",
        "nonce-used" | "nonce-unknown" => {
            "The challenge was not this device's, or was used before: a report may have been repeated."
        }
        "too-many-nonces" => "More challenges are asked for than used: someone may be using them up.",
        _ => "What arrived was no report: the sender is broken, or is no gate.",
    }
}

/// A flag for people: what it is called, and what to make of it.
pub(super) fn flag(name: &str) -> (&str, &'static str) {
    match name {
        "sequence-gap" => (
            "Report before this one is missing",
            "Reports of a device are numbered without gaps. The one before this has not arrived: it may be waiting at \
             the device, or be lost.",
        ),
        "previous-differs" => (
            "Chain is broken",
            "Each report names the one before it. This one names another than the one that arrived: the device's \
             records may have been replaced.",
        ),
        "challenge-repeated" => (
            "Challenge was used before",
            "Another report carries the same challenge. One of the two may be a repetition of the other.",
        ),
        "challenge-late" => (
            "Arrived late",
            "The report arrived after its challenge had expired. The chip signed at some time between the two.",
        ),
        "beacon-old" => (
            "Old beacon",
            "The device had been without contact for longer than is allowed, so the time of the signature is uncertain.",
        ),
        "beacon-unknown" => (
            "Unknown beacon",
            "The challenge rests on a beacon that this verifier did not issue, so nothing shows how fresh it is.",
        ),
        "clock-differs" => (
            "Clocks differ",
            "Nothing at this verifier bears out the time in the report: the device's clock may be wrong, or the report \
             waited without a challenge of this verifier's. Its certificates were judged at the time of receipt.",
        ),
        "time-reversed" => (
            "Time runs backwards",
            "By the device's own times, this report was made before the one that precedes it. Its clock may have been \
             set back.",
        ),
        "verdict-unfounded" => (
            "Verdict does not follow",
            "The gate's verdict is not what its own results come to by its policy. Its software may be tampered with.",
        ),
        other => (other, ""),
    }
}
