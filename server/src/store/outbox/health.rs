//! How webhooks are doing, as their messages tell.

use super::Outbox;
use crate::store::on;
use app::domain::notification::Health;
use app::domain::timestamp::Timestamp;
use sqlx::FromRow;

/// How many of a webhook's newest messages tell how it is doing.
const ROWS_MAX: i64 = 200;

#[derive(Debug, FromRow)]
struct Told {
    state: String,
    trouble: Option<String>,
    ended: Option<i64>,
}

impl Outbox {
    /// How a webhook is doing, as far as its newest messages tell.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn health(&self, target: &str) -> sqlx::Result<Health> {
        let sql = "SELECT state, trouble, ended FROM outbox WHERE target = $1
                   ORDER BY position DESC LIMIT $2";
        let rows: Vec<Told> = on!(&self.0, pool => sqlx::query_as(sql)
            .bind(target)
            .bind(ROWS_MAX)
            .fetch_all(pool)
            .await?);
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
