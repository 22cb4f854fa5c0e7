//! The two ways to carry out a build, and what each must have done in the end.

use crate::builds::workflow::is_whole;
use crate::support::fleet::Azure;
use reqwest::Method;
use serde_json::{Value, json};

/// The API version of the registry's runs.
const RUNS_API: &str = "api-version=2019-06-01-preview";

/// How a build is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Registry,
    Workflow,
}

impl Way {
    /// The repository's name in the console.
    fn repository(self) -> &'static str {
        match self {
            Self::Registry => "by-registry",
            Self::Workflow => "by-workflow",
        }
    }

    /// The page of the build.
    pub fn page(self) -> String {
        format!("/releases/{}/kills.yml/image/build", self.repository())
    }

    /// The repositories in the console's configuration. The file has GitHub's token.
    pub fn configuration(self, azure: &Azure) -> String {
        let file = azure.folder().join("github-token");
        std::fs::write(&file, azure.github().token).expect("written");
        let method = format!("{self:?}").to_lowercase();
        format!(
            "repositories:\n  - {{ kind: github, repository: anet/ml-azua, name: {}, api: \"{}\", token_file: {}, \
             environments: {{ kills: anet-prod }}, build: {{ method: {method} }} }}\n",
            self.repository(),
            azure.github().api,
            file.display(),
        )
    }

    /// The runs in the registry, or on GitHub.
    pub async fn runs(self, azure: &Azure) -> Vec<Value> {
        match self {
            Self::Registry => {
                let path = format!("{}/runs?{RUNS_API}", registry(azure).await);
                let all = azure.ask(Method::GET, &path, None).await;
                all["value"].as_array().expect("a list").clone()
            }
            Self::Workflow => azure.github().runs().await,
        }
    }

    /// The id of a run, and how it ended; `None` while it goes on.
    pub fn ended(self, run: &Value) -> (String, Option<String>) {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        match self {
            Self::Registry => {
                let status = text(&run["properties"]["status"]);
                let open = ["Queued", "Started", "Running"];
                let id = text(&run["name"]).expect("an id");
                (id, status.filter(|status| !open.contains(&status.as_str())))
            }
            Self::Workflow => (run["id"].to_string(), text(&run["conclusion"])),
        }
    }

    /// Whether the machine of a run in the registry was lost.
    pub fn was_lost(self, run: &Value) -> bool {
        self == Self::Registry && run["properties"]["status"] == "Error"
    }

    /// Checks that each line of a run's log is stored once.
    pub async fn check_log(self, azure: &Azure, run: &str, stored: &[String]) {
        match self {
            Self::Registry => {
                let path = format!("{}/runs/{run}/listLogSasUrl?{RUNS_API}", registry(azure).await);
                let link = azure.ask(Method::POST, &path, Some(&json!({}))).await;
                let link = link["logLink"].as_str().expect("a link").to_owned();
                let text = azure.ask(Method::GET, &link, None).await;
                let text = text.as_str().expect("text");
                let lines: Vec<_> = text.lines().map(str::to_owned).collect();
                assert_eq!(stored.len(), lines.len());
                assert!(stored == lines, "another line is stored");
            }
            Self::Workflow => is_whole(stored, &azure.github().job_logs(run).await),
        }
    }

    /// Whether a message says that the machine of the build was lost.
    pub fn explains(self, message: &str) -> bool {
        match self {
            Self::Registry => message.contains("the agent that ran the build was lost"),
            Self::Workflow => message.contains("lost"),
        }
    }
}

async fn registry(azure: &Azure) -> String {
    let path = format!("{}?api-version=2025-12-01", Azure::workspace());
    let found = azure.ask(Method::GET, &path, None).await;
    found["properties"]["containerRegistry"].as_str().expect("a registry").to_owned()
}
