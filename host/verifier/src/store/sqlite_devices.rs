//! Forgetting a device that was registered by mistake.

use super::SqliteStore;
use crate::error::VerifierError;

impl SqliteStore {
    /// Takes a device out of the register, and frees its key. One that has reported stays, since its reports name it; so
    /// does one that was revoked, whose key must not come back under another name.
    pub(crate) async fn forget_device(&self, name: &str) -> Result<(), VerifierError> {
        let failed = VerifierError::database("removing a device");
        let mut change = self.pool.begin().await.map_err(failed)?;
        let failed = VerifierError::database("removing a device");
        let revoked: Option<bool> =
            sqlx::query_scalar("SELECT revoked_at IS NOT NULL FROM devices WHERE name = ?")
                .bind(name)
                .fetch_optional(&mut *change)
                .await
                .map_err(failed)?;
        let failed = VerifierError::database("removing a device");
        let reported: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM reports WHERE device = ?)")
            .bind(name)
            .fetch_one(&mut *change)
            .await
            .map_err(failed)?;
        let name_owned = || name.to_owned();
        match (revoked, reported) {
            (None, _) => return Err(VerifierError::UnknownDevice { name: name_owned() }),
            (_, true) => return Err(VerifierError::DeviceHasReports { name: name_owned() }),
            (Some(true), _) => return Err(VerifierError::DeviceIsRevoked { name: name_owned() }),
            (Some(false), false) => {}
        }
        for statement in [
            "DELETE FROM nonces WHERE device = ?",
            "DELETE FROM devices WHERE name = ?",
        ] {
            let failed = VerifierError::database("removing a device");
            sqlx::query(statement)
                .bind(name)
                .execute(&mut *change)
                .await
                .map_err(failed)?;
        }
        change
            .commit()
            .await
            .map_err(VerifierError::database("removing a device"))
    }
}
