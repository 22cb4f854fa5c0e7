//! Serves the short-lived URLs for tarballs and logs.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use tower::ServiceExt;
use tower_http::services::ServeFile;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::GitHub;
use super::actions::model::Job;
use super::archive::Archive;
use super::download::What;

impl GitHub {
    /// Answers a request to a short-lived URL, which needs no token.
    pub async fn download(&self, request: Request, now: i64) -> Response {
        let query = request.uri().query().unwrap_or_default();
        let named = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "token");
        let last = request.uri().path().rsplit('/').next().unwrap_or_default();
        let secret = named.map_or_else(|| last.to_owned(), |(_, value)| value.into_owned());
        match self.downloads.find(&secret, now) {
            None => plain(StatusCode::NOT_FOUND, "404: Not Found"),
            Some(What::Tarball { commit }) => self.tarball(&commit),
            Some(What::JobLog { job }) => {
                serve(&self.runs.log_file(job), request, "text/plain").await
            }
            Some(What::RunLogs { run, attempt }) => self.zip(run, attempt, request).await,
        }
    }

    fn tarball(&self, commit: &str) -> Response {
        let archive = Archive::new(&self.kept.lock().repo, commit);
        let Some(archive) = archive else { return plain(StatusCode::NOT_FOUND, "404: Not Found") };
        let name = format!("attachment; filename={}", archive.file_name());
        let mut response = Response::new(archive.into_body());
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-gzip"));
        if let Ok(name) = HeaderValue::from_str(&name) {
            headers.insert(header::CONTENT_DISPOSITION, name);
        }
        response
    }

    /// All logs of an attempt: one file per job, and one per step in a folder of the job.
    async fn zip(&self, run: u64, attempt: u32, request: Request) -> Response {
        let Some(run) = self.runs.get(run) else {
            return plain(StatusCode::NOT_FOUND, "404: Not Found");
        };
        let jobs: Vec<(Job, PathBuf)> = run
            .jobs_of(attempt)
            .into_iter()
            .map(|job| (job.clone(), self.runs.log_file(job.id)))
            .collect();
        let made = tokio::task::spawn_blocking(move || pack(&jobs)).await;
        match made.map_err(io::Error::other).flatten() {
            Ok(Packed(file)) => serve(&file.0, request, "application/zip").await,
            Err(error) => {
                tracing::error!(%error, "a run's logs cannot be packed");
                plain(StatusCode::INTERNAL_SERVER_ERROR, "The logs cannot be packed.")
            }
        }
    }
}

/// A temporary file, which stays readable for who has opened it.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        // What remains is a file in the temporary folder.
        let _ = std::fs::remove_file(&self.0);
    }
}

struct Packed(Temporary);

fn pack(jobs: &[(Job, PathBuf)]) -> io::Result<Packed> {
    let name = format!("understudy-logs-{}.zip", uuid::Uuid::new_v4().simple());
    let temporary = Temporary(std::env::temp_dir().join(name));
    let mut zip = ZipWriter::new(std::fs::File::create_new(&temporary.0)?);
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (at, (job, path)) in jobs.iter().enumerate() {
        let Ok(mut log) = std::fs::File::open(path) else { continue };
        let folder = plain_name(&job.name);
        zip.start_file(format!("{at}_{folder}.txt"), options)?;
        io::copy(&mut log, &mut zip)?;
        for (number, step) in (1..).zip(&job.steps) {
            let (start, end) = step.log;
            if end <= start {
                continue;
            }
            zip.start_file(format!("{folder}/{number}_{}.txt", plain_name(&step.name)), options)?;
            io::Seek::seek(&mut log, io::SeekFrom::Start(start))?;
            io::copy(&mut io::Read::take(&log, end - start), &mut zip)?;
        }
    }
    zip.finish()?.flush()?;
    Ok(Packed(temporary))
}

/// A name without what file systems refuse, as GitHub changes it.
fn plain_name(name: &str) -> String {
    name.chars()
        .map(|c| if "/\\:*?\"<>|".contains(c) || c.is_control() { '_' } else { c })
        .collect()
}

async fn serve(path: &Path, request: Request, kind: &'static str) -> Response {
    let mime = HeaderValue::from_static(kind);
    match ServeFile::new(path).oneshot(request).await {
        Ok(response) => {
            let mut response = response.map(Body::new);
            if response.status().is_success() {
                response.headers_mut().insert(header::CONTENT_TYPE, mime);
            }
            response
        }
        Err(never) => match never {},
    }
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response
}
