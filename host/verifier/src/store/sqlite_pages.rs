//! What the pages ask: lists, one report, its evidence.

use chipgate_apdu::Timestamp;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite};

use super::sqlite::{SqliteStore, array, from_time, number, optional, optional_array, time};
use super::sqlite_reports::{json, predecessor, reversed};
use super::{Filter, ReportId, ReportLine, StoredReport, Tally};
use crate::disagreement::Disagreement;
use crate::error::VerifierError;
use crate::receipt::{Flag, Receipt, Summary};

/// A report beside the one before it in its device's sequence.
const REPORTS: &str = "SELECT r.number, r.id, r.digest, r.device, r.sequence, r.previous, r.made_at, \
     r.received_at, r.issuing_state, r.receipt, r.summary, p.digest AS before, p.made_at AS before_made_at, e.delete_at \
     FROM reports r LEFT JOIN reports p ON p.device = r.device AND p.sequence = r.sequence - 1 \
     LEFT JOIN evidence e ON e.report = r.id";

impl SqliteStore {
    pub(super) async fn list_reports(&self, filter: &Filter) -> Result<Vec<ReportLine>, VerifierError> {
        let mut query = QueryBuilder::<Sqlite>::new(REPORTS);
        query.push(" WHERE 1");
        if let Some(verdict) = &filter.verdict {
            query.push(" AND r.verdict = ").push_bind(verdict.clone());
        }
        if let Some(device) = &filter.device {
            query.push(" AND r.device = ").push_bind(device.clone());
        }
        if let Some(agrees) = filter.agrees {
            query.push(" AND r.agrees = ").push_bind(agrees);
        }
        if let Some(before) = filter.before {
            query
                .push(" AND r.number < ")
                .push_bind(i64::try_from(before).unwrap_or(i64::MAX));
        }
        query
            .push(" ORDER BY r.number DESC LIMIT ")
            .push_bind(i64::from(filter.limit));
        query
            .build()
            .try_map(|row: SqliteRow| Ok(report(&row)?.line))
            .fetch_all(&self.pool)
            .await
            .map_err(VerifierError::database("listing reports"))
    }

    pub(super) async fn count_reports(&self, since: Timestamp) -> Result<Tally, VerifierError> {
        sqlx::query(
            "SELECT count(*) FILTER (WHERE verdict = 'accept') AS accept,
                    count(*) FILTER (WHERE verdict = 'refer') AS refer,
                    count(*) FILTER (WHERE verdict = 'refuse') AS refuse,
                    count(*) FILTER (WHERE NOT agrees AND coalesce(disagreement, 'contradiction') = 'contradiction')
                        AS disagree
             FROM reports WHERE received_at >= ?",
        )
        .bind(from_time(since))
        .try_map(|row: SqliteRow| {
            Ok(Tally {
                accept: number(&row, "accept")?,
                refer: number(&row, "refer")?,
                refuse: number(&row, "refuse")?,
                disagree: number(&row, "disagree")?,
            })
        })
        .fetch_one(&self.pool)
        .await
        .map_err(VerifierError::database("counting reports"))
    }

    pub(super) async fn find_report(&self, id: &ReportId) -> Result<Option<StoredReport>, VerifierError> {
        let mut query = QueryBuilder::<Sqlite>::new(REPORTS);
        query.push(" WHERE r.id = ").push_bind(id.to_vec());
        query
            .build()
            .try_map(|row: SqliteRow| report(&row))
            .fetch_optional(&self.pool)
            .await
            .map_err(VerifierError::database("looking up a report"))
    }

    pub(super) async fn find_evidence(&self, id: &ReportId) -> Result<Option<Vec<u8>>, VerifierError> {
        sqlx::query(
            "SELECT before, certificate, after FROM evidence LEFT JOIN signers ON hash = signer WHERE report = ?",
        )
        .bind(&id[..])
        .try_map(|row: SqliteRow| {
            let certificate: Option<Vec<u8>> = row.try_get("certificate")?;
            let (before, after): (Vec<u8>, Vec<u8>) = (row.try_get("before")?, row.try_get("after")?);
            Ok([before, certificate.unwrap_or_default(), after].concat())
        })
        .fetch_optional(&self.pool)
        .await
        .map_err(VerifierError::database("reading evidence"))
    }
}

fn report(row: &SqliteRow) -> Result<StoredReport, sqlx::Error> {
    let sequence = number(row, "sequence")?;
    let predecessor = predecessor(optional_array(row, "previous")?, optional_array(row, "before")?);
    let mut receipt: Receipt = json(row, "receipt")?;
    // What was missing when the report came may have come since.
    receipt.flags.retain(|flag| {
        !matches!(
            flag,
            Flag::SequenceGap | Flag::PreviousDiffers | Flag::TimeReversed
        )
    });
    receipt.flags.extend(predecessor.flag());
    let made_at = time(row, "made_at")?;
    let before = optional(row, "before_made_at")?.map(Timestamp);
    receipt.flags.extend(reversed(made_at, before));
    receipt.flags.sort_unstable();
    let summary = json(row, "summary")?;
    Ok(StoredReport {
        line: line(row, &receipt, &summary)?,
        digest: array(row, "digest")?,
        sequence,
        predecessor,
        made_at,
        evidence_until: optional(row, "delete_at")?.map(Timestamp),
        summary,
        receipt,
    })
}

fn line(row: &SqliteRow, receipt: &Receipt, summary: &Summary) -> Result<ReportLine, sqlx::Error> {
    Ok(ReportLine {
        number: number(row, "number")?,
        id: array(row, "id")?,
        device: row.try_get("device")?,
        made_at: time(row, "made_at")?,
        received_at: time(row, "received_at")?,
        verdict: receipt.verdict.clone(),
        stopped_by: receipt.stopped_by.clone(),
        gate_verdict: receipt.gate_verdict.clone(),
        disagreement: Disagreement::of(receipt, summary),
        issuing_state: row.try_get("issuing_state")?,
        issuer_known: receipt.successful("issuer-certificate") && receipt.successful("issuing-state"),
        flags: receipt.flags.len(),
    })
}
