//! The database's layout, step by step. A step that was released is never changed; a new one is added.

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{SqlSafeStr, SqlitePool};

/// Brings the database's layout up to date.
pub(super) async fn migrate(pool: &SqlitePool) -> Result<(), sqlx::migrate::MigrateError> {
    Migrator::with_migrations(steps()).run(pool).await
}

fn steps() -> Vec<Migration> {
    vec![Migration::new(
        1,
        "reports".into(),
        MigrationType::Simple,
        include_str!("../../migrations/0001_reports.sql").into_sql_str(),
        false,
    )]
}
