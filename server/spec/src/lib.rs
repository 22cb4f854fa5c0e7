//! Reads the YAML of endpoints and deployments as Azure's own tools do.
//!
//! ```text
//! yaml        text → located nodes; YAML 1.1 scalars as PyYAML reads them, each with its source text
//! problem     a problem of a file: file:line:column: field: message
//! nearest     the known word that a misspelt one resembles most
//! overrides   --set key=value
//! reader      located nodes → values, with the coercions of the SDK's schemas
//! json        free-form values (tags, variables) as the SDK encodes them
//! endpoint    identity
//! deployment  settings · collector · code · model · environment
//! reference   azureml:name:version and similar → ids
//! asset       assets to upload, register or resolve before the body can be sent
//! render      the entry point: a file and options → { kind, name, endpoint, body, assets }
//! load_test   the configuration of a load test, which has its own format and its own tools
//! ```
//!
//! The reference is the official SDK, azure-ai-ml: `end2end/sdk/test_render.py` compares this crate with it, on
//! files that both accept and files that both reject. No network, no clock, no environment variables; the only
//! files read are those that a file names. Invariant: every problem has a file, a line and a column.

pub mod asset;
mod code;
mod collector;
mod deployment;
mod duration;
mod endpoint;
mod environment;
pub mod files;
mod identity;
mod json;
pub mod load_test;
mod model;
pub mod nearest;
pub mod overrides;
pub mod problem;
mod reader;
mod reference;
pub mod render;
pub mod scope;
mod settings;
mod uri;
pub mod yaml;
