//! What was refused: counted, so that a flood of refusals fills no disk.

use chipgate_apdu::Timestamp;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::Refused;
use super::sqlite::{SqliteStore, from_time, number, time};
use crate::error::VerifierError;

/// How many pairs of code and name are told apart. Names are what anyone claims.
const MOST: i64 = 1000;

impl SqliteStore {
    pub(super) async fn count_refusal(
        &self,
        code: &str,
        device: &str,
        at: Timestamp,
    ) -> Result<u64, VerifierError> {
        sqlx::query(
            "INSERT INTO refusals (code, device, times, first_at, last_at)
             SELECT ?1, CASE WHEN
                 EXISTS (SELECT 1 FROM refusals WHERE code = ?1 AND device = ?2)
                     OR (SELECT count(*) FROM refusals) < ?4 THEN ?2 ELSE '' END, 1, ?3, ?3 WHERE true
             ON CONFLICT (code, device) DO UPDATE SET times = times + 1, last_at = ?3 RETURNING times",
        )
        .bind(code)
        .bind(device)
        .bind(from_time(at))
        .bind(MOST)
        .try_map(|row: SqliteRow| number(&row, "times"))
        .fetch_one(&self.pool)
        .await
        .map_err(VerifierError::database("noting a refusal"))
    }

    pub(super) async fn list_refusals(&self) -> Result<Vec<Refused>, VerifierError> {
        sqlx::query(
            "SELECT code, device, times, first_at, last_at FROM refusals ORDER BY last_at DESC LIMIT 100",
        )
        .try_map(|row: SqliteRow| {
            Ok(Refused {
                code: row.try_get("code")?,
                device: row.try_get("device")?,
                times: number(&row, "times")?,
                first_at: time(&row, "first_at")?,
                last_at: time(&row, "last_at")?,
            })
        })
        .fetch_all(&self.pool)
        .await
        .map_err(VerifierError::database("listing refusals"))
    }
}
