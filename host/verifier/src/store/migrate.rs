//! The database's layout, step by step. A step that was released is never changed; a new one is added.

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{SqlSafeStr, SqlitePool};

/// Brings the database's layout up to date.
pub(super) async fn migrate(pool: &SqlitePool) -> Result<(), sqlx::migrate::MigrateError> {
    Migrator::with_migrations(steps()).run(pool).await
}

fn steps() -> Vec<Migration> {
    let step = |number, name: &'static str, sql: &'static str| {
        Migration::new(
            number,
            name.into(),
            MigrationType::Simple,
            sql.into_sql_str(),
            false,
        )
    };
    vec![
        step(1, "reports", include_str!("../../migrations/0001_reports.sql")),
        step(2, "refusals", include_str!("../../migrations/0002_refusals.sql")),
    ]
}
