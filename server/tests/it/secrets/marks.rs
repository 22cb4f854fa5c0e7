//! Another value of a secret variable is noticed, and not shown; what is not seen and has an effect is shown.

use crate::changes::{WHY, decide, propose, propose_because, protected, standing};
use crate::support::{DANA, LEO, TestConsole};
use reqwest::Method;
use serde_json::json;

async fn give(console: &TestConsole, value: &str) {
    let path = console.arm_path("/deployments/anet-green");
    let mut body = console.ask(Method::GET, &path, None).await;
    body["properties"]["environmentVariables"]["API_KEY"] = json!(value);
    console.ask(Method::PUT, &path, Some(body)).await;
    console
        .eventually("the console knows the value", async || {
            let all = console.services.stages.iter().nth(1)?.observer.now();
            let green = "anet-green".parse().ok()?;
            let known = all.bodies.first_key_value()?.1.deployments.get(&green)?.value();
            let is_up = all.endpoints.first_key_value()?.1.deployment(&green)?.closed().is_none();
            (is_up && known["properties"]["environmentVariables"]["API_KEY"] == value).then_some(())
        })
        .await;
}

#[tokio::test]
async fn another_value_of_a_secret_takes_approvals_away() {
    let console = protected().await;
    give(&console, "kanarie-one").await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let change = propose(&mut dana).await;
    decide(&mut leo, &change, "approve", "").await.expect(303);
    assert_eq!(standing(&mut dana, &change).await, "approved");
    give(&console, "kanarie-two").await;
    let page = dana.get(&change).await.expect(200);
    page.says("value changed of the secret variable API_KEY");
    assert!(!page.text.contains("kanarie"), "{}", page.words());
    assert_ne!(standing(&mut dana, &change).await, "approved");
    // It is nothing new the next time.
    let again = dana.get(&change).await.expect(200);
    let told = |words: String| words.matches("value changed of").count();
    assert_eq!(told(again.words()), told(page.words()));
}

#[tokio::test]
async fn what_turns_text_around_is_shown_wherever_a_reason_is() {
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
