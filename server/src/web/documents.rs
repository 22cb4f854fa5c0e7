//! Downloads of plans and of current state. All are plain GETs except a new deployment's plan, whose form is posted
//! because a YAML file does not fit into a URL.

use super::Edge;
use super::endpoints::At;
use super::error_pages::refused;
use super::form::{SentForm, field};
use super::query::Query;
use super::runs::{Release, reference};
use super::table::Entry;
use app::error::ConsoleError;
use app::paths;
use app::port::{BuildRequest, Console};
use app::submission::Outcome;
use axum::Extension;
use axum::extract::{FromRequest as _, Path, Request, State};
use axum::http::{HeaderValue, Uri, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use domain::document::{Document, Form};
use domain::intent::{Intent, ReleaseRequest, Yaml};
use domain::release::answers;
use domain::route_form;
use domain::run_book;
use domain::user::Right;
use std::sync::Arc;

type Caller = Extension<Arc<dyn Console>>;

/// The routes of the downloads.
pub(super) fn entries() -> Vec<Entry> {
    let see = Right::See;
    let endpoint = "/stages/{stage}/endpoints/{endpoint}";
    let deployment = "/stages/{stage}/endpoints/{endpoint}/deployments/{deployment}";
    let of_state = |path: String, form| {
        Entry::download(&path, see, get(async move |c, p| state(c, p, form).await))
    };
    let mut entries = vec![
        of_state(format!("{endpoint}/export/endpoint.yml"), Form::Endpoint),
        of_state(format!("{endpoint}/export/with.yml"), Form::With),
        of_state(format!("{deployment}/export/deployment.yml"), Form::Deployment),
        Entry::download(
            &format!("{}/deployment.yml", paths::RUN_BOOK),
            see,
            get(async |c, q| run_book(c, q, Form::Deployment).await),
        ),
    ];
    for form in Form::OF_PLAN {
        let end = form.extension();
        entries.extend([
            Entry::download(
                &format!("/releases/{{repository}}/{{workflow}}/{{job}}/plan.{end}"),
                see,
                get(async move |c, p, q| release(c, p, q, form).await),
            ),
            Entry::download(
                &format!("/releases/{{repository}}/{{workflow}}/{{job}}/build.{end}"),
                see,
                get(async move |c, p, q| build(c, p, q, form).await),
            ),
            Entry::download(
                &format!("{}.{end}", paths::RUN_BOOK),
                see,
                get(async move |c, q| run_book(c, q, form).await),
            ),
            Entry::download(
                &format!("{endpoint}/route.{end}"),
                see,
                get(async move |c, p, q| route(c, p, q, form).await),
            ),
            Entry::download(
                &format!("{deployment}/delete.{end}"),
                see,
                get(async move |c, p| deletion(c, p, form).await),
            ),
            Entry::form_for_file(
                &format!("{endpoint}/new-deployment.{end}"),
                see,
                post(async move |e, p, r| creation(e, p, r, form).await),
            ),
        ]);
    }
    entries
}

async fn release(
    Extension(console): Caller,
    Path(release): Path<Release>,
    Query(query): Query,
    form: Form,
) -> Response {
    let document = async {
        let (id, reference) = (release.id(), reference(&query)?);
        let answers = answers::of_query(&query);
        let release = ReleaseRequest::Defined { id, reference, answers };
        console.plan_document(&Intent::Release { release }, form).await
    };
    answer(document.await)
}

async fn build(
    Extension(console): Caller,
    Path(release): Path<Release>,
    Query(query): Query,
    form: Form,
) -> Response {
    let document = async {
        let (release, reference) = (release.id(), reference(&query)?);
        let answers = answers::of_query(&query);
        let plan = console
            .plan_build(&BuildRequest { answers, reference, ..BuildRequest::of(release) })
            .await?;
        let mut documents = plan.documents.into_iter();
        documents.find(|document| document.form == form).ok_or_else(|| {
            let missing =
                "This build has no such document. Its page lists the problems to fix first.";
            ConsoleError::Refused(missing.to_owned())
        })
    };
    answer(document.await)
}

async fn run_book(Extension(console): Caller, Query(query): Query, form: Form) -> Response {
    let document = async {
        let (draft, problems) = run_book::form::parse(&query);
        if !problems.is_empty() {
            return Err(problems.into());
        }
        let release = ReleaseRequest::Drafted(draft);
        console.plan_document(&Intent::Release { release }, form).await
    };
    answer(document.await)
}

async fn route(
    Extension(console): Caller,
    Path(at): Path<At>,
    Query(query): Query,
    form: Form,
) -> Response {
    let document = async {
        let (at, route) = (at.key()?, route_form::parse(&query)?);
        console.plan_document(&Intent::SetRoute { at, route }, form).await
    };
    answer(document.await)
}

async fn deletion(Extension(console): Caller, Path(at): Path<At>, form: Form) -> Response {
    let document = async {
        let (at, name) = (at.key()?, at.deployment()?);
        console.plan_document(&Intent::DeleteDeployment { at, name }, form).await
    };
    answer(document.await)
}

/// Errors in the YAML are shown on the form's page.
async fn creation(
    State(edge): State<Edge>,
    Path(at): Path<At>,
    mut request: Request,
    form: Form,
) -> Response {
    let at = match at.key() {
        Ok(at) => at,
        Err(error) => return refused(&error),
    };
    if let Ok(page) = paths::new_deployment(&at).parse::<Uri>() {
        *request.uri_mut() = page;
    }
    let sent = match SentForm::from_request(request, &edge).await {
        Ok(sent) => sent,
        Err(page) => return page,
    };
    let yaml = field(&sent.fields, "yaml").unwrap_or_default().to_owned();
    let intent = Intent::CreateDeployment { at, deployment: Yaml(yaml) };
    match sent.console.plan_document(&intent, form).await {
        Ok(document) => file(document),
        Err(error) => sent.again(Outcome::Refused(error)).await,
    }
}

async fn state(Extension(console): Caller, Path(at): Path<At>, form: Form) -> Response {
    let document = async {
        let (key, name) = (at.key()?, at.named()?);
        let export = console.export(&key, name.as_ref()).await?;
        let found = export.documents.into_iter().find(|(_, document)| document.form == form);
        found
            .map(|(_, document)| document)
            .ok_or_else(|| ConsoleError::Refused(export.losses.last().cloned().unwrap_or_default()))
    };
    answer(document.await)
}

fn answer(document: Result<Document, ConsoleError>) -> Response {
    match document {
        Ok(document) => file(document),
        Err(error) => refused(&error),
    }
}

fn file(document: Document) -> Response {
    let Document { form, name, text } = document;
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(form.media_type()));
    if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    response
}
