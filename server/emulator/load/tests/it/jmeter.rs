//! JMeter plans, where JMeter is installed.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use load::{Ended, JmeterPlan, LoadFailure, LoadTest, Plan};
use tempfile::TempDir;

use crate::server::{Behaviour, Server};
use crate::surroundings::{Surroundings, is_empty, load_test};

const TEST: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<jmeterTestPlan version="1.2" properties="2.8" jmeter="2.13">
  <hashTree>
    <TestPlan guiclass="TestPlanGui" testclass="TestPlan" testname="plan" enabled="true">
      <elementProp name="TestPlan.user_defined_variables" elementType="Arguments"><collectionProp name="Arguments.arguments"/></elementProp>
    </TestPlan>
    <hashTree>
      <ThreadGroup guiclass="ThreadGroupGui" testclass="ThreadGroup" testname="users" enabled="true">
        <stringProp name="ThreadGroup.on_sample_error">continue</stringProp>
        <elementProp name="ThreadGroup.main_controller" elementType="LoopController">
          <boolProp name="LoopController.continue_forever">false</boolProp>
          <stringProp name="LoopController.loops">LOOPS</stringProp>
        </elementProp>
        <stringProp name="ThreadGroup.num_threads">2</stringProp>
        <stringProp name="ThreadGroup.ramp_time">0</stringProp>
      </ThreadGroup>
      <hashTree>
        <HTTPSamplerProxy guiclass="HttpTestSampleGui" testclass="HTTPSamplerProxy" testname="score" enabled="true">
          <elementProp name="HTTPsampler.Arguments" elementType="Arguments"><collectionProp name="Arguments.arguments"/></elementProp>
          <stringProp name="HTTPSampler.domain">127.0.0.1</stringProp>
          <stringProp name="HTTPSampler.port">PORT</stringProp>
          <stringProp name="HTTPSampler.path">/bad</stringProp>
          <stringProp name="HTTPSampler.method">GET</stringProp>
          <boolProp name="HTTPSampler.use_keepalive">true</boolProp>
        </HTTPSamplerProxy>
        <hashTree/>
      </hashTree>
    </hashTree>
  </hashTree>
</jmeterTestPlan>
"#;

/// Whether this machine's JMeter can read a plan: `None` if it has none. Debian's JMeter 2.13 cannot, because its
/// libraries are too new for it.
fn is_usable(folder: &Path) -> Option<bool> {
    let version = Command::new("jmeter").arg("--version").current_dir(folder).output().ok()?;
    let text = String::from_utf8_lossy(&version.stdout).into_owned();
    Some(text.split_whitespace().any(|word| word.starts_with("5.")))
}

/// A plan whose two users send this many requests each.
fn plan(server: &Server, loops: &str) -> (TempDir, LoadTest) {
    let folder = tempfile::tempdir().unwrap();
    let text = TEST.replace("PORT", &server.address.port().to_string()).replace("LOOPS", loops);
    std::fs::write(folder.path().join("plan.jmx"), text).unwrap();
    let plan = JmeterPlan {
        folder: folder.path().to_owned(),
        main: "plan.jmx".to_owned(),
        properties: None,
        split_csvs: false,
        environment: BTreeMap::new(),
        secrets: BTreeMap::new(),
    };
    (folder, load_test(Plan::Jmeter(plan), 2))
}

#[tokio::test]
async fn a_jmx_plan_is_carried_out_or_refused() {
    let server = Server::start(Behaviour::Plain).await;
    let (folder, test) = plan(&server, "20");
    let around = Surroundings::new(1_000);
    let result = around.run(&test).await;
    match (is_usable(folder.path()), result) {
        (None, Err(LoadFailure::Refused(reason))) => {
            assert!(reason.contains("no JMeter") && reason.contains("install JMeter"), "{reason}");
        }
        (Some(false), Err(LoadFailure::Refused(reason))) => {
            assert!(reason.starts_with("JMeter ended without a single request: "), "{reason}");
        }
        (Some(true), Ok(summary)) => {
            assert_eq!((summary.ended, summary.total.count), (Ended::Finished, 80));
            let kinds: Vec<_> = summary.by_name["score"].failures.iter().collect();
            assert_eq!(kinds, [(&"HTTP 503".to_owned(), &80)]);
            assert_eq!(server.requests(), 80);
        }
        other => panic!("{other:?}\n{}", around.log()),
    }
    assert!(is_empty(&around.work_dir()));
}

#[tokio::test]
async fn a_cancelled_jmx_plan_ends() {
    let server = Server::start(Behaviour::Plain).await;
    let (folder, test) = plan(&server, "-1");
    if is_usable(folder.path()) != Some(true) {
        eprintln!("skipped: this machine has no JMeter that can read a plan");
        return;
    }
    let around = Surroundings::new(1_000);
    let (summary, ()) = tokio::join!(around.run(&test), around.cancel_when_running());
    let summary = summary.unwrap();
    assert_eq!(summary.ended, Ended::Cancelled);
    assert!(summary.total.count > 0);
    server.disconnected().await;
    assert!(is_empty(&around.work_dir()));
}
