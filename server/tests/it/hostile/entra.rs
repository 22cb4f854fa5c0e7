//! Every operation of the sign-in with Entra, by name.

use super::server::World;
use oauth2::PkceCodeVerifier;
use openidconnect::Nonce;
use server::azure::http;
use server::web::sign_in::sealed::Started;
use server::web::{Entra, Registration};
use std::collections::BTreeMap;
use std::fmt::Display;

pub const OPERATIONS: [&str; 3] = ["entra::discover", "entra::finish", "entra::start"];

fn as_text<T, E: Display>(outcome: Result<T, E>) -> Result<(), String> {
    outcome.map(|_| ()).map_err(|error| error.to_string())
}

/// An Entra client whose documents are hostile, or whose tokens are.
fn entra(world: &World, path: &str) -> Entra {
    let issuer = world.own().join(path).expect("a URL").to_string();
    let registration = Registration {
        issuer,
        tenant: "a-tenant".to_owned(),
        client_id: "a-client".to_owned(),
        client_secret: "the-clients-secret".into(),
        redirect_url: world.own().clone(),
        roles: BTreeMap::new(),
    };
    Entra::new(http::client().expect("a client"), registration).answering(world.within())
}

pub async fn run(operation: &str, world: &World) -> Result<(), String> {
    match operation {
        "entra::discover" => as_text(entra(world, "a-tenant/v2.0").discover().await),
        "entra::start" => as_text(entra(world, "a-tenant/v2.0").start("a-state".to_owned()).await),
        "entra::finish" => {
            let started = Started {
                nonce: Nonce::new("a-nonce".to_owned()),
                verifier: PkceCodeVerifier::new(
                    "a-verifier-that-is-long-enough-for-pkce-43-chars".to_owned(),
                ),
                to: "/".to_owned(),
            };
            as_text(entra(world, "honest/v2.0").finish(started, "a-code".to_owned()).await)
        }
        other => panic!("unknown operation {other}"),
    }
}
