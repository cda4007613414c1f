//! Report and CBOR (docs/schemas/report.cddl): integer keys in order, optional ones left out.

use alloc::string::String;
use alloc::vec::Vec;

use chipgate_apdu::Timestamp;

use crate::cbor::{Reader, Writer};
use crate::check::{Check, CheckResult};
use crate::cose::LONGEST_REPORT;
use crate::effect::Effect;
use crate::outcome::{Basis, Outcome};
use crate::reason::Reason;
use crate::report::{Evidence, FaceScore, Freshness, Report, Score, Sender, SignedChallenge};
use crate::report_error::ReportError;

/// The version of the format.
const VERSION: u64 = 1;

/// Texts are short, so that a report is readable wherever it ends up.
pub(crate) const LONGEST_TEXT: usize = 64;

/// The highest sequence number: databases count with signed numbers of 64 bits.
const MOST_REPORTS: u64 = i64::MAX as u64;

pub(crate) fn encode(report: &Report) -> Result<Vec<u8>, ReportError> {
    check(report)?;
    let mut writer = Writer::default();
    let optional = [
        report.sender.previous.is_some(),
        report.issuing_state.is_some(),
        report.stopped_by.is_some(),
        report.face.is_some(),
    ];
    writer.map(12 + optional.into_iter().filter(|there| *there).count());
    write_sender(&mut writer, &report.sender);
    writer
        .unsigned(7)
        .array(2)
        .text(&report.policy)
        .bytes(&report.policy_hash);
    writer.unsigned(8).text(&report.sender.software);
    if let Some(state) = &report.issuing_state {
        writer.unsigned(9).text(state);
    }
    writer.unsigned(10);
    write_evidence(&mut writer, &report.evidence);
    writer.unsigned(11).array(report.outcomes.len());
    for outcome in &report.outcomes {
        write_outcome(&mut writer, outcome);
    }
    writer.unsigned(12).unsigned(report.verdict.number().into());
    if let Some(check) = report.stopped_by {
        writer.unsigned(13).unsigned(check.number().into());
    }
    writer.unsigned(14).unsigned(report.overall.number().into());
    if let Some(face) = &report.face {
        let (score, threshold) = (face.score.0.into(), face.threshold.0.into());
        writer
            .unsigned(15)
            .array(3)
            .integer(score)
            .integer(threshold)
            .text(&face.model);
    }
    Ok(writer.finish())
}

fn write_sender(writer: &mut Writer, sender: &Sender) {
    writer.unsigned(0).unsigned(VERSION);
    writer.unsigned(1).bytes(&sender.id);
    writer.unsigned(2).text(&sender.device);
    writer.unsigned(3).unsigned(sender.sequence);
    if let Some(previous) = &sender.previous {
        writer.unsigned(4).bytes(previous);
    }
    writer.unsigned(5).unsigned(sender.time.0).unsigned(6);
    match &sender.freshness {
        Freshness::None => writer.array(1).unsigned(0),
        Freshness::Online { nonce } => writer.array(2).unsigned(1).bytes(nonce),
        Freshness::Offline { beacon } => writer.array(2).unsigned(2).bytes(beacon),
    };
}

fn write_evidence(writer: &mut Writer, evidence: &Evidence) {
    let challenge = evidence.active_authentication.as_ref();
    let parts: [(u64, Option<&[u8]>); 6] = [
        (1, evidence.security_object.as_deref()),
        (2, evidence.dg14.as_deref()),
        (3, evidence.dg15.as_deref()),
        (4, challenge.map(|signed| signed.challenge.as_slice())),
        (5, challenge.map(|signed| signed.signature.as_slice())),
        (6, evidence.card_access.as_deref()),
    ];
    writer.map(parts.iter().filter(|(_, part)| part.is_some()).count());
    for (key, part) in parts {
        if let Some(bytes) = part {
            writer.unsigned(key).bytes(bytes);
        }
    }
}

fn write_outcome(writer: &mut Writer, outcome: &Outcome) {
    writer
        .array(5)
        .unsigned(outcome.check.number().into())
        .unsigned(outcome.result.number().into());
    match outcome.reason {
        Some(reason) => writer.unsigned(reason.number().into()),
        None => writer.null(),
    };
    writer.unsigned(matches!(outcome.basis, Basis::Claimed).into());
    match &outcome.detail {
        Some(detail) => writer.text(detail),
        None => writer.null(),
    };
}

pub(crate) fn decode(bytes: &[u8]) -> Result<Report, ReportError> {
    if bytes.len() > LONGEST_REPORT {
        return Err(ReportError::TooLarge { length: bytes.len() });
    }
    let report = Fields::read(bytes)?.report()?;
    if encode(&report)? == bytes {
        Ok(report)
    } else {
        Err(ReportError::NotDeterministic)
    }
}

/// The fields of a report in the order in which they stand there, one by one: keys only ever go up.
struct Fields<'a> {
    reader: Reader<'a>,
    left: usize,
    next: Option<u64>,
}

impl<'a> Fields<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, ReportError> {
        let mut reader = Reader::new(bytes);
        let left = reader.map("report")?;
        let mut fields = Self {
            reader,
            left,
            next: None,
        };
        fields.advance("report")?;
        match fields.required(0, "version", |reader| reader.unsigned("version"))? {
            VERSION => Ok(fields),
            version => Err(ReportError::UnsupportedVersion { version }),
        }
    }

    fn advance(&mut self, field: &'static str) -> Result<(), ReportError> {
        self.next = match self.left.checked_sub(1) {
            None => None,
            Some(left) => {
                self.left = left;
                Some(self.reader.unsigned(field)?)
            }
        };
        Ok(())
    }

    fn optional<T>(
        &mut self,
        key: u64,
        field: &'static str,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, ReportError>,
    ) -> Result<Option<T>, ReportError> {
        if self.next != Some(key) {
            return Ok(None);
        }
        let value = read(&mut self.reader)?;
        self.advance(field)?;
        Ok(Some(value))
    }

    fn required<T>(
        &mut self,
        key: u64,
        field: &'static str,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, ReportError>,
    ) -> Result<T, ReportError> {
        self.optional(key, field, read)?.ok_or(ReportError::Invalid {
            field,
            rule: "it must be there",
        })
    }

    fn report(mut self) -> Result<Report, ReportError> {
        let id = self.required(1, "id", |reader| reader.exactly("id"))?;
        let device = self.required(2, "device", |reader| reader.text("device"))?;
        let sequence = self.required(3, "sequence", |reader| reader.unsigned("sequence"))?;
        let previous = self.optional(4, "previous", |reader| reader.exactly("previous"))?;
        let time = self.required(5, "time", |reader| reader.unsigned("time").map(Timestamp))?;
        let freshness = self.required(6, "freshness", read_freshness)?;
        let (policy, policy_hash) = self.required(7, "policy", read_policy)?;
        let software = self.required(8, "software", |reader| reader.text("software"))?;
        let sender = Sender {
            id,
            device,
            sequence,
            previous,
            time,
            freshness,
            software,
        };
        let issuing_state = self.optional(9, "issuing-state", |reader| reader.text("issuing-state"))?;
        let evidence = self.required(10, "evidence", read_evidence)?;
        let outcomes = self.required(11, "outcomes", read_outcomes)?;
        let verdict = self.required(12, "verdict", |r| read_number(r, "verdict", Effect::from_number))?;
        let stopped_by = self.optional(13, "stopped-by", |r| {
            read_number(r, "stopped-by", Check::from_number)
        })?;
        let overall = self.required(14, "overall", |r| {
            read_number(r, "overall", CheckResult::from_number)
        })?;
        let face = self.optional(15, "face", read_face)?;
        if self.next.is_some() {
            return Err(ReportError::Invalid {
                field: "report",
                rule: "it holds the fields of the schema only",
            });
        }
        self.reader.finish("report")?;
        Ok(Report {
            sender,
            policy,
            policy_hash,
            issuing_state,
            evidence,
            outcomes,
            verdict,
            stopped_by,
            overall,
            face,
        })
    }
}

fn read_freshness(reader: &mut Reader<'_>) -> Result<Freshness, ReportError> {
    let items = reader.array("freshness")?;
    match (items, reader.unsigned("freshness")?) {
        (1, 0) => Ok(Freshness::None),
        (2, 1) => Ok(Freshness::Online {
            nonce: reader.exactly("nonce")?,
        }),
        (2, 2) => Ok(Freshness::Offline {
            beacon: reader.exactly("beacon")?,
        }),
        (_, number) => Err(ReportError::UnknownNumber {
            field: "freshness",
            number,
        }),
    }
}

fn read_policy(reader: &mut Reader<'_>) -> Result<(String, [u8; 32]), ReportError> {
    reader.array_of(2, "policy")?;
    Ok((reader.text("policy")?, reader.exactly("policy")?))
}

fn read_evidence(reader: &mut Reader<'_>) -> Result<Evidence, ReportError> {
    let mut evidence = Evidence::default();
    let (mut challenge, mut signature) = (None, None);
    for _ in 0..reader.map("evidence")? {
        match reader.unsigned("evidence")? {
            1 => evidence.security_object = Some(reader.bytes("security-object")?.to_vec()),
            2 => evidence.dg14 = Some(reader.bytes("dg14")?.to_vec()),
            3 => evidence.dg15 = Some(reader.bytes("dg15")?.to_vec()),
            4 => challenge = Some(reader.exactly("challenge")?),
            5 => signature = Some(reader.bytes("signature")?.to_vec()),
            6 => evidence.card_access = Some(reader.bytes("card-access")?.to_vec()),
            number => {
                return Err(ReportError::UnknownNumber {
                    field: "evidence",
                    number,
                });
            }
        }
    }
    evidence.active_authentication = challenge
        .zip(signature)
        .map(|(challenge, signature)| SignedChallenge { challenge, signature });
    Ok(evidence)
}

fn read_outcomes(reader: &mut Reader<'_>) -> Result<Vec<Outcome>, ReportError> {
    let count = reader.array("outcomes")?;
    (0..count).map(|_| read_outcome(reader)).collect()
}

fn read_outcome(reader: &mut Reader<'_>) -> Result<Outcome, ReportError> {
    reader.array_of(5, "outcome")?;
    Ok(Outcome {
        check: read_number(reader, "check", Check::from_number)?,
        result: read_number(reader, "result", CheckResult::from_number)?,
        reason: reader.optional("reason", |reader| {
            let number = reader.unsigned("reason")?;
            let reason = u16::try_from(number).ok().and_then(Reason::from_number);
            reason.ok_or(ReportError::UnknownNumber {
                field: "reason",
                number,
            })
        })?,
        basis: match reader.unsigned("basis")? {
            0 => Basis::Proven,
            1 => Basis::Claimed,
            number => {
                return Err(ReportError::UnknownNumber {
                    field: "basis",
                    number,
                });
            }
        },
        detail: reader.optional("detail", |reader| reader.text("detail"))?,
    })
}

fn read_face(reader: &mut Reader<'_>) -> Result<FaceScore, ReportError> {
    reader.array_of(3, "face")?;
    Ok(FaceScore {
        score: read_score(reader, "score")?,
        threshold: read_score(reader, "threshold")?,
        model: reader.text("model")?,
    })
}

fn read_score(reader: &mut Reader<'_>, field: &'static str) -> Result<Score, ReportError> {
    let score = i32::try_from(reader.integer(field)?);
    score.map(Score).map_err(|_| ReportError::Invalid {
        field,
        rule: "it has 32 bits",
    })
}

fn read_number<T>(
    reader: &mut Reader<'_>,
    field: &'static str,
    from_number: impl Fn(u8) -> Option<T>,
) -> Result<T, ReportError> {
    let number = reader.unsigned(field)?;
    u8::try_from(number)
        .ok()
        .and_then(from_number)
        .ok_or(ReportError::UnknownNumber { field, number })
}

/// The rules of the schema that its types do not carry.
fn check(report: &Report) -> Result<(), ReportError> {
    let sender = &report.sender;
    for (field, text) in [
        ("device", &sender.device),
        ("software", &sender.software),
        ("policy", &report.policy),
    ] {
        if text.is_empty() || text.len() > LONGEST_TEXT {
            return Err(ReportError::Invalid {
                field,
                rule: "it has 1 to 64 bytes",
            });
        }
    }
    if report
        .issuing_state
        .as_ref()
        .is_some_and(|state| state.is_empty() || state.len() > 3)
    {
        return Err(ReportError::Invalid {
            field: "issuing-state",
            rule: "it has 1 to 3 letters",
        });
    }
    if sender.sequence == 0 || (sender.sequence == 1) != sender.previous.is_none() {
        let rule = "it counts from 1, and each report but the first carries the hash of the one before";
        return Err(ReportError::Invalid {
            field: "sequence",
            rule,
        });
    }
    if sender.sequence > MOST_REPORTS {
        return Err(ReportError::Invalid {
            field: "sequence",
            rule: "it has 63 bits",
        });
    }
    if report
        .face
        .as_ref()
        .is_some_and(|face| face.model.len() > LONGEST_TEXT)
    {
        return Err(ReportError::Invalid {
            field: "model",
            rule: "it has at most 64 bytes",
        });
    }
    check_outcomes(report)
}

fn check_outcomes(report: &Report) -> Result<(), ReportError> {
    let checks: Vec<_> = report.outcomes.iter().map(|outcome| outcome.check).collect();
    if !checks.is_sorted_by(|one, next| one < next) {
        return Err(ReportError::Invalid {
            field: "outcomes",
            rule: "each check stands once, in order",
        });
    }
    let details = report
        .outcomes
        .iter()
        .filter_map(|outcome| outcome.detail.as_ref());
    if details
        .into_iter()
        .any(|detail| detail.len() > Outcome::LONGEST_DETAIL)
    {
        return Err(ReportError::Invalid {
            field: "detail",
            rule: "it has at most 160 bytes",
        });
    }
    if report.stopped_by.is_none() != (report.verdict == Effect::Accept) {
        let rule = "it is there unless the card was accepted";
        return Err(ReportError::Invalid {
            field: "stopped-by",
            rule,
        });
    }
    Ok(())
}
