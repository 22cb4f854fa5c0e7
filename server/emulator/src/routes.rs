//! Passes an endpoint's rules to the data plane: who may call, which deployment answers, and which one gets
//! copies.

use std::sync::Arc;

use dataplane::{Auth, AuthVerdict, EndpointRules};

use crate::inner::Inner;
use crate::log_feed;
use crate::state::{AuthMode, Endpoint};

/// Publishes the current rules of one endpoint.
pub fn publish(inner: &Arc<Inner>, ws: &str, e: &str) {
    let endpoint = inner
        .store
        .read(|state| state.workspaces.get(ws).and_then(|w| w.endpoints.get(e).cloned()));
    // Whether it is new or gone: its logs go where its settings say.
    log_feed::update(inner);
    let Some(endpoint) = endpoint.filter(|endpoint| endpoint.is_reachable) else { return };
    let percent = |percent: &i64| u8::try_from(*percent).unwrap_or(0);
    let live = endpoint.spec.traffic.iter().map(|(name, p)| (name.clone(), percent(p))).collect();
    let mirror = endpoint.spec.mirror.iter().find(|(_, p)| **p > 0);
    let rules = EndpointRules {
        auth: auth(inner, &endpoint),
        live,
        mirror: mirror.map(|(name, p)| (name.clone(), percent(p))),
    };
    inner.plane.set_endpoint(&endpoint.name, rules);
}

fn auth(inner: &Arc<Inner>, endpoint: &Endpoint) -> Auth {
    let name = endpoint.name.clone();
    match endpoint.spec.auth_mode {
        AuthMode::Key => Auth::keys([endpoint.primary_key.clone(), endpoint.secondary_key.clone()]),
        AuthMode::AMLToken => {
            let inner = Arc::downgrade(inner);
            Auth::by(move |bearer| match inner.upgrade() {
                Some(inner) => inner.entra.endpoint_token(bearer, &name, inner.clock.now()),
                None => AuthVerdict::Refused,
            })
        }
        AuthMode::AADToken => {
            let inner = Arc::downgrade(inner);
            Auth::by(move |bearer| match inner.upgrade() {
                Some(inner) => inner.entra.scoring_token(bearer),
                None => AuthVerdict::Refused,
            })
        }
    }
}
