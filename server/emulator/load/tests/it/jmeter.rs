//! JMeter plans, where JMeter is installed.

use std::collections::BTreeMap;
use std::process::Command;

use load::{Ended, JmeterPlan, LoadFailure, Plan};

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
          <stringProp name="LoopController.loops">20</stringProp>
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

#[tokio::test]
async fn a_jmx_plan_is_carried_out_or_refused() {
    let server = Server::start(Behaviour::Plain).await;
    let folder = tempfile::tempdir().unwrap();
    let text = TEST.replace("PORT", &server.address.port().to_string());
    std::fs::write(folder.path().join("plan.jmx"), text).unwrap();
    let plan = JmeterPlan {
        folder: folder.path().to_owned(),
        main: "plan.jmx".to_owned(),
        properties: None,
        split_csvs: false,
        environment: BTreeMap::new(),
        secrets: BTreeMap::new(),
    };
    let around = Surroundings::new(1_000);
    let result = around.run(&load_test(Plan::Jmeter(plan), 2)).await;
    let version = Command::new("jmeter").arg("--version").current_dir(folder.path()).output();
    // Debian's JMeter 2.13 cannot read any plan, because its libraries are too new for it.
    let is_usable = version.as_ref().is_ok_and(|output| {
        String::from_utf8_lossy(&output.stdout)
            .split_whitespace()
            .any(|word| word.starts_with("5."))
    });
    match result {
        Err(LoadFailure::Refused(reason)) if version.is_err() => {
            assert!(reason.contains("no JMeter") && reason.contains("install JMeter"), "{reason}");
        }
        Err(LoadFailure::Refused(reason)) if !is_usable => {
            assert!(reason.starts_with("JMeter ended without a single request: "), "{reason}");
        }
        Ok(summary) if is_usable => {
            assert_eq!((summary.ended, summary.total.count), (Ended::Finished, 80));
            let kinds: Vec<_> = summary.by_name["score"].failures.iter().collect();
            assert_eq!(kinds, [(&"HTTP 503".to_owned(), &80)]);
            assert_eq!(server.requests(), 80);
        }
        other => panic!("{other:?}\n{}", around.log()),
    }
    assert!(is_empty(&around.work_dir()));
}
