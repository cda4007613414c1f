//! The words of the pages, in one place, so that another language is another copy of this file.

/// A check's name for people, which also fits after "stopped by", and what it answers.
pub(super) fn check(name: &str) -> (&str, &'static str) {
    match name {
        "chip-access" => (
            "Opening the chip",
            "Was the chip opened in the way its issuer protects it?",
        ),
        "card-access-agreement" => (
            "Agreement of the access data",
            "Do the unsigned access data agree with those that the issuer signed? If not, someone may have weakened \
             the protection.",
        ),
        "terminal-authentication" => (
            "Terminal authentication",
            "Did the gate prove to the chip that it may read protected data?",
        ),
        "chip-authenticity" => (
            "Authenticity of the chip",
            "Did the chip prove that it holds the secret key its issuer gave it?",
        ),
        "chip-authenticity.active" => ("Active authentication", "Did the chip sign a fresh challenge?"),
        "chip-authenticity.chip" => (
            "Chip authentication",
            "Did the chip agree on new keys, using its secret key?",
        ),
        "chip-authenticity.pace-cam" => (
            "PACE with chip authentication",
            "Did the chip prove its key while it was opened?",
        ),
        "security-object" => (
            "Issuer's signature",
            "Is the list of the chip's data signed, and unaltered?",
        ),
        "issuer-certificate" => (
            "Issuing authority",
            "Does the signature lead to an issuing authority that this verifier trusts?",
        ),
        "certificate-validity" => (
            "Validity of the certificates",
            "Were the certificates valid on the day of the inspection?",
        ),
        "revocation" => (
            "Revocation",
            "Has the issuer withdrawn the certificate that signed this card?",
        ),
        "sod-com-agreement" => (
            "Agreement of the data lists",
            "Do the chip's two lists of its data name the same?",
        ),
        "data-group-integrity" => (
            "Integrity of the data",
            "Is each piece of data that was read the one that the issuer signed?",
        ),
        "issuing-state" => (
            "Issuing state",
            "Is the state that the card names the state that signed it?",
        ),
        "document-expiry" => ("Expiry of the document", "Had the document expired?"),
        "printed-electronic-agreement" => (
            "Agreement of print and chip",
            "Does the chip say what is printed on the card?",
        ),
        "document-status" => (
            "Lost or stolen",
            "Is the document on a list of lost, stolen or defective ones?",
        ),
        "face" => ("Face", "Is the person at the camera the one on the chip?"),
        "attack-detection" => (
            "Live person",
            "Was a real person at the camera, not a picture or a mask?",
        ),
        other => (other, ""),
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

/// What a verdict means, in one sentence.
pub(super) fn verdict_sentence(name: &str) -> &'static str {
    match name {
        "accept" => "The evidence shows a genuine document, and nothing that was reported stands in the way.",
        "refer" => "Something could not be settled by the evidence. A person has to look at it.",
        "refuse" => "Something is wrong with this document, or with the person who presented it.",
        _ => "",
    }
}

/// What a basis means, in one word and one sentence.
pub(super) fn basis(name: &str) -> (&str, &'static str) {
    match name {
        "proven" => ("Proven", "This verifier checked it again from the evidence."),
        "claimed" => (
            "Claimed",
            "Only the gate could see it. This verifier takes its word for it.",
        ),
        other => (other, ""),
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
