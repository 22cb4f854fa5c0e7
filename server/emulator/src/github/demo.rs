//! The demo team's repository: the folder `demo/` of this crate, with a short history.
//!
//! `main` deploys what is live; the branch `shadow-nbq-2` adds a second deployment as a shadow.

use super::environments::{self, Environments};
use super::objects::{Mode, Signature};
use super::repository::Repository;

/// The owner of the demo's repository.
pub const OWNER: &str = "anet";
pub const NAME: &str = "ml-azua";
pub const DESCRIPTION: &str = "Next best question: the model and its delivery";
/// The branch that adds a shadow to the primary.
const SHADOW: &str = "shadow-nbq-2";
/// 2026-11-02 09:00:00 UTC: fixed, so that the commits have the same hashes everywhere.
const FIRST_AT: i64 = 1_793_610_000;
const DAY_S: i64 = 86_400;

macro_rules! files {
    ($folder:literal: $($path:literal),+ $(,)?) => {
        [$(($path, include_str!(concat!("demo/", $folder, "/", $path)))),+]
    };
}

const SOURCES: [(&str, &str); 9] = files!("main":
    "README.md",
    "pyproject.toml",
    "requirements.txt",
    "requirements-training.txt",
    "Dockerfile",
    ".dockerignore",
    "src/nbq/server.py",
    "src/nbq/model.py",
    "tests/test_model.py",
);

/// The model that the image contains, and that the built-in model server serves too.
const MODEL: (&str, &str) = ("src/nbq/model.json", dataplane::model::NBQ_1);

const DELIVERY: [(&str, &str); 12] = files!("main":
    ".github/workflows/build-by-hand.yml",
    ".github/workflows/checks.yml",
    ".github/workflows/deploy.yml",
    ".github/workflows/route.yml",
    "config-infra-anet-dev.yml",
    "config-infra-anet-prod.yml",
    "mlops/nbq/endpoint_dev.yml",
    "mlops/nbq/endpoint_prod.yml",
    "mlops/nbq/deployment_dev.yml",
    "mlops/nbq/deployment_prod.yml",
    "mlops/nbq/load_test.yml",
    "mlops/nbq/locustfile.py",
);

/// The build expects the Dockerfile in the root, but people look for it here.
const LINK: (&str, &str) = ("mlops/nbq/Dockerfile", "../../Dockerfile");

const WITH_SHADOW: [(&str, &str); 2] = files!("shadow":
    ".github/workflows/deploy.yml", "mlops/nbq/deployment_prod_nbq2.yml",
);

/// The repository at the start.
pub fn repository() -> Repository {
    let mut repo = Repository::new(OWNER, NAME, DESCRIPTION);
    let sources = [SOURCES.as_slice(), &[MODEL, LINK]].concat();
    commit(&mut repo, "main", &sources, 0, "Serve the next best question");
    let first = repo.refs["heads/main"].clone();
    repo.refs.insert("tags/v1.0.0".to_owned(), first);
    commit(&mut repo, "main", &DELIVERY, 1, "Build and deploy to dev and prod");
    let main = repo.refs["heads/main"].clone();
    repo.refs.insert("tags/v1.1.0".to_owned(), main.clone());
    repo.refs.insert(format!("heads/{SHADOW}"), main);
    commit(&mut repo, SHADOW, &WITH_SHADOW, 5, "Mirror live traffic to nbq 2");
    repo
}

/// The stages: only the last one has a reviewer.
pub fn environments() -> Environments {
    let mut all = Environments::new();
    environments::ensure(&mut all, "anet-dev", FIRST_AT);
    environments::ensure(&mut all, "anet-prod", FIRST_AT);
    if let Some(prod) = all.get_mut("anet-prod") {
        prod.reviewers.push("leo-lead".to_owned());
    }
    all
}

fn commit(repo: &mut Repository, branch: &str, files: &[(&str, &str)], day: i64, message: &str) {
    let author = Signature {
        name: "Dana Scott".to_owned(),
        email: "dana.scott@anet.example".to_owned(),
        at: FIRST_AT + day * DAY_S,
    };
    let mode = |path: &str| if path == LINK.0 { Mode::Link } else { Mode::File };
    let files: Vec<_> =
        files.iter().map(|(path, text)| (*path, Some((mode(path), text.as_bytes())))).collect();
    repo.commit(branch, &files, author, message);
}
