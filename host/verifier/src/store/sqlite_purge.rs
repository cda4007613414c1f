//! Deleting what is past its retention, so that nothing of it stays on the disk.

use chipgate_apdu::Timestamp;

use super::Purged;
use super::sqlite::{SqliteStore, from_time};
use crate::error::VerifierError;

impl SqliteStore {
    pub(super) async fn purge_old(
        &self,
        now: Timestamp,
        issued_before: Timestamp,
    ) -> Result<Purged, VerifierError> {
        let purged = self
            .delete_old(now, issued_before)
            .await
            .map_err(VerifierError::database("deleting what is past its retention"))?;
        self.empty_log().await?;
        Ok(purged)
    }

    async fn delete_old(&self, now: Timestamp, issued_before: Timestamp) -> Result<Purged, sqlx::Error> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let mut counts = [0; 4];
        let statements = [
            ("DELETE FROM evidence WHERE delete_at <= ?", now),
            ("DELETE FROM nonces WHERE expires_at < ?", issued_before),
            ("DELETE FROM beacons WHERE issued_at < ?", issued_before),
            ("DELETE FROM refusals WHERE last_at < ?", issued_before),
        ];
        for (count, (statement, limit)) in counts.iter_mut().zip(statements) {
            let done = sqlx::query(statement)
                .bind(from_time(limit))
                .execute(&mut *transaction)
                .await?;
            *count = done.rows_affected();
        }
        transaction.commit().await?;
        let [evidence, nonces, beacons, refusals] = counts;
        Ok(Purged {
            evidence,
            nonces,
            beacons,
            refusals,
        })
    }

    /// `secure_delete` overwrites pages of the database. As they were before, they also stand in the write-ahead log,
    /// until that is copied into the database and cut off.
    async fn empty_log(&self) -> Result<(), VerifierError> {
        let busy: i64 = sqlx::query_scalar("PRAGMA wal_checkpoint(TRUNCATE)")
            .fetch_one(&self.pool)
            .await
            .map_err(VerifierError::database("emptying the write-ahead log"))?;
        if busy == 0 {
            Ok(())
        } else {
            Err(VerifierError::LogInUse)
        }
    }
}
