//! The router: authorizes a request, chooses a deployment, and records the outcome.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{AUTHORIZATION, HeaderMap};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::answer::{Origin, Reply, ScoreBody};
use crate::clock::Clock;
use crate::connection::Lane;
use crate::endpoint::{Endpoint, Target, Unadmitted};
use crate::forward::{Call, forward};
use crate::headers::DEPLOYMENT;
use crate::mirror::Outbox;
use crate::recorder::Recorder;
use crate::rules::AuthVerdict;

/// The longest request body; Azure's limit for managed online endpoints is 1.5 MB.
pub const REQUEST_BYTES_MAX: usize = 1_572_864;
/// How long a client may take to send its body.
const BODY_TIME_MAX: Duration = Duration::from_secs(60);

/// Any error of a request's body.
pub type BodyError = Box<dyn std::error::Error + Send + Sync>;

/// One request on its way through the router.
struct Asked<'a> {
    endpoint: &'a Arc<Endpoint>,
    copies: &'a Outbox,
    clock: &'a Clock,
    since: Instant,
    origin: Origin,
    bytes_in: usize,
}

/// The answer if there is no endpoint with this name.
pub(crate) fn no_endpoint(headers: &HeaderMap) -> Response<ScoreBody> {
    let reply = Reply::error(StatusCode::NOT_FOUND, "EndpointNotFound", "No such endpoint.");
    reply.into_response(&Origin::of(headers))
}

pub(crate) async fn score<B>(
    endpoint: &Arc<Endpoint>,
    copies: &Outbox,
    clock: &Clock,
    request: Request<B>,
) -> Response<ScoreBody>
where
    B: http_body::Body<Data = Bytes>,
    B::Error: Into<BodyError>,
{
    let (parts, body) = request.into_parts();
    let origin = Origin::of(&parts.headers);
    let mut asked = Asked { endpoint, copies, clock, since: Instant::now(), origin, bytes_in: 0 };
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
        let view = self.endpoint.view();
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
        let admission = match self.endpoint.admit(target, Lane::Live) {
            Ok(admission) => admission,
            Err(unadmitted) => return self.unadmitted(&unadmitted),
        };
        if matches!(target, Target::Weighted) && call.is_scoring() {
            self.copies.offer(self.endpoint, self.clock, call);
        }
        let deployment = &admission.deployment;
        self.origin.deployment = HeaderValue::from_str(&deployment.name).ok();
        let asked_at = Instant::now();
        let forwarded = forward(deployment, Lane::Live, call).await;
        self.origin.ran = Some(asked_at.elapsed());
        self.finish(Reply::forwarded(forwarded), &deployment.traffic.live)
    }

    fn unadmitted(self, unadmitted: &Unadmitted) -> Response<ScoreBody> {
        let reply = Reply::unadmitted(unadmitted);
        match unadmitted {
            Unadmitted::NoWeight | Unadmitted::NotFound(_) => self.turn_away(reply),
            Unadmitted::NotRunning(name) | Unadmitted::Busy(name) => {
                let traffic = self.endpoint.traffic_of(name);
                self.finish(reply, &traffic.live)
            }
        }
    }

    /// Answers a request for which no deployment was chosen.
    fn turn_away(self, reply: Reply) -> Response<ScoreBody> {
        let endpoint = self.endpoint;
        self.finish(reply, &endpoint.unchosen)
    }

    fn finish(self, reply: Reply, recorder: &Recorder) -> Response<ScoreBody> {
        recorder.record(self.clock.now(), reply.outcome(self.since, self.bytes_in));
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
