//! SQLite: one file in the data folder, written ahead, synchronised at every commit.

use std::path::Path;
use std::time::Duration;

use chipgate_apdu::Timestamp;
use sqlx::Row;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};

use super::migrate::migrate;
use super::{
    Acceptance, Device, DeviceActivity, Digest, Filter, IssuedBeacon, IssuedNonce, NewReport, Nonce, Purged,
    Refused, ReportId, ReportLine, Store, StoredReport, Tally,
};
use crate::error::VerifierError;
use crate::keys;
use crate::receipt::Receipt;

/// Name of the database within the data folder.
const FILE: &str = "verifier.sqlite";

/// The verifier's knowledge in an SQLite database.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    pub(super) pool: SqlitePool,
}

impl SqliteStore {
    /// Opens, or makes, the database in the data folder.
    pub async fn open(data: &Path) -> Result<Self, VerifierError> {
        let path = data.join(FILE);
        keys::make_private(&path)?;
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A report that was answered must survive a power cut.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            // What is deleted is overwritten: evidence is personal data.
            .pragma("secure_delete", "ON")
            .busy_timeout(Duration::from_secs(10));
        let pool = SqlitePoolOptions::new()
            .max_connections(4)
            .connect_with(options)
            .await
            .map_err(VerifierError::database("opening"))?;
        migrate(&pool)
            .await
            .map_err(|source| VerifierError::Migration { path, source })?;
        Ok(Self { pool })
    }

    /// One key is one device: who has it could else report under either name.
    async fn key_is_free(&self, public_key: &[u8], name: &str) -> Result<(), VerifierError> {
        let owner: Option<String> =
            sqlx::query_scalar("SELECT name FROM devices WHERE public_key = ? AND name <> ? LIMIT 1")
                .bind(public_key)
                .bind(name)
                .fetch_optional(&self.pool)
                .await
                .map_err(VerifierError::database("looking up a key"))?;
        owner.map_or(Ok(()), |name| Err(VerifierError::KeyInUse { name }))
    }

    /// Finishes what is under way and closes the database.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

impl Store for SqliteStore {
    async fn add_device(&self, device: &Device) -> Result<(), VerifierError> {
        self.key_is_free(&device.public_key, &device.name).await?;
        let added = sqlx::query(
            "INSERT INTO devices (name, public_key, added_at) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING",
        )
        .bind(&device.name)
        .bind(&device.public_key)
        .bind(from_time(device.added_at))
        .execute(&self.pool)
        .await
        .map_err(VerifierError::database("adding a device"))?;
        if added.rows_affected() == 0 {
            return Err(VerifierError::DeviceExists {
                name: device.name.clone(),
            });
        }
        Ok(())
    }

    async fn replace_device(
        &self,
        name: &str,
        public_key: &[u8],
        at: Timestamp,
    ) -> Result<(), VerifierError> {
        self.key_is_free(public_key, name).await?;
        let found =
            sqlx::query("UPDATE devices SET public_key = ?, added_at = ?, revoked_at = NULL WHERE name = ?")
                .bind(public_key)
                .bind(from_time(at))
                .bind(name)
                .execute(&self.pool)
                .await
                .map_err(VerifierError::database("replacing a device's key"))?;
        if found.rows_affected() == 0 {
            return Err(VerifierError::UnknownDevice {
                name: name.to_owned(),
            });
        }
        Ok(())
    }

    async fn device(&self, name: &str) -> Result<Option<Device>, VerifierError> {
        sqlx::query("SELECT name, public_key, added_at, revoked_at FROM devices WHERE name = ?")
            .bind(name)
            .try_map(|row: SqliteRow| device(&row))
            .fetch_optional(&self.pool)
            .await
            .map_err(VerifierError::database("looking up a device"))
    }

    async fn devices(&self) -> Result<Vec<DeviceActivity>, VerifierError> {
        sqlx::query(
            "SELECT name, public_key, added_at, revoked_at, count(number) AS reports,
                    max(sequence) AS last_sequence, max(received_at) AS last_received
             FROM devices LEFT JOIN reports ON device = name GROUP BY name ORDER BY name",
        )
        .try_map(|row: SqliteRow| {
            Ok(DeviceActivity {
                device: device(&row)?,
                reports: number(&row, "reports")?,
                last_sequence: optional(&row, "last_sequence")?,
                last_received: optional(&row, "last_received")?.map(Timestamp),
            })
        })
        .fetch_all(&self.pool)
        .await
        .map_err(VerifierError::database("listing devices"))
    }

    async fn revoke_device(&self, name: &str, at: Timestamp) -> Result<(), VerifierError> {
        let found = sqlx::query("UPDATE devices SET revoked_at = coalesce(revoked_at, ?) WHERE name = ?")
            .bind(from_time(at))
            .bind(name)
            .execute(&self.pool)
            .await
            .map_err(VerifierError::database("revoking a device"))?;
        if found.rows_affected() == 0 {
            return Err(VerifierError::UnknownDevice {
                name: name.to_owned(),
            });
        }
        Ok(())
    }

    async fn issue_nonce(&self, nonce: &IssuedNonce, limit: u32) -> Result<(), VerifierError> {
        // One statement, so that two requests at once cannot pass the limit together.
        let added = sqlx::query(
            "INSERT INTO nonces (nonce, device, issued_at, expires_at)
             SELECT ?1, ?2, ?3, ?4 WHERE ?5 >
                (SELECT count(*) FROM nonces WHERE device = ?2 AND used_by IS NULL AND expires_at > ?3)",
        )
        .bind(&nonce.nonce[..])
        .bind(&nonce.device)
        .bind(from_time(nonce.issued_at))
        .bind(from_time(nonce.expires_at))
        .bind(i64::from(limit))
        .execute(&self.pool)
        .await
        .map_err(VerifierError::database("issuing a nonce"))?;
        if added.rows_affected() == 0 {
            return Err(VerifierError::TooManyNonces {
                device: nonce.device.clone(),
                limit,
            });
        }
        Ok(())
    }

    async fn nonce(&self, device: &str, nonce: &Nonce) -> Result<Option<IssuedNonce>, VerifierError> {
        sqlx::query(
            "SELECT nonce, device, issued_at, expires_at, used_by FROM nonces WHERE nonce = ? AND device = ?",
        )
        .bind(&nonce[..])
        .bind(device)
        .try_map(|row: SqliteRow| {
            Ok(IssuedNonce {
                nonce: array(&row, "nonce")?,
                device: row.try_get("device")?,
                issued_at: time(&row, "issued_at")?,
                expires_at: time(&row, "expires_at")?,
                used_by: optional_array(&row, "used_by")?,
            })
        })
        .fetch_optional(&self.pool)
        .await
        .map_err(VerifierError::database("looking up a nonce"))
    }

    async fn add_beacon(&self, beacon: &IssuedBeacon) -> Result<(), VerifierError> {
        sqlx::query("INSERT INTO beacons (hash, signed, issued_at) VALUES (?, ?, ?)")
            .bind(&beacon.hash[..])
            .bind(&beacon.signed)
            .bind(from_time(beacon.issued_at))
            .execute(&self.pool)
            .await
            .map_err(VerifierError::database("keeping a beacon"))?;
        Ok(())
    }

    async fn newest_beacon(&self) -> Result<Option<IssuedBeacon>, VerifierError> {
        sqlx::query("SELECT hash, signed, issued_at FROM beacons ORDER BY issued_at DESC LIMIT 1")
            .try_map(|row: SqliteRow| beacon(&row))
            .fetch_optional(&self.pool)
            .await
            .map_err(VerifierError::database("looking up the beacon"))
    }

    async fn beacon(&self, hash: &Digest) -> Result<Option<IssuedBeacon>, VerifierError> {
        sqlx::query("SELECT hash, signed, issued_at FROM beacons WHERE hash = ?")
            .bind(&hash[..])
            .try_map(|row: SqliteRow| beacon(&row))
            .fetch_optional(&self.pool)
            .await
            .map_err(VerifierError::database("looking up a beacon"))
    }

    async fn receipt(&self, id: &ReportId) -> Result<Option<(Digest, Receipt)>, VerifierError> {
        self.find_receipt(id).await
    }

    async fn accept(&self, report: NewReport) -> Result<Acceptance, VerifierError> {
        self.accept_report(report).await
    }

    async fn note_refusal(&self, code: &str, device: &str, at: Timestamp) -> Result<u64, VerifierError> {
        self.count_refusal(code, device, at).await
    }

    async fn refusals(&self) -> Result<Vec<Refused>, VerifierError> {
        self.list_refusals().await
    }

    async fn reports(&self, filter: &Filter) -> Result<Vec<ReportLine>, VerifierError> {
        self.list_reports(filter).await
    }

    async fn tally(&self, since: Timestamp) -> Result<Tally, VerifierError> {
        self.count_reports(since).await
    }

    async fn report(&self, id: &ReportId) -> Result<Option<StoredReport>, VerifierError> {
        self.find_report(id).await
    }

    async fn evidence(&self, id: &ReportId) -> Result<Option<Vec<u8>>, VerifierError> {
        self.find_evidence(id).await
    }

    async fn purge(&self, now: Timestamp, issued_before: Timestamp) -> Result<Purged, VerifierError> {
        self.purge_old(now, issued_before).await
    }
}

fn device(row: &SqliteRow) -> Result<Device, sqlx::Error> {
    Ok(Device {
        name: row.try_get("name")?,
        public_key: row.try_get("public_key")?,
        added_at: time(row, "added_at")?,
        revoked_at: optional(row, "revoked_at")?.map(Timestamp),
    })
}

fn beacon(row: &SqliteRow) -> Result<IssuedBeacon, sqlx::Error> {
    Ok(IssuedBeacon {
        hash: array(row, "hash")?,
        signed: row.try_get("signed")?,
        issued_at: time(row, "issued_at")?,
    })
}

/// A time as the database holds it. Times beyond the year 292 million are cut there.
pub(super) fn from_time(time: Timestamp) -> i64 {
    i64::try_from(time.0).unwrap_or(i64::MAX)
}

/// A number as the database holds it. One that does not fit is no other number's place.
pub(super) fn from_number(number: u64) -> Result<i64, sqlx::Error> {
    i64::try_from(number).map_err(|error| sqlx::Error::Encode(Box::new(error)))
}

/// An unsigned number from a column.
pub(super) fn number(row: &SqliteRow, column: &str) -> Result<u64, sqlx::Error> {
    let value: i64 = row.try_get(column)?;
    u64::try_from(value).map_err(|error| unreadable(column, error))
}

/// An unsigned number from a column that may be empty.
pub(super) fn optional(row: &SqliteRow, column: &str) -> Result<Option<u64>, sqlx::Error> {
    let value: Option<i64> = row.try_get(column)?;
    value
        .map(u64::try_from)
        .transpose()
        .map_err(|error| unreadable(column, error))
}

/// A time from a column.
pub(super) fn time(row: &SqliteRow, column: &str) -> Result<Timestamp, sqlx::Error> {
    Ok(Timestamp(number(row, column)?))
}

/// Bytes of a fixed length from a column.
pub(super) fn array<const N: usize>(row: &SqliteRow, column: &str) -> Result<[u8; N], sqlx::Error> {
    let value: &[u8] = row.try_get(column)?;
    value.try_into().map_err(|error| unreadable(column, error))
}

/// Bytes of a fixed length from a column that may be empty.
pub(super) fn optional_array<const N: usize>(
    row: &SqliteRow,
    column: &str,
) -> Result<Option<[u8; N]>, sqlx::Error> {
    let value: Option<&[u8]> = row.try_get(column)?;
    value
        .map(TryInto::try_into)
        .transpose()
        .map_err(|error| unreadable(column, error))
}

/// The error of a column that holds what this program did not write.
pub(super) fn unreadable(column: &str, error: impl std::error::Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::ColumnDecode {
        index: column.to_owned(),
        source: Box::new(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_the_database_cannot_hold_is_an_error_and_no_other_number() {
        assert_eq!(from_number(i64::MAX as u64).unwrap(), i64::MAX);
        assert!(from_number(i64::MAX as u64 + 1).is_err());
    }
}
