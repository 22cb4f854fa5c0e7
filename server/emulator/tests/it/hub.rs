//! Requests to the emulated GitHub.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Reply, Stage, in_time};

pub const API: &str = "/api/v3";
pub const REPO: &str = "/api/v3/repos/anet/ml-azua";

/// A client with one token.
pub struct Hub<'a> {
    pub stage: &'a Stage,
    pub token: String,
}

impl<'a> Hub<'a> {
    pub fn new(stage: &'a Stage) -> Self {
        Self { stage, token: stage.emulator.github_token().to_owned() }
    }

    /// A client with a new token of a person.
    pub async fn with(stage: &'a Stage, login: &str, permissions: Value) -> Self {
        let wanted = json!({ "login": login, "permissions": permissions });
        let made = stage.switch(Method::POST, "/emulator/github/tokens", wanted).await;
        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
        Self { stage, token: made.body["token"].as_str().expect("a token").to_owned() }
    }

    /// A relative path is below the repository.
    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Reply {
        let path = if path.starts_with("http") || path.starts_with(API) {
            path.to_owned()
        } else {
            format!("{REPO}/{path}")
        };
        let request = self.stage.http.request(method, self.stage.url(&path));
        let mut request = request.header("user-agent", "a-test").bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        Reply::read(request.send().await.expect("an answer")).await
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.send(Method::POST, path, Some(body)).await
    }

    /// Commits files to main; returns the commit.
    pub async fn commit(&self, files: Value) -> String {
        let body = json!({ "branch": "main", "files": files, "message": "Change it" });
        let made = self.stage.switch(Method::POST, "/emulator/github/commit", body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
        made.body["sha"].as_str().expect("a commit").to_owned()
    }

    /// Commits a workflow `test.yml` with these jobs.
    pub async fn workflow(&self, jobs: &str) {
        let text = format!("name: Test\non: workflow_dispatch\njobs:\n{jobs}");
        let infra = "variables: {namespace: it, postfix: d, environment: ev}\n";
        let files = json!({ ".github/workflows/test.yml": text, "infra.yml": infra });
        self.commit(files).await;
    }

    /// Dispatches `test.yml`; returns the run's id.
    pub async fn dispatch(&self) -> u64 {
        let body = json!({ "ref": "main", "return_run_details": true });
        let made = self.post("actions/workflows/test.yml/dispatches", body).await;
        assert_eq!(made.status, StatusCode::OK, "{made:?}");
        made.body["workflow_run_id"].as_u64().expect("an id")
    }

    pub async fn run(&self, id: u64) -> Value {
        let run = self.get(&format!("actions/runs/{id}")).await;
        assert_eq!(run.status, StatusCode::OK, "{run:?}");
        run.body
    }

    pub async fn jobs(&self, id: u64) -> Vec<Value> {
        let jobs = self.get(&format!("actions/runs/{id}/jobs")).await.body;
        jobs["jobs"].as_array().expect("a list").clone()
    }

    /// Advances the clock until the run meets a condition.
    pub async fn until(&self, id: u64, is_it: impl Fn(&Value) -> bool) -> Value {
        let reached = async {
            loop {
                let run = self.run(id).await;
                if is_it(&run) {
                    return run;
                }
                self.stage.advance(1).await;
            }
        };
        in_time(reached).await
    }

    /// Advances the clock until the run has a status.
    pub async fn reaches(&self, id: u64, status: &str) -> Value {
        self.until(id, |run| run["status"] == status).await
    }

    /// Advances the clock until the run's first job builds.
    pub async fn builds(&self, id: u64) {
        let building = async {
            while self.jobs(id).await[0]["steps"][3]["status"] != "in_progress" {
                self.stage.advance(1).await;
            }
        };
        in_time(building).await;
    }

    /// A job's log.
    pub async fn log(&self, job: &Value) -> String {
        let found = self.get(&format!("actions/jobs/{}/logs", job["id"])).await;
        assert_eq!(found.status, StatusCode::FOUND, "{found:?}");
        // The URL needs no token.
        let text = self.stage.bare(Method::GET, found.header("location")).await;
        assert_eq!(text.status, StatusCode::OK, "{text:?}");
        text.body.as_str().expect("text").to_owned()
    }
}

/// A job that calls the templates' build for an environment of this name.
pub fn build(key: &str, more: &str, name: &str) -> String {
    format!(
        "  {key}:\n    {more}\n    uses: anet/ml-mlops-templates/.github/workflows/build.yml@v2.2.4\n    with:\n      \
         environment: anet-dev\n      environment_config_file: infra.yml\n      ml_env_name: {name}\n      \
         ml_env_description: A test\n      target_layer: litserve\n      tags: \"'team=it' 'why=a test'\"\n      \
         maximise_disk_space: false\n      templates_repo_ref: v2.2.4\n"
    )
}
