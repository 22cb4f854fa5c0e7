//! The health of webhooks, derived from their messages.

use super::Outbox;
use crate::store::statement::fetch_all;
use domain::notification::Health;
use domain::timestamp::Timestamp;
use sqlx::FromRow;

/// Number of a webhook's newest messages that determine its health.
const ROWS_MAX: i64 = 200;

#[derive(Debug, FromRow)]
struct Told {
    state: String,
    trouble: Option<String>,
    ended: Option<i64>,
}

impl Outbox {
    /// A webhook's health, from its newest messages.
    pub async fn health(&self, target: &str) -> sqlx::Result<Health> {
        let sql = "SELECT state, trouble, ended FROM outbox WHERE target = $1
                   ORDER BY position DESC LIMIT $2";
        let rows: Vec<Told> = fetch_all!(self.0, sql, target, ROWS_MAX)?;
        let newest = |state: &str| {
            let ended = rows.iter().filter(|row| row.state == state).filter_map(|row| row.ended);
            ended.max()
        };
        let delivered = newest("delivered");
        let mut health = Health { delivered: delivered.map(Timestamp), ..Health::default() };
        for row in &rows {
            let is_since = row.ended.is_none_or(|ended| Some(ended) > delivered);
            match row.state.as_str() {
                "waiting" => health.waiting += 1,
                "given_up" if is_since => health.given_up += 1,
                _ => continue,
            }
            health.trouble = health.trouble.or_else(|| row.trouble.clone());
        }
        Ok(health)
    }
}
