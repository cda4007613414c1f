//! Keeping a report: one transaction, which keeps all of it or nothing.

use chipgate_apdu::Timestamp;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::sqlite::{SqliteStore, array, from_number, from_time, time, unreadable};
use super::{Acceptance, Digest, NewReport, Predecessor, ReportId};
use crate::disagreement::Disagreement;
use crate::error::VerifierError;
use crate::receipt::{Flag, Receipt};

impl SqliteStore {
    pub(super) async fn find_receipt(
        &self,
        id: &ReportId,
    ) -> Result<Option<(Digest, Receipt)>, VerifierError> {
        let mut connection = self
            .pool
            .acquire()
            .await
            .map_err(VerifierError::database("looking up a report"))?;
        receipt(&mut connection, id)
            .await
            .map_err(VerifierError::database("looking up a report"))
    }

    pub(super) async fn accept_report(&self, report: NewReport) -> Result<Acceptance, VerifierError> {
        self.accept_in_transaction(report)
            .await
            .map_err(VerifierError::database("keeping a report"))
    }

    async fn accept_in_transaction(&self, mut report: NewReport) -> Result<Acceptance, sqlx::Error> {
        // IMMEDIATE: no other report can come between the questions and the answer.
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        if let Some(refused) = already_there(&mut transaction, &report).await? {
            return Ok(refused);
        }
        if !use_nonce(&mut transaction, &report).await? {
            return Ok(Acceptance::NonceUsed);
        }
        report
            .receipt
            .flags
            .extend(history_flags(&mut transaction, &report).await?);
        report.receipt.flags.sort_unstable();
        insert_signer(&mut transaction, &report).await?;
        insert_report(&mut transaction, &report).await?;
        insert_evidence(&mut transaction, &report).await?;
        transaction.commit().await?;
        Ok(Acceptance::Stored(report.receipt))
    }
}

async fn receipt(
    connection: &mut SqliteConnection,
    id: &ReportId,
) -> Result<Option<(Digest, Receipt)>, sqlx::Error> {
    sqlx::query("SELECT digest, receipt FROM reports WHERE id = ?")
        .bind(&id[..])
        .try_map(|row: SqliteRow| Ok((array(&row, "digest")?, json(&row, "receipt")?)))
        .fetch_optional(connection)
        .await
}

/// A value that a column holds as JSON.
pub(super) fn json<T: serde::de::DeserializeOwned>(row: &SqliteRow, column: &str) -> Result<T, sqlx::Error> {
    let text: &str = row.try_get(column)?;
    serde_json::from_str(text).map_err(|error| unreadable(column, error))
}

fn to_json(value: &impl serde::Serialize) -> Result<String, sqlx::Error> {
    serde_json::to_string(value).map_err(|error| sqlx::Error::Encode(Box::new(error)))
}

/// What stands in the way of a report: itself, its identifier, or its sequence number.
async fn already_there(
    connection: &mut SqliteConnection,
    report: &NewReport,
) -> Result<Option<Acceptance>, sqlx::Error> {
    if let Some((digest, receipt)) = receipt(connection, &report.id).await? {
        return Ok(Some(if digest == report.digest {
            Acceptance::AlreadyKnown(receipt)
        } else {
            Acceptance::IdConflict
        }));
    }
    let repeated = report_at(connection, &report.device, report.sequence)
        .await?
        .is_some();
    Ok(repeated.then_some(Acceptance::SequenceRepeated))
}

/// The digest of the device's report of that number, and when the gate says it was made.
async fn report_at(
    connection: &mut SqliteConnection,
    device: &str,
    sequence: u64,
) -> Result<Option<(Digest, Timestamp)>, sqlx::Error> {
    sqlx::query("SELECT digest, made_at FROM reports WHERE device = ? AND sequence = ?")
        .bind(device)
        .bind(from_number(sequence)?)
        .try_map(|row: SqliteRow| Ok((array(&row, "digest")?, time(&row, "made_at")?)))
        .fetch_optional(connection)
        .await
}

/// Marks the nonce as used; false if it was used before, or is not there.
async fn use_nonce(connection: &mut SqliteConnection, report: &NewReport) -> Result<bool, sqlx::Error> {
    let Some(nonce) = report.nonce else {
        return Ok(true);
    };
    let used =
        sqlx::query("UPDATE nonces SET used_by = ? WHERE nonce = ? AND device = ? AND used_by IS NULL")
            .bind(&report.id[..])
            .bind(&nonce[..])
            .bind(&report.device)
            .execute(connection)
            .await?;
    Ok(used.rows_affected() == 1)
}

/// What the reports before this one show about it.
async fn history_flags(
    connection: &mut SqliteConnection,
    report: &NewReport,
) -> Result<Vec<Flag>, sqlx::Error> {
    let mut flags = Vec::new();
    if let Some(challenge) = report.challenge {
        let repeated: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM reports WHERE challenge = ?)")
            .bind(&challenge[..])
            .fetch_one(&mut *connection)
            .await?;
        flags.extend(repeated.then_some(Flag::ChallengeRepeated));
    }
    let before = match report.sequence.checked_sub(1) {
        Some(sequence) => report_at(connection, &report.device, sequence).await?,
        None => None,
    };
    flags.extend(predecessor(report.previous, before.map(|(digest, _)| digest)).flag());
    flags.extend(reversed(report.made_at, before.map(|(_, made_at)| made_at)));
    Ok(flags)
}

/// What is known of the report before one that names this digest. Only a device's first report names none.
pub(super) fn predecessor(named: Option<Digest>, stored: Option<Digest>) -> Predecessor {
    match (named, stored) {
        (None, _) => Predecessor::First,
        (Some(_), None) => Predecessor::Missing,
        (Some(named), Some(stored)) if named == stored => Predecessor::Linked,
        (Some(_), Some(_)) => Predecessor::Differs,
    }
}

/// The flag of a report that was made, as the gate says, before the one that precedes it.
pub(super) fn reversed(made_at: Timestamp, before: Option<Timestamp>) -> Option<Flag> {
    before
        .is_some_and(|before| made_at < before)
        .then_some(Flag::TimeReversed)
}

impl Predecessor {
    /// The flag that a report carries for it.
    #[must_use]
    pub const fn flag(self) -> Option<Flag> {
        match self {
            Self::First | Self::Linked => None,
            Self::Missing => Some(Flag::SequenceGap),
            Self::Differs => Some(Flag::PreviousDiffers),
        }
    }
}

async fn insert_signer(connection: &mut SqliteConnection, report: &NewReport) -> Result<(), sqlx::Error> {
    let Some(signer) = &report.signer else {
        return Ok(());
    };
    sqlx::query(
        "INSERT INTO signers (hash, certificate, subject, first_seen) VALUES (?, ?, ?, ?)
         ON CONFLICT (hash) DO NOTHING",
    )
    .bind(&signer.hash[..])
    .bind(&signer.certificate)
    .bind(&signer.subject)
    .bind(from_time(report.received_at))
    .execute(connection)
    .await?;
    Ok(())
}

async fn insert_report(connection: &mut SqliteConnection, report: &NewReport) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO reports (id, digest, device, sequence, previous, made_at, received_at, verdict,
             gate_verdict, agrees, issuing_state, challenge, epoch, pseudonym, receipt, summary, disagreement)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&report.id[..])
    .bind(&report.digest[..])
    .bind(&report.device)
    .bind(from_number(report.sequence)?)
    .bind(report.previous.as_ref().map(|digest| &digest[..]))
    .bind(from_time(report.made_at))
    .bind(from_time(report.received_at))
    .bind(&report.receipt.verdict)
    .bind(&report.receipt.gate_verdict)
    .bind(report.receipt.agrees)
    .bind(&report.issuing_state)
    .bind(report.challenge.as_ref().map(|challenge| &challenge[..]))
    .bind(
        report
            .pseudonym
            .map(|(epoch, _)| from_number(epoch))
            .transpose()?,
    )
    .bind(report.pseudonym.as_ref().map(|(_, pseudonym)| &pseudonym[..]))
    .bind(to_json(&report.receipt)?)
    .bind(to_json(&report.summary)?)
    .bind(Disagreement::of(&report.receipt, &report.summary).map(Disagreement::name))
    .execute(connection)
    .await?;
    Ok(())
}

async fn insert_evidence(connection: &mut SqliteConnection, report: &NewReport) -> Result<(), sqlx::Error> {
    let certificate = report
        .signer
        .as_ref()
        .map_or(&[][..], |signer| &signer.certificate);
    let (before, cut, after) = cut_out(&report.signed, certificate);
    sqlx::query("INSERT INTO evidence (report, before, signer, after, delete_at) VALUES (?, ?, ?, ?, ?)")
        .bind(&report.id[..])
        .bind(before)
        .bind(
            report
                .signer
                .as_ref()
                .filter(|_| cut)
                .map(|signer| &signer.hash[..]),
        )
        .bind(after)
        .bind(from_time(report.delete_evidence_at))
        .execute(connection)
        .await?;
    Ok(())
}

/// The bytes before and after the first place where `part` stands, and whether it stands anywhere.
fn cut_out<'a>(whole: &'a [u8], part: &[u8]) -> (&'a [u8], bool, &'a [u8]) {
    let place = (!part.is_empty())
        .then(|| whole.windows(part.len()).position(|window| window == part))
        .flatten();
    match place {
        Some(start) => (&whole[..start], true, &whole[start + part.len()..]),
        None => (whole, false, &[]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_a_certificate_out_and_leaves_a_report_without_it_whole() {
        assert_eq!(cut_out(b"abcdef", b"cd"), (&b"ab"[..], true, &b"ef"[..]));
        assert_eq!(cut_out(b"abcdef", b"xy"), (&b"abcdef"[..], false, &b""[..]));
        assert_eq!(cut_out(b"abcdef", b""), (&b"abcdef"[..], false, &b""[..]));
    }

    #[test]
    fn a_report_that_was_made_before_its_predecessor_is_flagged() {
        let at = |seconds| Some(Timestamp::from_seconds(seconds));
        let made_at = Timestamp::from_seconds(7);
        assert_eq!(reversed(made_at, None), None);
        assert_eq!(reversed(made_at, at(7)), None);
        assert_eq!(reversed(made_at, at(8)), Some(Flag::TimeReversed));
    }

    #[test]
    fn tells_a_first_a_linked_a_missing_and_a_different_predecessor_apart() {
        let (one, two) = ([1; 32], [2; 32]);
        assert_eq!(predecessor(None, None), Predecessor::First);
        assert_eq!(predecessor(Some(one), None), Predecessor::Missing);
        assert_eq!(predecessor(Some(one), Some(one)), Predecessor::Linked);
        assert_eq!(predecessor(Some(one), Some(two)), Predecessor::Differs);
    }
}
