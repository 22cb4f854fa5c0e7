//! A console in a process of its own whose time of day is Azure's, where that is in a hurry: what bakes for a
//! minute there has baked within a second. It is this test program, started once more: the console's library
//! with another clock.

use clap::Parser;
use serde_json::Value;
use server::clock::Clock;
use server::config::ServeArgs;
use server::{Application, Overrides};
use std::process::Command;
use std::time::Duration;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use url::Url;

/// The variable that tells where Azure is. Without it nothing is started.
const AZURE: &str = "UNDERSTUDY_HURRIED_BY";
/// The name under which the test program knows [`a_console_in_a_hurry`].
const NAME: &str = "support::fleet::hurried::a_console_in_a_hurry";
/// Pause between two looks at Azure's clock, which tells nobody that it moved.
const LOOK: Duration = Duration::from_millis(10);

/// What `serve` is told, by the environment alone.
#[derive(Parser)]
struct Told {
    #[command(flatten)]
    serve: ServeArgs,
}

/// Starts one; the rest is told by the environment.
pub(super) fn command(azure: &Url) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(["--exact", NAME, "--ignored", "--nocapture"]).env(AZURE, azure.as_str());
    command
}

#[expect(clippy::disallowed_methods, reason = "what starts this process tells it by this alone")]
fn azure() -> Option<Url> {
    Some(Url::parse(&std::env::var(AZURE).ok()?).expect("a URL"))
}

/// Azure's time, in milliseconds since 1970.
async fn now(http: &reqwest::Client, azure: &Url) -> Option<i64> {
    let url = azure.join("emulator/clock").expect("a URL");
    let text = http.get(url).send().await.ok()?.text().await.ok()?;
    let clock: Value = serde_json::from_str(&text).ok()?;
    let now = OffsetDateTime::parse(clock["now"].as_str()?, &Rfc3339).ok()?;
    i64::try_from(now.unix_timestamp_nanos() / 1_000_000).ok()
}

/// Keeps a clock in step with Azure's, of another process, which tells nobody when it is advanced.
async fn follow(clock: Clock, http: reqwest::Client, azure: Url) {
    loop {
        if let Some(now) = now(&http, &azure).await {
            clock.advance(now - clock.now().0);
        }
        tokio::time::sleep(LOOK).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a console that tests start, and no test"]
async fn a_console_in_a_hurry() {
    let Some(azure) = azure() else { return };
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let http = server::azure::http::client().expect("a client");
    let start = now(&http, &azure).await.expect("Azure answers");
    let clock = Clock::manual(app::domain::timestamp::Timestamp(start));
    tokio::spawn(follow(clock.clone(), http, azure));
    let told = Told::parse_from(["understudy"]);
    let overrides = Overrides { clock, ..Overrides::default() };
    let console = Box::pin(Application::build(&told.serve, overrides)).await.expect("it starts");
    console.run(std::future::pending()).await.expect("it serves");
}
