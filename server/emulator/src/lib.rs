//! Azure ML's control plane, Azure Monitor's metrics, Entra ID and GitHub on loopback, after
//! `azure-wire.md`. It shares no code with the console, so that a wrong field name cannot hide on
//! both sides; the official `azure-ai-ml` Python SDK is the judge (`end2end/sdk/`).
//!
//! One listener. Scoring URIs go to the [`dataplane`] crate, which runs real processes; the rest
//! is ARM ([`arm`]), metrics ([`monitor`]), sign-in ([`entra`]), uploads (`blob`), repositories
//! ([`github`], whose differences stand there), and the emulator's own switches under `/emulator/`
//! (`control`).
//!
//! # Differences from Azure
//!
//! * **Bearer tokens.** A token that our own `/token` endpoint signed must be valid. Any other
//!   non-empty bearer value is accepted by ARM and by `AADToken` endpoints: the SDK's tests come
//!   with made-up credentials. There are no roles (RBAC) in ARM: who gets in may do everything.
//! * **Speed.** An endpoint takes 2 s, a traffic change 1 s, a deployment some 7 s, divided by
//!   `--speed`; `Retry-After: 1` is sent where Azure sends nothing, and `retry-after-ms: 100`
//!   beside it when the emulator runs faster than that.
//! * **regenerateKeys** makes a new key when `keyValue` is absent or is the present key (which is
//!   what the SDK sends); any other value is set as given.
//! * **Changed `instanceType`, conflicts, rules.** What Azure answers has not been seen
//!   (azure-wire.md §15): here a broken rule is 400 `UserError`, deleting a deployment that takes
//!   traffic and a second change in flight are 409 `Conflict`.
//! * **`codeConfiguration`** may be changed by a PUT, as the documentation shows, although the
//!   specification marks its fields create-only.
//! * **Traffic** may name a deployment that has not succeeded only where the present rules
//!   already do, and not with more.
//! * **Reads** are up to date, unless `--stale-reads` or `PUT /emulator/stale-reads` says otherwise: Azure
//!   may answer what was there before for some seconds after an operation has Succeeded (`stale`).
//! * **A failed change** of a deployment leaves its former settings in place, and the state
//!   Failed.
//! * **Endpoint names** are unique in the whole emulator, for there is one host for all regions.
//! * **PATCH** takes what the specification lists (tags and identity; tags and sku) and refuses all
//!   else, so that nobody believes to have patched a route.
//! * **An `environmentId`** is not required, also not for models that are no MLflow models.
//! * **Kubernetes** endpoints and deployments are played like managed ones; their compute target is
//!   not looked for.
//! * **Registries** are not there: `azureml://registries/…` ids are taken on trust in deployments,
//!   and a registry client finds nothing.
//! * **Copies and limits.** Copies take what clients leave of a shadow's concurrency: a client who
//!   calls it by name, or comes when it goes live, is not answered 429 because of them.
//! * **Asset types.** A new version of a data asset may have another type.
//! * **Quota** is kept for ten sizes in three families, of which the GPU family has little; a deployment
//!   that does not fit fails with `OutOfQuota`. Other sizes are taken on trust and not counted. What is in
//!   use counts instances without Azure's reserve for upgrades, for what Azure counts is not
//!   documented. Quotas of single workspaces are not played.
//! * **Azure Monitor's resources** (diagnostic settings, alert rules, action groups) are kept and
//!   answered; no alert is ever raised and no log leaves. Their refusals' words are the best guess.
//!   Settings stay when their endpoint is deleted, as Microsoft documents. A retention policy is kept,
//!   though Azure takes none of a new setting any more. Test notifications and receivers that subscribe
//!   again are not played.
//! * **HEAD** on ARM is answered 405, but for a resource group; Azure knows it for more.
//! * **Scoring paths.** A path below `/endpoints/{e}/` other than `score` and `swagger.json` is taken for
//!   one of ARM and refused as such (401 or 400); what Azure answers there is not documented.
//! * **Identities' rights and image contents** are not looked at. An environment's image is
//!   never pulled; every deployment serves a small item-response model of the data plane.
//! * **ETag/If-Match** are ignored, as Azure ML does. Rate limits are counted but never refused.
//! * **Blob store.** `http://…/blob/{account}/{container}/…`, and any host `{account}.blob.*`.
//!   Signatures are not checked. Datastores exist but cannot be made or changed.
//! * **Entra.** One tenant, one confidential client, six accounts without passwords, no sessions:
//!   `prompt=none` works only with a `login_hint` that names an account. PKCE is required. The
//!   device code and on-behalf-of grants, client assertions and `response_mode=fragment` are
//!   refused. Access tokens name the v2 issuer whatever their resource. App roles can be given to an account
//!   at `PUT /emulator/accounts/{id}`, until the next start.
//! * **Time.** JWTs of Entra follow the machine's clock, all else the emulator's.
//! * **Metrics** are there at once. CPU and memory show the present only, in the last minute. A query's
//!   `rollupby` and `ValidateDimensions` are not looked at.
//!
//! # Failures by name
//!
//! A deployment whose name begins with a prefix of [`dataplane::Fault`] (`fail-image-pull`,
//! `fail-model-download`, `fail-quota`, `fail-crash`, `fail-readiness`, …) fails accordingly;
//! `stuck-updating` stays in Updating until it is deleted, or for an hour.

mod arm;
mod assets;
mod blob;
mod blob_wire;
pub mod command;
mod control;
mod demo_client;
mod emulator;
mod entra;
mod faults;
mod github;
mod inner;
mod monitor;
mod pace;
mod process;
mod provision;
mod routes;
mod rules;
mod seed;
mod serve;
mod stale;
mod state;
mod store;
mod switches;
mod when;
mod work;
mod writes;

pub use dataplane::Clock;
pub use emulator::{Config, Demo, Emulator, StartError, Workspace};
pub use stale::StaleReads;
pub use switches::stale_reads;

pub(crate) type Shared = std::sync::Arc<inner::Inner>;
