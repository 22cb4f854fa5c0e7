//! The console's own requests to scoring URIs, counted by minute and deployment, across replicas and restarts. A
//! process that is killed loses the count of at most ten seconds of probes, which then count as clients' requests.

use super::{Evidences, lower};
use crate::store::statement::{execute, fetch_all};
use domain::evidence::own::OwnCalls;
use domain::stage::EndpointKey;
use domain::timestamp::Timestamp;
use sqlx::FromRow;

/// How long counts are kept, in milliseconds: a week. The longest bake and its baseline take two days.
const KEPT_MS: i64 = 7 * 24 * 3_600_000;

#[derive(Debug, FromRow)]
struct Row {
    deployment: String,
    by_name: i64,
    minute: i64,
    calls: i64,
    errors: i64,
}

impl Row {
    fn own(self) -> OwnCalls {
        let count = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
        OwnCalls {
            deployment: self.deployment.parse().ok(),
            by_name: self.by_name != 0,
            minute: Timestamp(self.minute),
            calls: count(self.calls),
            errors: count(self.errors),
        }
    }
}

impl Evidences {
    /// Adds requests that the console has sent to an endpoint.
    ///
    /// # Errors
    /// When the store fails. No request is then counted.
    pub async fn count_own(&self, at: &EndpointKey, own: &[OwnCalls]) -> sqlx::Result<()> {
        let Some(newest) = own.iter().map(|one| one.minute.0).max() else { return Ok(()) };
        let add = "INSERT INTO own_calls (stage, endpoint, deployment, by_name, minute, calls, errors)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (stage, endpoint, deployment, by_name, minute) DO UPDATE
            SET calls = own_calls.calls + excluded.calls, errors = own_calls.errors + excluded.errors";
        let mut tx = self.0.begin().await?;
        for one in own {
            let name = one.deployment.as_ref().map(|name| lower(name.as_str())).unwrap_or_default();
            execute!(
                tx,
                add,
                at.stage.as_str(),
                lower(at.endpoint.as_str()),
                name,
                i64::from(one.by_name),
                one.minute.0,
                i64::from(one.calls),
                i64::from(one.errors)
            )?;
        }
        execute!(tx, "DELETE FROM own_calls WHERE minute < $1", newest.saturating_sub(KEPT_MS))?;
        tx.commit().await
    }

    /// The console's own requests to an endpoint since a time, to subtract from the measured traffic.
    pub async fn own_since(
        &self,
        at: &EndpointKey,
        since: Timestamp,
    ) -> sqlx::Result<Vec<OwnCalls>> {
        let sql = "SELECT deployment, by_name, minute, calls, errors FROM own_calls
            WHERE stage = $1 AND endpoint = $2 AND minute >= $3 ORDER BY minute, deployment, by_name";
        let rows: Vec<Row> = fetch_all!(
            self.0,
            sql,
            at.stage.as_str(),
            lower(at.endpoint.as_str()),
            since.0.saturating_sub(60_000)
        )?;
        Ok(rows.into_iter().map(Row::own).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Database;

    #[tokio::test]
    async fn own_requests_add_up_by_minute_and_deployment_and_old_ones_are_deleted() {
        let folder = tempfile::tempdir().expect("a folder");
        let database = Database::in_directory(folder.path()).await.expect("a database");
        let table = Evidences::new(database);
        let at = EndpointKey {
            stage: "anet-prod".parse().expect("a stage"),
            endpoint: "anet-ep".parse().expect("an endpoint"),
        };
        let green = "Green".parse().ok();
        let one = |ms, status| OwnCalls::one(green.clone(), true, Timestamp(ms), status);
        table
            .count_own(&at, &[one(60_500, Some(200)), one(61_000, Some(424))])
            .await
            .expect("kept");
        table.count_own(&at, &[one(62_000, None), one(120_000, Some(200))]).await.expect("kept");
        let split = OwnCalls::one(None, false, Timestamp(60_000), Some(404));
        table.count_own(&at, std::slice::from_ref(&split)).await.expect("kept");
        let all = table.own_since(&at, Timestamp(60_000)).await.expect("read");
        let counts: Vec<_> =
            all.iter().map(|one| (one.by_name, one.minute.0, one.calls, one.errors)).collect();
        assert_eq!(counts, [(false, 60_000, 1, 1), (true, 60_000, 3, 1), (true, 120_000, 1, 0)]);
        assert_eq!(table.own_since(&at, Timestamp(190_000)).await.expect("read").len(), 0);
        table.count_own(&at, &[one(KEPT_MS + 120_000, None)]).await.expect("kept");
        assert_eq!(table.own_since(&at, Timestamp(0)).await.expect("read").len(), 2);
        assert!(table.count_own(&at, &[]).await.is_ok());
    }
}
