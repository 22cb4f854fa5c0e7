//! Azure ML's control plane, Azure Monitor's metrics, logs, alerts and autoscale, Azure Container Registry, Azure Load
//! Testing, Key Vault, Entra ID and GitHub on loopback. It follows Microsoft's specifications and recorded requests of the
//! SDK. It shares no code with the console, so that a wrong field name cannot hide on both sides; tests with Microsoft's
//! Python SDKs check it (`end2end/sdk/`).
//!
//! One listener serves everything. Scoring URIs go to the [`dataplane`] crate, which runs real processes.
//! The rest is ARM ([`arm`]), metrics, alerts and autoscale ([`monitor`]), Log Analytics ([`logs`], `log_queries`), sign-in
//! ([`sign_in`]), uploads (`blob`), image builds and the container registry ([`registry`]), load tests ([`load_testing`]),
//! secrets ([`key_vault`]), repositories ([`github`]), whose runs `runner` carries out, and the emulator's own switches under
//! `/emulator/` (`control`). The registry, load tests, secrets and the repositories list their own differences.
//!
//! # Differences from Azure
//!
//! * **Bearer tokens.** A token that the emulator's own `/token` endpoint signed must be valid. ARM and
//!   `AADToken` endpoints accept any other non-empty bearer value, because the SDK's tests use invented
//!   credentials. ARM has no roles (RBAC): every caller may do everything.
//! * **Speed.** An endpoint takes 2 s, a traffic change 1 s, and a deployment about 7 s, divided by
//!   `--speed`. The emulator sends `Retry-After: 1` where Azure sends nothing, and also `retry-after-ms: 100`
//!   if it runs faster than that.
//! * **regenerateKeys** generates a new key if `keyValue` is absent or is the current key (which is what
//!   the SDK sends). Any other value is set as given.
//! * **Changed `instanceType`, conflicts, rules.** Azure's answers have not been observed. Here a broken
//!   rule is 400 `UserError`; deleting a deployment that takes traffic, and a second change in flight, are
//!   409 `Conflict`.
//! * **`codeConfiguration`** can be changed by a PUT, as the documentation shows, although the
//!   specification marks its fields create-only.
//! * **Traffic** may name a deployment that has not succeeded only if the current rules already name it,
//!   and not with a larger share.
//! * **Reads** are up to date, unless `--stale-reads` or `PUT /emulator/stale-reads` says otherwise.
//!   Azure's reads can be stale for some seconds after an operation has Succeeded (`stale`).
//! * **A failed change** of a deployment keeps its former settings, and sets the state Failed.
//! * **Endpoint names** are unique in the whole emulator, because there is one host for all regions.
//! * **PATCH** accepts what the specification lists (tags and identity; tags and sku) and refuses
//!   everything else, so that nobody believes they have patched a route.
//! * **`environmentId`** is not required, even for models that are not MLflow models.
//! * **Kubernetes** endpoints and deployments are played like managed ones. Their compute target is not
//!   checked.
//! * **Azure ML registries** do not exist. Deployments accept `azureml://registries/…` ids without a check, and a
//!   registry client finds nothing.
//! * **Copies and limits.** Copies only use what clients leave of a shadow's concurrency. A client that
//!   calls the shadow by name, or when it goes live, gets no 429 because of copies.
//! * **Asset types.** A new version of a data asset may have another type.
//! * **Quota** exists for ten sizes in three families; the GPU family has little. A deployment that does
//!   not fit fails with `OutOfQuota`. Other sizes are accepted and not counted. Usage counts instances
//!   without Azure's reserve for upgrades, because Azure does not document what it counts. There are no
//!   quotas of single workspaces.
//! * **Azure Monitor's resources** (diagnostic settings, alert rules, action groups, autoscale settings): the texts of
//!   their errors are the best guess. Settings stay when their endpoint is deleted, as Microsoft documents. A retention
//!   policy is stored, although Azure no longer accepts one in a new setting. Receivers cannot subscribe again.
//! * **Logs** go to the Log Analytics workspaces behind the emulator's workspaces; other destinations of a setting get
//!   nothing. They begin at once, while Azure takes up to an hour for a new setting. Copies for a shadow are not in the
//!   traffic log. `IdentityData` is empty, and throttling delays are 0. Rows that do not fit into memory are dropped and
//!   counted. `log_queries` lists what differs in the query API, and the crate `analytics` what differs in KQL.
//! * **Alerts**: log search alerts with one condition; no metric alerts, no dynamic thresholds, no processing rules, no
//!   smart groups, no health of rules, and no deactivation of rules that fail for a week. A rule begins one
//!   `evaluationFrequency` after it is stored. Deleting or changing a rule leaves its alerts as they are. The scope of a
//!   rule that the emulator does not know is accepted, and the rule never fires. Only webhooks are called: no e-mail, no
//!   text messages, no secure webhooks, and always with the common alert schema.
//! * **Autoscale** evaluates once a minute, with profiles in UTC only, and without predictions. Other targets than
//!   deployments are refused. It says what it does in the activity log, which has nothing else and is lost at the end.
//! * **HEAD** on ARM is answered with 405, except for a resource group; Azure supports it for more.
//! * **Scoring paths.** A path below `/endpoints/{e}/` other than `score` and `swagger.json` is treated as
//!   an ARM path and refused (401 or 400). Azure's answer is not documented.
//! * **Identities' rights** are not checked. An image of the emulator's own registry runs (`pull`); for
//!   every other image, a built-in server of a small item-response model stands in.
//! * **ETag/If-Match** are ignored, as Azure ML does. Rate limits are counted but never enforced.
//! * **Blob store.** `http://…/blob/{account}/{container}/…`, and any host `{account}.blob.*`. Signatures
//!   are not checked, and conditions (`If-Match`, `If-None-Match`) only of reads. Blobs have no account of their own:
//!   containers of different accounts with one name are one. Clients cannot append to a blob. Datastores exist but
//!   cannot be created or changed.
//! * **The workspace's registry** is one Azure Container Registry for all workspaces, which exists from the start:
//!   see [`registry`]. `POST /emulator/registry/detach` plays a workspace that has none until its first image build.
//! * **Entra.** One tenant, one confidential client, six accounts without passwords, no sessions:
//!   `prompt=none` works only with a `login_hint` that names an account. PKCE is required. The device code
//!   and on-behalf-of grants, client assertions and `response_mode=fragment` are refused. Access tokens name
//!   the v2 issuer for every resource. `PUT /emulator/accounts/{id}` gives an account app roles until the
//!   next start.
//! * **Time.** Entra's JWTs follow the machine's clock, everything else the emulator's.
//! * **Metrics** are available at once. CPU and memory have only the current value, in the last minute. A
//!   query's `rollupby` and `ValidateDimensions` are ignored.
//!
//! # Failures by name
//!
//! A deployment whose name starts with a prefix of [`dataplane::Fault`] (`fail-image-pull`,
//! `fail-model-download`, `fail-quota`, `fail-crash`, `fail-readiness`, …) fails accordingly;
//! `stuck-updating` stays in Updating until it is deleted, or for an hour.
//!
//! A load test whose id contains `stuck-provisioning`, `fail-provisioning` or `lost-results` goes wrong as
//! `load_testing::misfortune` says.
//!
//! A build whose image name starts with `fail-denied`, `fail-space`, `fail-base`, `fail-agent`, `fail-quota`,
//! `stuck-log` or `stuck-queue` goes wrong as `registry::misfortune` says.

mod activity;
mod arm;
mod assets;
mod blob;
mod blob_wire;
mod builds;
mod builds_control;
pub mod command;
mod config;
mod control;
mod demo_client;
mod emulator;
mod entra;
mod faults;
mod file_body;
mod find;
mod github;
mod github_control;
mod inner;
mod key_vault;
mod load_testing;
mod loads;
mod log_feed;
mod log_queries;
mod logs;
mod monitor;
mod naming;
mod pace;
mod process;
mod protocol;
mod provision;
mod pull;
mod quota;
mod references;
mod registry;
mod routes;
mod routines;
mod rules;
mod runner;
mod scratch;
mod seed;
mod serve;
mod sign_in;
mod stale;
mod state;
mod store;
mod switches;
mod taken;
mod vaults;
mod wait;
mod webhooks;
mod when;
mod work;
mod writes;

pub use config::{Config, Demo, Workspace};
pub use dataplane::Clock;
pub use emulator::{Emulator, StartError};
pub use images::{Builder, BuilderChoice};
pub use stale::StaleReads;
pub use switches::stale_reads;
