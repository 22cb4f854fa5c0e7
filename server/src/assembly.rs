//! Puts the services together, and starts the tasks that they need.

use crate::changes::{self, Changes};
use crate::clock::Clock;
use crate::console::{LiveOverviews, Services};
use crate::durable::engine;
use crate::durable::lease::Leases;
use crate::history::{self, History};
use crate::jobs::{self, Jobs};
use crate::limits::Limits;
use crate::messages::setup::{Addressees, Setup};
use crate::notify::clients::Clients;
use crate::notify::{self, Notify};
use crate::releases;
use crate::runs::Runs;
use crate::runtime_config::RuntimeConfig;
use crate::stages::{self, Stages};
use crate::store::{self, Database};
use anyhow::Context as _;
use std::path::Path;
use std::sync::Arc;
use tokio::task::JoinSet;

/// What all services are built on.
pub(crate) struct Foundation<'a> {
    pub setting: &'a RuntimeConfig,
    pub database: &'a Database,
    pub history: Arc<History>,
    pub stages: Stages,
    pub clock: &'a Clock,
    /// The data directory.
    pub data: &'a Path,
}

impl Foundation<'_> {
    /// Builds the services and starts their tasks.
    ///
    /// # Errors
    /// If the database cannot be read or written, or HTTP cannot be set up.
    pub async fn services(self, tasks: &mut JoinSet<()>) -> anyhow::Result<Services> {
        let setup = Arc::new(self.setting.notify.clone());
        let addressees = Addressees::new(Arc::clone(&setup));
        let table = store::runs::Runs::new(self.database.clone()).telling(addressees.clone());
        let outbox = self.outbox().await?;
        let operations = Arc::new(self.operations(&table));
        self.watch(tasks, &table);
        tasks.spawn(engine::run(Arc::clone(&operations)));
        let jobs = Arc::new(self.jobs());
        tasks.spawn(engine::run(Arc::clone(&jobs)));
        tasks.spawn(jobs::keeping::run(Arc::clone(&jobs)));
        tasks.spawn(store::prune::run(self.database.clone(), self.clock.clone()));
        let changes = Arc::new(self.changes(addressees, &operations));
        // Loads freezes before the first request.
        changes.refresh().await.context("the changes cannot be read")?;
        tasks.spawn(changes::reconciler::run(Arc::clone(&changes)));
        let notify = Arc::new(self.notify(setup, outbox)?);
        tasks.spawn(notify::deliver::run(Arc::clone(&notify), operations.subscribe()));
        tasks.spawn(notify::remind::run(Arc::clone(&notify), Arc::clone(&changes)));
        tasks.spawn(notify::checkpoints::run(Arc::clone(&notify), Arc::clone(&self.history)));
        Ok(Services {
            sessions: store::sessions::Sessions::new(self.database.clone()),
            limits: Arc::new(Limits::default()),
            stages: self.stages,
            repositories: self.setting.repositories.clone(),
            operations,
            jobs,
            changes,
            history: self.history,
            notify,
            overviews: LiveOverviews::default(),
            clock: self.clock.clone(),
        })
    }

    /// The outbox. A console that has the database to itself also sends what an earlier run had claimed.
    async fn outbox(&self) -> anyhow::Result<store::outbox::Outbox> {
        let outbox = store::outbox::Outbox::new(self.database.clone());
        if !self.database.is_shared() {
            outbox.resume(self.clock.now()).await.context("the outbox cannot be written")?;
        }
        Ok(outbox)
    }

    fn operations(&self, table: &store::runs::Runs) -> Runs {
        let leases = Leases::of(self.database);
        let evidence = store::evidence::Evidences::new(self.database.clone());
        Runs::new(table.clone(), evidence, leases, self.stages.clone(), self.clock.clone())
    }

    fn jobs(&self) -> Jobs {
        Jobs::new(
            store::jobs::Jobs::new(self.database.clone()),
            Leases::of(self.database),
            self.stages.clone(),
            self.setting.repositories.clone(),
            self.data.join("uploads"),
            self.clock.clone(),
        )
        .keeping_logs(self.setting.job_log_days.get())
    }

    /// Reads the stages and the repositories, and records what others change in the stages.
    fn watch(&self, tasks: &mut JoinSet<()>, table: &store::runs::Runs) {
        for place in self.stages.iter() {
            tasks.spawn(stages::run(Arc::clone(place), self.clock.clone()));
            let (history, table) = (Arc::clone(&self.history), table.clone());
            tasks.spawn(history::drift::run(history, table, Arc::clone(place)));
        }
        tasks.spawn(history::run(Arc::clone(&self.history)));
        let interval = self.setting.repository_interval;
        for reader in &self.setting.repositories {
            tasks.spawn(releases::run(Arc::clone(reader), self.clock.clone(), interval));
        }
    }

    fn changes(&self, addressees: Addressees, operations: &Arc<Runs>) -> Changes {
        Changes::new(
            store::changes::Changes::new(self.database.clone()).telling(addressees),
            store::people::People::new(self.database.clone()),
            store::freezes::Freezes::new(self.database.clone()),
            store::glass::Glasses::new(self.database.clone()),
            Arc::clone(operations),
        )
    }

    fn notify(&self, setup: Arc<Setup>, outbox: store::outbox::Outbox) -> anyhow::Result<Notify> {
        let http = Clients::new().context("HTTP cannot be set up")?;
        let console = self.setting.public_url.clone();
        Ok(Notify::new(setup, outbox, http, self.clock.clone(), console))
    }
}
