//! Images: environments with their versions, and which deployments use them.

use super::Result;
use super::jobs::ImageUse;
use async_trait::async_trait;
use domain::job::view::Job;
use domain::name::StageName;
use domain::repository::ReleaseId;
use domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// One environment in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageSummary {
    pub name: String,
    pub latest: Option<String>,
    pub description: String,
    /// When the newest version was registered.
    pub registered: Option<Timestamp>,
    /// The number of deployments that use any of its versions.
    pub uses: usize,
    /// The newest build.
    pub job: Option<Job>,
}

/// The environments of one stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageImages {
    pub stage: StageName,
    /// Why the environments could not be read; the list is then empty.
    pub trouble: Option<String>,
    pub images: Vec<ImageSummary>,
    /// The number of environments that are not listed.
    pub more: usize,
}

/// The page of all images.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImagesView {
    pub now: Timestamp,
    pub stages: Vec<StageImages>,
}

/// One version of an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageVersion {
    pub version: String,
    /// The image reference, as registered.
    pub image: Option<String>,
    pub description: String,
    pub tags: Vec<(String, String)>,
    pub digest: Option<String>,
    /// The hash of the commit from which it was built, if known.
    pub commit: Option<String>,
    pub registered: Option<Timestamp>,
    /// Who built it, or who registered it as Azure says.
    pub by: Option<String>,
    /// The build, if this console carried it out.
    pub job: Option<Job>,
    /// Size of the compressed image, in bytes.
    pub bytes: Option<u64>,
    /// The duration of the build, in milliseconds.
    pub took_ms: Option<i64>,
    pub archived: bool,
    pub uses: Vec<ImageUse>,
    /// What the person should know, in full sentences.
    pub warnings: Vec<String>,
    pub may_not_archive: Option<String>,
}

/// One environment's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageView {
    pub now: Timestamp,
    pub stage: StageName,
    pub name: String,
    /// Newest first.
    pub versions: Vec<ImageVersion>,
    /// The number of older versions that are not listed.
    pub more: usize,
    /// The median duration of a build, in milliseconds.
    pub usual_ms: Option<i64>,
    /// The releases that build this image.
    pub releases: Vec<ReleaseId>,
    /// Why sizes and digests could not be read, if so.
    pub trouble: Option<String>,
    /// The newest jobs.
    pub jobs: Vec<Job>,
}

/// Images.
#[async_trait]
pub trait ImagesApi: Send + Sync {
    /// All environments of all stages.
    async fn images(&self) -> Result<ImagesView>;
    /// One environment.
    async fn image(&self, stage: &StageName, name: &str) -> Result<ImageView>;
    /// Archives a version: Azure ML hides it from lists. Refused while a deployment uses it.
    async fn archive_image(&self, stage: &StageName, name: &str, version: &str) -> Result<()>;
}
