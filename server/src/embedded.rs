//! The embedded emulator with its demo team, and the settings for it.

use crate::Overrides;
use crate::azure::cloud::Cloud;
use crate::azure::credential::ClientCredentials;
use crate::azure::inference::Inference;
use crate::config;
use crate::config::ServeArgs;
use crate::config::SessionTimes;
use crate::github::Client;
use crate::github::contents::Repository;
use crate::github::credential::Token;
use crate::messages::setup::Setup;
use crate::releases::Reader;
use crate::releases::source::OnGitHub;
use crate::runtime_config::RuntimeConfig;
use crate::serve::peer::Proxies;
use crate::stages::Probing;
use crate::web::Registration;
use anyhow::Context as _;
use domain::decimal::Decimal;
use domain::evidence::rule::{Required, ShadowRule};
use domain::name::StageName;
use domain::policy::Policy;
use domain::policy::promotion::Promotion;
use domain::scoring::SAMPLE;
use domain::stage::Stage;
use emulator::{Demo, Emulator, StartError};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// The demo's stages with their workspaces.
const DEMO: [(&str, &str); 2] =
    [("anet-dev", "mlw-anet-0001dev"), ("anet-prod", "mlw-anet-0001prod")];
const SUBSCRIPTION: &str = "5b6e6a0c-5a1f-4d4e-9d0a-0a4e45ad0001";
const RESOURCE_GROUP: &str = "anet-0001";

/// Starts the emulator.
///
/// # Errors
/// If its address is in use or its state cannot be read.
pub(crate) async fn start(
    args: &ServeArgs,
    address: SocketAddr,
    http: &reqwest::Client,
    overrides: &Overrides,
) -> anyhow::Result<(RuntimeConfig, Emulator)> {
    let public_url = Url::parse(&format!("http://{address}"))?;
    let redirect_url = public_url.join(app::paths::SIGN_IN_CALLBACK)?;
    let config = emulator_config(args, overrides, &redirect_url)?;
    let emulator = Emulator::start(config).await.map_err(|error| not_started(error, args))?;
    let policies = policies(args, overrides, DEMO.map(|(name, _)| name))?;
    let stages = stages(&policies)?;
    let repository = repository(&emulator, http, overrides, &stages)?;
    let setting = RuntimeConfig {
        repositories: vec![Arc::new(repository)],
        repository_interval: Duration::from_secs(5),
        cloud: cloud(&emulator, http)?,
        registration: registration(&emulator, redirect_url),
        stages,
        policies,
        public_url,
        poll_interval: Duration::from_millis(500),
        patience: overrides.patience.unwrap_or_default(),
        traffic_age_max: Duration::from_secs(2),
        bandwidth: BTreeMap::new(),
        probing: match &overrides.probing {
            Some(probing) => probing.clone(),
            None => probing(DEMO.map(|(name, _)| name))?,
        },
        job_log_days: config::LogDays::default(),
        session: SessionTimes::default(),
        proxies: Proxies::default(),
        database: None,
        ledger_key: None,
        secrets_key: None,
        notify: Setup::default(),
    };
    Ok((setting, emulator))
}

/// The demo's stages. Their policies say which are protected.
fn stages(policies: &BTreeMap<StageName, Policy>) -> anyhow::Result<Vec<Stage>> {
    let stage = |(name, workspace): (&str, &str)| {
        let name = name.parse()?;
        anyhow::Ok(Stage {
            protected: policies.get(&name).is_some_and(Policy::is_protected),
            name,
            subscription: SUBSCRIPTION.to_owned(),
            resource_group: RESOURCE_GROUP.to_owned(),
            workspace: workspace.to_owned(),
        })
    };
    DEMO.into_iter().map(stage).collect()
}

/// The emulator's URL without the slash at its end.
fn base(emulator: &Emulator) -> String {
    emulator.url().as_str().trim_end_matches('/').to_owned()
}

/// The emulator's Azure, and the client credentials that it accepts.
fn cloud(emulator: &Emulator, http: &reqwest::Client) -> anyhow::Result<Cloud> {
    let url = emulator.url();
    let credential = ClientCredentials::new(
        http.clone(),
        url.join(&format!("{}/oauth2/v2.0/token", emulator.tenant()))?,
        emulator.client_id().to_owned(),
        emulator.client_secret().into(),
    );
    Ok(Cloud {
        inference: Inference::on_loopback(url.clone(), http.clone()),
        arm: url,
        arm_scope: format!("{}/.default", base(emulator)),
        scoring_scope: "https://ml.azure.com/.default".to_owned(),
        credential: Arc::new(credential),
    })
}

/// The console's registration in the emulator's Entra ID.
fn registration(emulator: &Emulator, redirect_url: Url) -> Registration {
    let tenant = emulator.tenant().to_owned();
    Registration {
        issuer: format!("{}/{tenant}/v2.0", base(emulator)),
        tenant,
        client_id: emulator.client_id().to_owned(),
        client_secret: emulator.client_secret().into(),
        redirect_url,
        roles: config::roles(&BTreeMap::new()),
    }
}

/// The emulator's configuration: the demo team with its two stages.
fn emulator_config(
    args: &ServeArgs,
    overrides: &Overrides,
    redirect_url: &Url,
) -> anyhow::Result<emulator::Config> {
    let workspaces = DEMO.map(|(_, workspace)| emulator::Workspace {
        name: workspace.to_owned(),
        location: "westeurope".to_owned(),
    });
    Ok(emulator::Config {
        listen: args.emulator_listen,
        subscription: SUBSCRIPTION.to_owned(),
        resource_group: RESOURCE_GROUP.to_owned(),
        workspaces: workspaces.to_vec(),
        tenant: "7d1b6b0e-3f0b-4c55-8f4e-5eedda7a0001".to_owned(),
        clock: overrides.emulator_clock.clone().unwrap_or_else(emulator::Clock::auto),
        state_dir: Some(args.data.join("emulator")),
        instance_command: overrides
            .instance_command
            .clone()
            .map_or_else(own_instance_command, Ok)?,
        demo: if overrides.no_demo_client { Demo::Team } else { Demo::TeamWithClient },
        public_url: None,
        redirect_uris: vec![redirect_url.to_string()],
        builder: args.builder,
        stale_reads: overrides
            .stale_reads
            .clone()
            .or_else(|| args.stale_reads.clone())
            .unwrap_or_default(),
    })
}

/// The policies of the demo's stages.
fn policies(
    args: &ServeArgs,
    overrides: &Overrides,
    demo: [&str; 2],
) -> anyhow::Result<BTreeMap<StageName, Policy>> {
    let mut policies = overrides.policies.clone();
    let known = |stage: &StageName, option: &str| {
        anyhow::ensure!(
            demo.contains(&stage.as_str()),
            "--{option}: stage {stage} does not exist. The emulator's stages are {}",
            demo.join(" and ")
        );
        Ok(())
    };
    for stage in &args.protect {
        known(stage, "protect")?;
        policies.insert(stage.clone(), protected());
    }
    for stage in &args.promote {
        known(stage, "promote")?;
        policies.entry(stage.clone()).or_default().promotion = Some(promotion()?);
    }
    Ok(policies)
}

/// Steps short enough to watch. The demo client sends ten requests per second, of which the first step gets one.
fn promotion() -> anyhow::Result<Promotion> {
    let promotion = serde_json::json!({
        "steps": [10, 50, 100],
        "bake_minutes": 2,
        "conditions": { "requests_min": 50, "errors_percent_max": 5, "p99_ratio_max": 5 },
    });
    serde_json::from_value(promotion).context("the demo's promotion is invalid")
}

/// The probes of the demo's endpoints, which send the test page's sample request.
fn probing(demo: [&str; 2]) -> anyhow::Result<BTreeMap<StageName, Probing>> {
    let probing = Probing::new(SAMPLE.to_owned(), 10).map_err(anyhow::Error::msg)?;
    demo.into_iter().map(|stage| Ok((stage.parse()?, probing.clone()))).collect()
}

/// One approval, and a recent shadow comparison. Its limits are loose because the demo's client sends few requests, and
/// its models answer within a millisecond on a busy machine, so the minute p99 is mostly noise.
fn protected() -> Policy {
    let comparison =
        ShadowRule { requests_min: 20, p99_ratio_max: Decimal::whole(25), ..ShadowRule::default() };
    let evidence = Required { shadow_comparison: Some(comparison), ..Required::default() };
    Policy { approvals: 1, evidence, ..Policy::default() }
}

/// Adds the fix, which depends on the error.
fn not_started(error: StartError, args: &ServeArgs) -> anyhow::Error {
    let way_out = match &error {
        StartError::PortTaken { .. } | StartError::Listen { .. } => {
            "choose another address with --emulator-listen".to_owned()
        }
        StartError::State { .. } => format!(
            "restore a backup, remove {} to start with a new emulator, or choose another directory with --data",
            args.data.join("emulator").display()
        ),
    };
    anyhow::Error::new(error).context(format!("the emulator did not start: {way_out}"))
}

/// The demo team's repository, on the emulator's GitHub.
fn repository(
    emulator: &Emulator,
    http: &reqwest::Client,
    overrides: &Overrides,
    stages: &[Stage],
) -> anyhow::Result<Reader> {
    let token = Token::new(emulator.github_token())?;
    let api = Url::parse(&emulator.github_api())?;
    let client = Client::new(http.clone(), api, Some(token), overrides.clock.clone());
    let place = emulator.github_repository();
    let (owner, name) = place.split_once('/').context("a repository has an owner")?;
    let repository = Repository::new(client, owner.to_owned(), name.to_owned());
    let source = OnGitHub::new(repository, format!("github.com/{place}"), None);
    // People who try the demo should see their commits at once.
    let age_max = Duration::from_millis(500);
    let environments = BTreeMap::new();
    let reader =
        Reader::new(name.to_owned(), Box::new(source), environments, stages.to_vec(), age_max);
    Ok(reader.building_by(overrides.building.clone().unwrap_or_default()))
}

/// This program also serves the models, with a subcommand that `main.rs` adds.
fn own_instance_command() -> anyhow::Result<Vec<std::ffi::OsString>> {
    let program: PathBuf =
        std::env::current_exe().context("the path of this program is unknown")?;
    Ok(vec![program.into_os_string(), "emulator-instance".into()])
}
