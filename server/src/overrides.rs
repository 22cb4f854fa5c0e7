//! What a test may set that a person does not.

use crate::clock::Clock;
use crate::notify::setup::Setup;
use crate::patience::Patience;
use crate::serve;
use crate::stages::Probing;
use app::domain::name::StageName;
use app::domain::policy::Policy;
use std::collections::BTreeMap;

/// What a test may set that a person does not.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// The console's clock.
    pub clock: Clock,
    /// The emulator's clock; its own when `None`.
    pub emulator_clock: Option<emulator::Clock>,
    /// The program (and its first arguments) that serves a model; this one when `None`.
    pub instance_command: Option<Vec<std::ffi::OsString>>,
    /// Whether the demo client sends traffic.
    pub no_demo_client: bool,
    /// What stages ask before something is done to them.
    pub policies: BTreeMap<StageName, Policy>,
    /// What the emulator's stages are probed with; the demo's own probe when `None`.
    pub probing: Option<BTreeMap<StageName, Probing>>,
    /// The URL of a PostgreSQL database to use instead of SQLite.
    pub database: Option<String>,
    /// The key file of that database; in the data directory when `None`.
    pub secrets_key: Option<std::path::PathBuf>,
    /// Who is told what happens; as the configuration says when `None`.
    pub notify: Option<Setup>,
    /// What connections may do; as documented when `None`.
    pub serve: Option<serve::Rules>,
    /// How long the embedded emulator's reads are doubted; as long as Azure's when `None`.
    pub patience: Option<Patience>,
    /// Which of the embedded emulator's reads are stale; as the command line says when `None`.
    pub stale_reads: Option<emulator::StaleReads>,
}
