//! The Azure inside: the emulator with its demo team, and the setting that points at it.

use crate::Overrides;
use crate::azure::cloud::Cloud;
use crate::azure::credential::ClientCredentials;
use crate::azure::inference::Inference;
use crate::clock::Clock;
use crate::config::{self, ServeArgs, SessionTimes};
use crate::github::Client;
use crate::github::contents::Repository;
use crate::github::credential::Token;
use crate::notify::setup::Setup;
use crate::releases::Reader;
use crate::releases::source::OnGitHub;
use crate::serve::peer::Proxies;
use crate::setting::Setting;
use crate::stages::Probing;
use crate::web::Registration;
use anyhow::Context as _;
use app::domain::decimal::Decimal;
use app::domain::evidence::rule::{Required, ShadowRule};
use app::domain::name::StageName;
use app::domain::policy::Policy;
use app::domain::policy::promotion::Promotion;
use app::domain::scoring::SAMPLE;
use app::domain::stage::Stage;
use emulator::{Demo, Emulator, StartError};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// Starts it.
///
/// # Errors
/// When its address is taken or its state cannot be read.
pub(crate) async fn start(
    args: &ServeArgs,
    address: SocketAddr,
    http: &reqwest::Client,
    overrides: &Overrides,
) -> anyhow::Result<(Setting, Emulator)> {
    let demo = [("anet-dev", "mlw-anet-0001dev"), ("anet-prod", "mlw-anet-0001prod")];
    let public_url = Url::parse(&format!("http://{address}"))?;
    let redirect_url = public_url.join(app::paths::SIGN_IN_CALLBACK)?;
    let workspaces = demo.map(|(_, workspace)| emulator::Workspace {
        name: workspace.to_owned(),
        location: "westeurope".to_owned(),
    });
    let subscription = "5b6e6a0c-5a1f-4d4e-9d0a-0a4e45ad0001".to_owned();
    let resource_group = "anet-0001".to_owned();
    let config = emulator::Config {
        listen: args.emulator_listen,
        subscription: subscription.clone(),
        resource_group: resource_group.clone(),
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
        stale_reads: overrides
            .stale_reads
            .clone()
            .or_else(|| args.stale_reads.clone())
            .unwrap_or_default(),
    };
    let emulator = Emulator::start(config).await.map_err(|error| not_started(error, args))?;
    let url = emulator.url();
    let tenant = emulator.tenant().to_owned();
    let credential = ClientCredentials::new(
        http.clone(),
        url.join(&format!("{tenant}/oauth2/v2.0/token"))?,
        emulator.client_id().to_owned(),
        emulator.client_secret().to_owned(),
    );
    let policies = policies(args, overrides, demo.map(|(name, _)| name))?;
    let stage = |(name, workspace): (&str, &str)| {
        let name = name.parse()?;
        anyhow::Ok(Stage {
            protected: policies.get(&name).is_some_and(Policy::is_protected),
            name,
            subscription: subscription.clone(),
            resource_group: resource_group.clone(),
            workspace: workspace.to_owned(),
        })
    };
    let base = url.as_str().trim_end_matches('/').to_owned();
    let stages = demo.into_iter().map(stage).collect::<anyhow::Result<Vec<_>>>()?;
    let repository = repository(&emulator, http, &overrides.clock, &stages)?;
    let setting = Setting {
        repositories: vec![Arc::new(repository)],
        repository_interval: Duration::from_secs(5),
        cloud: Cloud {
            inference: Inference::on_loopback(url.clone(), http.clone()),
            arm: url,
            arm_scope: format!("{base}/.default"),
            scoring_scope: "https://ml.azure.com/.default".to_owned(),
            credential: Arc::new(credential),
        },
        registration: Registration {
            issuer: format!("{base}/{tenant}/v2.0"),
            tenant,
            client_id: emulator.client_id().to_owned(),
            client_secret: emulator.client_secret().to_owned(),
            redirect_url,
            roles: config::roles(&BTreeMap::new()),
        },
        stages,
        policies,
        public_url,
        poll_interval: Duration::from_millis(500),
        patience: overrides.patience.unwrap_or_default(),
        traffic_age_max: Duration::from_secs(2),
        bandwidth: BTreeMap::new(),
        probing: match &overrides.probing {
            Some(probing) => probing.clone(),
            None => probing(demo.map(|(name, _)| name))?,
        },
        session: SessionTimes::default(),
        proxies: Proxies::default(),
        database: None,
        ledger_key: None,
        secrets_key: None,
        notify: Setup::default(),
    };
    Ok((setting, emulator))
}

/// What the demo's stages ask for.
fn policies(
    args: &ServeArgs,
    overrides: &Overrides,
    demo: [&str; 2],
) -> anyhow::Result<BTreeMap<StageName, Policy>> {
    let mut policies = overrides.policies.clone();
    let known = |stage: &StageName, option: &str| {
        anyhow::ensure!(
            demo.contains(&stage.as_str()),
            "there is no stage {stage} to --{option}; the emulator's are {}",
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

/// Steps short enough to watch. The demo client sends ten requests a second, of which the first share gets one.
fn promotion() -> anyhow::Result<Promotion> {
    let promotion = serde_json::json!({
        "steps": [10, 50, 100],
        "bake_minutes": 2,
        "conditions": { "requests_min": 50, "errors_percent_max": 5, "p99_ratio_max": 5 },
    });
    serde_json::from_value(promotion).context("the demo's step plan is one")
}

/// What the demo's endpoints are probed with: the request that the test page begins with.
fn probing(demo: [&str; 2]) -> anyhow::Result<BTreeMap<StageName, Probing>> {
    let probing = Probing::new(SAMPLE.to_owned(), 10).map_err(anyhow::Error::msg)?;
    demo.into_iter().map(|stage| Ok((stage.parse()?, probing.clone()))).collect()
}

/// One approval, on a recent comparison of the shadow with what is live. The demo's models answer within a
/// millisecond on a machine that does everything else as well: what a p99 says there is hardly more than chance,
/// and the demo client sends few requests.
fn protected() -> Policy {
    let comparison =
        ShadowRule { requests_min: 20, p99_ratio_max: Decimal::whole(25), ..ShadowRule::default() };
    let evidence = Required { shadow_comparison: Some(comparison), ..Required::default() };
    Policy { approvals: 1, evidence, ..Policy::default() }
}

/// What to do depends on what is wrong.
fn not_started(error: StartError, args: &ServeArgs) -> anyhow::Error {
    let way_out = match &error {
        StartError::PortTaken { .. } | StartError::Listen { .. } => {
            "choose another address for the emulator with --emulator-listen".to_owned()
        }
        StartError::State { .. } => format!(
            "put a copy back that can be used, remove {} to start the emulator afresh, or choose \
             another directory with --data",
            args.data.join("emulator").display()
        ),
    };
    anyhow::Error::new(error).context(format!("the emulator did not start: {way_out}"))
}

/// The demo team's repository, on the emulator's GitHub.
fn repository(
    emulator: &Emulator,
    http: &reqwest::Client,
    clock: &Clock,
    stages: &[Stage],
) -> anyhow::Result<Reader> {
    let token = Token::new(emulator.github_token())?;
    let api = Url::parse(&emulator.github_api())?;
    let client = Client::new(http.clone(), api, Some(token), clock.clone());
    let place = emulator.github_repository();
    let (owner, name) = place.split_once('/').context("a repository has an owner")?;
    let repository = Repository::new(client, owner.to_owned(), name.to_owned());
    let source = OnGitHub::new(repository, format!("github.com/{place}"), None);
    // People who try things out should not have to wait for what they have just committed.
    let age_max = Duration::from_millis(500);
    let environments = BTreeMap::new();
    Ok(Reader::new(name.to_owned(), Box::new(source), environments, stages.to_vec(), age_max))
}

/// This program serves the models too: the subcommand is mounted in `main.rs`.
fn own_instance_command() -> anyhow::Result<Vec<std::ffi::OsString>> {
    let program: PathBuf =
        std::env::current_exe().context("the path of this program is unknown")?;
    Ok(vec![program.into_os_string(), "emulator-instance".into()])
}
