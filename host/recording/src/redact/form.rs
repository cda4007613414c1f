//! What can be redacted, and whether what came of it is of the recorded form.

use chipgate_apdu::{
    Response,
    tlv::{self, Tag},
};

use crate::{
    RecordingError,
    dialogue::{Answer, Dialogue, Meaning, Turn, object},
};

/// What stays closed can't be exchanged, and what others signed can't be signed anew.
pub(super) fn check(dialogue: &Dialogue) -> Result<(), RecordingError> {
    for turn in &dialogue.turns {
        let line = turn.line;
        if let Err(closed) = &turn.command {
            let problem = closed.text();
            return Err(RecordingError::NotRedactable { line, problem });
        }
        if let Some(problem) = of_the_terminal(&turn.meaning) {
            return Err(RecordingError::NotRedactable { line, problem });
        }
    }
    Ok(())
}

/// Why what a terminal sends of its own can't be exchanged.
const fn of_the_terminal(meaning: &Meaning) -> Option<&'static str> {
    match meaning {
        Meaning::TerminalSignatureTemplate | Meaning::TerminalCertificate | Meaning::TerminalTemplate => {
            Some("it names the terminal or its issuer, whose keys are not in the recording")
        }
        Meaning::TerminalAuthentication => {
            Some("it carries a signature of the terminal's key, which is not in the recording")
        }
        _ => None,
    }
}

pub(super) fn same_form(one: &Response, other: &Response) -> bool {
    one.status == other.status && one.data.len() == other.data.len()
}

/// Whether both bring the chip's public key in PACE. Modulo a prime it has no leading zeros (Doc 9303-11, 9.4.5), so that one may be
/// shorter than the other.
pub(super) fn are_public_keys(turn: &Turn, responses: [&Response; 2]) -> bool {
    let tag = match turn.meaning {
        Meaning::PaceMap => 0x82,
        Meaning::PaceAgree => 0x84,
        _ => return false,
    };
    responses.iter().all(|response| {
        response.status.is_success()
            && tlv::single(&response.data, Tag(0x7C)).is_ok_and(|template| object(template, tag).is_some())
    })
}

/// The redacted recording must be of the same form, turn by turn.
pub(super) fn compare(recorded: &Dialogue, redacted: &Dialogue) -> Result<(), RecordingError> {
    for (old, new) in recorded.turns.iter().zip(&redacted.turns) {
        let status = |turn: &Turn| match &turn.answer {
            Answer::Response { outer, .. } => Some(outer.status),
            _ => None,
        };
        let length = |turn: &Turn| turn.response().map(|response| response.data.len());
        let public_keys = matches!((old.response(), new.response()), (Some(one), Some(other)) if are_public_keys(old, [one, other]));
        // The name of an application may be none that can be kept.
        let both_select = matches!(
            (&old.meaning, &new.meaning),
            (
                Meaning::SelectApplication { .. },
                Meaning::SelectApplication { .. }
            )
        );
        let same = (old.meaning == new.meaning || both_select)
            && status(old) == status(new)
            && (length(old) == length(new) || public_keys)
            && old.command.is_ok() == new.command.is_ok();
        if !same {
            return Err(RecordingError::NotRedactable {
                line: old.line,
                problem: "the exchange went another way when it was made again",
            });
        }
    }
    Ok(())
}
