//! A new value of a secret variable is detected but not shown, and invisible characters are shown.

use crate::changes::WHY;

use crate::changes::decide;

use crate::changes::propose;

use crate::changes::propose_because;

use crate::changes::protected;

use crate::changes::standing;
use crate::support::{DANA, LEO, TestConsole};
use reqwest::Method;
use serde_json::json;

async fn give(console: &TestConsole, value: &str) {
    let path = console.arm_path("/deployments/anet-green");
    let mut body = console.ask(Method::GET, &path, None).await;
    body["properties"]["environmentVariables"]["API_KEY"] = json!(value);
    console.ask(Method::PUT, &path, Some(body)).await;
    console
        .eventually("the console has read the value", async || {
            let all = console.services.stages.iter().nth(1)?.observer.now();
            let green = "anet-green".parse().ok()?;
            let known = all.bodies.first_key_value()?.1.deployments.get(&green)?.value();
            let is_up = all.endpoints.first_key_value()?.1.deployment(&green)?.closed().is_none();
            (is_up && known["properties"]["environmentVariables"]["API_KEY"] == value).then_some(())
        })
        .await;
}

#[tokio::test]
async fn a_changed_secret_value_revokes_approvals() {
    let console = protected().await;
    give(&console, "kanarie-one").await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let change = propose(&mut dana).await;
    decide(&mut leo, &change, "approve", "").await.expect(303);
    assert_eq!(standing(&mut dana, &change).await, "approved");
    give(&console, "kanarie-two").await;
    let page = dana.get(&change).await.expect(200);
    page.says("new value of the secret variable API_KEY");
    assert!(!page.text.contains("kanarie"), "{}", page.words());
    assert_ne!(standing(&mut dana, &change).await, "approved");
    // The next plan does not report it again.
    let again = dana.get(&change).await.expect(200);
    let reported = |words: String| words.matches("new value of").count();
    assert_eq!(reported(again.words()), reported(page.words()));
}

#[tokio::test]
async fn invisible_characters_in_reasons_are_shown() {
    let console = protected().await;
    let mut dana = console.signed_in_as(DANA).await;
    let change = propose_because(&mut dana, &format!("{WHY}\u{202e}!"), "").await;
    for path in [change.as_str(), "/changes", "/history"] {
        let page = dana.get(path).await.expect(200);
        assert!(!page.text.contains('\u{202e}'), "{path}");
        let said = page.text.split("<bdi>").filter_map(|rest| rest.split("</bdi>").next());
        let is_apart = said.into_iter().any(|said| said.contains("⟨U+202E⟩!"));
        assert!(is_apart, "{path}: {}", page.text);
    }
}
