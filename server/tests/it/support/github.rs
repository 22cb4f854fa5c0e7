//! The emulator's GitHub, as a client of its REST API sees it.

use reqwest::Method;
use serde_json::Value;

/// The team's repository on GitHub.
pub struct OnGitHub {
    pub http: reqwest::Client,
    /// The root of the API.
    pub api: String,
    pub token: String,
}

impl OnGitHub {
    /// Sends a request about the repository; the answer is successful.
    pub async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let url = format!("{}/repos/anet/ml-azua/{path}", self.api);
        let mut request = self.http.request(method, url).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.expect("an answer");
        let (status, text) = (answer.status(), answer.text().await.expect("text"));
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::String(text))
    }

    /// The workflow runs.
    pub async fn runs(&self) -> Vec<Value> {
        let all = self.ask(Method::GET, "actions/runs?per_page=100", None).await;
        all["workflow_runs"].as_array().expect("a list").clone()
    }

    /// The log of each job of a run, after the title that the console gives it.
    pub async fn job_logs(&self, run: &str) -> Vec<(String, Vec<String>)> {
        let jobs = self.ask(Method::GET, &format!("actions/runs/{run}/jobs"), None).await;
        let mut all = Vec::new();
        for job in jobs["jobs"].as_array().expect("a list") {
            let (name, outcome) = (job["name"].as_str(), job["conclusion"].as_str());
            let outcome = outcome.expect("an end");
            let title = format!("##[group]Job {}: {outcome}", name.expect("a name"));
            let mut lines = Vec::new();
            if outcome != "skipped" {
                lines = self.log(&job["id"]).await;
            }
            all.push((title, lines));
        }
        all
    }

    async fn log(&self, job: &Value) -> Vec<String> {
        let url = format!("{}/repos/anet/ml-azua/actions/jobs/{job}/logs", self.api);
        let answer = self.http.get(url).bearer_auth(&self.token).send().await.expect("an answer");
        let to = answer.headers()["location"].to_str().expect("a URL").to_owned();
        let text = self.http.get(to).send().await.expect("an answer").text().await;
        text.expect("text").lines().map(str::to_owned).collect()
    }
}
