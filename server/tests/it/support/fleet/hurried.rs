//! A console in its own process that follows the fast clock of its Azure, so that a bake of a minute takes
//! a second. The process is this test program, which runs the console's library with another clock.

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

/// The environment variable with Azure's URL. Without it, nothing starts.
const AZURE: &str = "UNDERSTUDY_HURRIED_BY";
/// The name of [`a_console_in_a_hurry`] in the test program.
const NAME: &str = "support::fleet::hurried::a_console_in_a_hurry";
/// The pause between two reads of Azure's clock, which sends no notification.
const LOOK: Duration = Duration::from_millis(10);

/// The arguments of `serve`, all from the environment.
#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    serve: ServeArgs,
}

/// The command that starts one; all arguments come from the environment.
pub(super) fn command(azure: &Url) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(["--exact", NAME, "--ignored", "--nocapture"]).env(AZURE, azure.as_str());
    command
}

#[expect(
    clippy::disallowed_methods,
    reason = "the parent process passes its arguments only by environment"
)]
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

/// Keeps a clock in step with Azure's clock in the other process.
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
    let clock = Clock::manual(domain::timestamp::Timestamp(start));
    tokio::spawn(follow(clock.clone(), http, azure));
    let arguments = Arguments::parse_from(["understudy"]);
    let overrides = Overrides { clock, ..Overrides::default() };
    let console =
        Box::pin(Application::build(&arguments.serve, overrides)).await.expect("it starts");
    console.run(std::future::pending()).await.expect("it serves");
}
