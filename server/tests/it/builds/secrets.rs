//! Secrets in the output of a build appear nowhere in the console.

use super::{begun, ended, lines, push, registry_log, runs, with_dana, with_image};
use crate::support::LEO;
use domain::job::Ending;
use serde_json::json;
use std::path::Path;

/// A secret of the console's configuration, which no format tells.
const OWN: &str = "kanarienvogel-im-baulog-4711";
/// A token that is recognised by its format.
const TOKEN: &str = "ghp_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hX9";
/// The value of a variable with the name of a secret.
const VARIABLE: &str = "distelfink-2077";
/// The text of a private key, which is several lines long.
const KEY: [&str; 2] = ["MIIEstieglitzAAAAKCAQEA0123456789", "QUJDstieglitzREVGR0hJSktMTU5PUA=="];

fn dockerfile() -> String {
    format!(
        "FROM python:3.12-slim AS litserve\nENV PIP_TOKEN={VARIABLE}\nRUN echo before && echo {OWN}\n\
         RUN curl -H 'Authorization: Bearer {TOKEN}' https://example.com\nRUN <<EOF\n\
         echo -----BEGIN RSA PRIVATE KEY-----\necho {}\necho {}\necho -----END RSA PRIVATE KEY-----\nEOF\n\
         RUN echo the-line-after\nCOPY server.py ./\nCMD [\"python\", \"server.py\"]\n",
        KEY[0], KEY[1]
    )
}

fn is_clean(what: &str, bytes: &[u8]) {
    for part in [OWN, &TOKEN[4..], VARIABLE, "stieglitz"] {
        let found = bytes.windows(part.len()).any(|window| window == part.as_bytes());
        assert!(!found, "{what} holds {part}: {}", String::from_utf8_lossy(bytes));
    }
}

/// Every file of the console; the folder of the emulator is Azure's own data.
fn files_are_clean(folder: &Path) -> usize {
    let mut count = 0;
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() && entry.file_name() != "emulator" {
            count += files_are_clean(&path);
        } else if path.is_file() {
            let bytes = std::fs::read(&path).expect("it is read");
            is_clean(&path.display().to_string(), &bytes);
            count += 1;
        }
    }
    count
}

#[tokio::test]
async fn a_secret_that_a_build_prints_is_nowhere_in_the_console() {
    server::redact::scope::own(OWN);
    let (console, mut dana) = with_dana().await;
    push(&console, json!({ "Dockerfile": dockerfile() })).await;
    let page = with_image(&console, "app").await;
    let id = begun(&mut dana, &page).await;
    let ending = ended(&console, &id).await;
    let run = runs(&console).await[0]["name"].as_str().expect("an id").to_owned();
    let raw = registry_log(&console, &run).await;
    assert_eq!(ending, Ending::Succeeded, "{raw:#?}");
    // The registry does print them all.
    let printed = raw.join("\n");
    for part in [OWN, TOKEN, VARIABLE, KEY[0], KEY[1]] {
        assert!(printed.contains(part), "{part}: {printed}");
    }
    let stored = lines(&console, &id).await;
    is_clean("the log", stored.join("\n").as_bytes());
    assert_eq!(stored.len(), raw.len(), "each line is there: {stored:#?}");
    let has = |part: &str| stored.iter().any(|line| line.contains(part));
    assert!(
        has("PIP_TOKEN=(hidden)") && has("echo before") && has("the-line-after"),
        "{stored:#?}"
    );

    let file = dana.get(&format!("/jobs/{id}/log")).await.expect(200);
    is_clean("the download", file.text.as_bytes());
    let shown = dana.get(&format!("/jobs/{id}")).await.expect(200);
    shown.says("(hidden)");
    is_clean("the page", shown.text.as_bytes());
    let mut leo = console.signed_in_as(LEO).await;
    let ledger = leo.get("/history/export.jsonl").await.expect(200);
    assert!(ledger.text.contains(&id.0), "{}", ledger.text);
    is_clean("the ledger", ledger.text.as_bytes());
    let stopped = console.stop().await;
    assert!(files_are_clean(&stopped.files.path().join("data")) >= 2);
}
