//! The router: authorizes a request, chooses a deployment, and records the outcome.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{AUTHORIZATION, HeaderMap, USER_AGENT};
use http::{HeaderValue, Method, Request, Response, StatusCode, Version};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::answer::{Origin, Reply, ScoreBody};
use crate::clock::Clock;
use crate::connection::Lane;
use crate::endpoint::{Endpoint, Target, Unadmitted};
use crate::forward::{Call, forward};
use crate::headers::DEPLOYMENT;
use crate::mirror::Outbox;
use crate::observer::{SeenRequest, Tap};
use crate::recorder::Recorder;
use crate::rules::AuthVerdict;

/// The longest request body; Azure's limit for managed online endpoints is 1.5 MB.
pub const REQUEST_BYTES_MAX: usize = 1_572_864;
/// How long a client may take to send its body.
const BODY_TIME_MAX: Duration = Duration::from_secs(60);

/// Any error of a request's body.
pub type BodyError = Box<dyn std::error::Error + Send + Sync>;

/// What a request needs on its way to an endpoint.
#[derive(Clone, Copy)]
pub(crate) struct Way<'a> {
    /// The endpoint's name.
    pub(crate) name: &'a str,
    pub(crate) endpoint: &'a Arc<Endpoint>,
    pub(crate) copies: &'a Outbox,
    pub(crate) clock: &'a Clock,
    pub(crate) tap: &'a Tap,
}

/// One request on its way through the router.
struct Asked<'a> {
    way: Way<'a>,
    since: Instant,
    origin: Origin,
    head: Head,
    bytes_in: usize,
    /// Until the last byte of the request.
    read: Duration,
    /// Until the model's answer.
    answered: Option<Duration>,
}

/// What an observer sees of a request's head.
struct Head {
    method: Method,
    version: Version,
    is_description: bool,
    user_agent: Option<HeaderValue>,
}

/// The answer if there is no endpoint with this name.
pub(crate) fn no_endpoint(headers: &HeaderMap) -> Response<ScoreBody> {
    let reply = Reply::error(StatusCode::NOT_FOUND, "EndpointNotFound", "No such endpoint.");
    reply.into_response(&Origin::of(headers))
}

pub(crate) async fn score<B>(way: Way<'_>, request: Request<B>) -> Response<ScoreBody>
where
    B: http_body::Body<Data = Bytes>,
    B::Error: Into<BodyError>,
{
    let (parts, body) = request.into_parts();
    let origin = Origin::of(&parts.headers);
    let head = Head {
        method: parts.method.clone(),
        version: parts.version,
        is_description: parts.uri.path().ends_with("/swagger.json"),
        user_agent: parts.headers.get(USER_AGENT).cloned(),
    };
    let (since, read_after) = (Instant::now(), Duration::ZERO);
    let mut asked =
        Asked { way, since, origin, head, bytes_in: 0, read: read_after, answered: None };
    let checked =
        asked.authorise(&parts.headers).and_then(|()| path(&parts.method, parts.uri.path()));
    let path = match checked {
        Ok(path) => path,
        Err(reply) => return asked.turn_away(reply),
    };
    let body = match read(body).await {
        Ok(body) => body,
        Err(reply) => return asked.turn_away(reply),
    };
    asked.bytes_in = body.len();
    asked.read = asked.since.elapsed();
    let named = parts.headers.get(DEPLOYMENT).cloned();
    let call = Call::new(parts.method, path, parts.headers, &asked.origin.request_id, body);
    asked.answer(named.as_ref(), &call).await
}

impl Asked<'_> {
    fn authorise(&self, headers: &HeaderMap) -> Result<(), Reply> {
        let unauthorised =
            |code, message| Err(Reply::error(StatusCode::UNAUTHORIZED, code, message));
        let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let bearer = bearer.and_then(|value| {
            let (scheme, bearer) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| bearer.trim())
        });
        let Some(bearer) = bearer else {
            return unauthorised("AuthorizationMissing", "A bearer key or token is required.");
        };
        let view = self.way.endpoint.view();
        let verdict = match &view.rules {
            Some(routes) => (routes.rules.auth.accepted)(bearer),
            None => AuthVerdict::Refused,
        };
        match verdict {
            AuthVerdict::Accepted => Ok(()),
            AuthVerdict::Refused => unauthorised(
                "AuthorizationFailed",
                "The key or token is not valid for this endpoint.",
            ),
            AuthVerdict::Expired => unauthorised("TokenExpired", "The token has expired."),
        }
    }

    async fn answer(mut self, named: Option<&HeaderValue>, call: &Call) -> Response<ScoreBody> {
        let target = match named.map(HeaderValue::to_str) {
            None => Target::Weighted,
            Some(Ok(name)) => Target::Named(name),
            Some(Err(_)) => {
                let name = String::from("?");
                return self.unadmitted(&Unadmitted::NotFound(name));
            }
        };
        let admission = match self.way.endpoint.admit(target, Lane::Live) {
            Ok(admission) => admission,
            Err(unadmitted) => return self.unadmitted(&unadmitted),
        };
        if matches!(target, Target::Weighted) && call.is_scoring() {
            self.way.copies.offer(self.way.endpoint, self.way.clock, call);
        }
        let deployment = &admission.deployment;
        self.origin.deployment = HeaderValue::from_str(&deployment.name).ok();
        let asked_at = Instant::now();
        let forwarded = forward(deployment, Lane::Live, call).await;
        self.origin.ran = Some(asked_at.elapsed());
        self.answered = Some(self.since.elapsed());
        self.finish(Reply::forwarded(forwarded), &deployment.traffic.live)
    }

    fn unadmitted(self, unadmitted: &Unadmitted) -> Response<ScoreBody> {
        let reply = Reply::unadmitted(unadmitted);
        match unadmitted {
            Unadmitted::NoWeight | Unadmitted::NotFound(_) => self.turn_away(reply),
            Unadmitted::NotRunning(name) | Unadmitted::Busy(name) => {
                let traffic = self.way.endpoint.traffic_of(name);
                self.conclude(Some(name), reply, &traffic.live)
            }
        }
    }

    /// Answers a request for which no deployment was chosen.
    fn turn_away(self, reply: Reply) -> Response<ScoreBody> {
        let endpoint = self.way.endpoint;
        self.finish(reply, &endpoint.unchosen)
    }

    fn finish(self, reply: Reply, recorder: &Recorder) -> Response<ScoreBody> {
        let name = self.origin.deployment.clone();
        let name = name.as_ref().and_then(|name| name.to_str().ok());
        self.conclude(name, reply, recorder)
    }

    /// Records and answers it; the deployment is also named if it did not take the request.
    fn conclude(
        self,
        deployment: Option<&str>,
        reply: Reply,
        recorder: &Recorder,
    ) -> Response<ScoreBody> {
        let at = self.way.clock.now();
        let outcome = reply.outcome(self.since, self.bytes_in);
        recorder.record(at, outcome);
        if let Some(observer) = self.way.tap.get() {
            observer.request(&SeenRequest {
                at,
                endpoint: self.way.name,
                deployment,
                method: &self.head.method,
                path: if self.head.is_description { "/swagger.json" } else { "/score" },
                protocol: self.head.version,
                status: outcome.status,
                model_status: outcome.model_status,
                bytes_in: outcome.bytes_in,
                bytes_out: outcome.bytes_out,
                total: outcome.latency,
                read: self.read,
                ran: self.answered,
                user_agent: self.head.user_agent.as_ref(),
                request_id: &self.origin.request_id,
                client_request_id: self.origin.client_request_id.as_ref(),
            });
        }
        reply.into_response(&self.origin)
    }
}

fn path(method: &Method, path: &str) -> Result<&'static str, Reply> {
    let is_description = path.ends_with("/swagger.json");
    match (is_description, method) {
        (true, &Method::GET) => Ok("/swagger.json"),
        (false, &Method::POST) => Ok("/score"),
        _ => {
            let allow = if is_description { "GET" } else { "POST" };
            Err(Reply::method(allow, "POST to score, or GET swagger.json."))
        }
    }
}

async fn read<B>(body: B) -> Result<Bytes, Reply>
where
    B: http_body::Body<Data = Bytes>,
    B::Error: Into<BodyError>,
{
    let limited = Limited::new(body, REQUEST_BYTES_MAX).collect();
    match tokio::time::timeout(BODY_TIME_MAX, limited).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Reply::error(
            StatusCode::PAYLOAD_TOO_LARGE,
            "PayloadTooLarge",
            "A request body may be 1.5 MB long.",
        )),
        Ok(Err(error)) => {
            let message = format!("The request body could not be read: {error}");
            Err(Reply::error(StatusCode::BAD_REQUEST, "BadRequest", &message))
        }
        Err(_) => Err(Reply::error(
            StatusCode::REQUEST_TIMEOUT,
            "RequestTimeout",
            "The request body did not arrive in time.",
        )),
    }
}
