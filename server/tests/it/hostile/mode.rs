//! The behaviours of the hostile server.

use super::Client;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Honest answers.
    Honest,
    /// An endless body.
    Endless,
    /// A small compressed body that expands to a large one.
    Bomb,
    /// The next page is the requested one, or the previous one.
    Loop,
    /// There is always one more page.
    Pages,
    /// Every URL in the answer points to another host.
    Elsewhere,
    /// A redirect to another host.
    Redirect,
    /// A million items.
    Many,
    /// A thousand items, each of which is a number.
    Odd,
    /// A hundred thousand levels.
    Deep,
    /// Single bytes with pauses in between.
    Drip,
    /// An HTML page.
    Html,
    /// Too many headers.
    Headers,
    /// Control characters in all texts.
    Controls,
    /// The same, in errors.
    Refusals,
    /// Ids with path traversal.
    OddIds,
    /// A truncated body.
    Truncated,
    /// Bytes that are not valid UTF-8.
    NotUtf8,
}

/// Operations that read lists with pages.
const LISTS: [&str; 9] = [
    "arm::list",
    "deployments::list",
    "endpoints::list",
    "environments::versions",
    "environments/containers::containers",
    "permissions::at",
    "quota::read",
    "quota::sizes",
    "registry/runs::runs",
];
/// Operations that ignore the body, or that ask an honest server.
const BLIND: [&str; 3] = ["arm::token", "registry/upload::upload", "scoring::probe"];
/// Operations that accept any body (a model's answer, a file), or that read it only after a redirect.
const OPAQUE: [&str; 3] = ["scoring::post", "contents::file", "contents::moved_to"];
/// Operations that accept any body, piece by piece.
const STREAMS: [&str; 4] =
    ["actions::job_log", "download::next", "registry/log::log_piece", "tarball::tarball"];
/// Operations that return a host or a URL to which something is sent.
const HOSTS: [&str; 3] =
    ["registry::of_workspace", "registry/log::log_url", "registry/upload::upload_url"];
/// Operations that pass on ids and URLs of the answer.
const ODD: [&str; 12] = [
    "monitoring::log_analytics",
    "newest::version",
    "workspaces::get",
    "contents::default_branch",
    "contents::folder",
    "environments::next_version",
    "environments::register_version",
    "environments::version",
    "registry::of_workspace",
    "registry/build::schedule",
    "registry/runs::run",
    "registry/upload::upload_url",
];

impl Mode {
    /// Whether an operation must fail, because accepting the answer would be wrong.
    pub fn breaks(self, client: Client, operation: &str) -> bool {
        if BLIND.contains(&operation) {
            return false;
        }
        // The caller reads the body of a raw client.
        let is_stream = STREAMS.contains(&operation);
        let is_opaque = is_stream || OPAQUE.contains(&operation) || operation == "client::get";
        match self {
            Self::Honest | Self::Controls | Self::Odd => false,
            // A model's answer is kept up to its cap, and a stream is read as far as the caller wants.
            Self::Endless => operation != "scoring::post" && !is_stream,
            Self::Loop | Self::Pages => LISTS.contains(&operation),
            Self::Elsewhere => {
                LISTS.contains(&operation)
                    || HOSTS.contains(&operation)
                    || operation == "scoring::post"
                    || (client == Client::Entra && operation != "entra::finish")
            }
            Self::OddIds => ODD.contains(&operation),
            Self::Many | Self::Deep | Self::Html | Self::NotUtf8 => !is_opaque,
            // The status of a redirect is also a model's answer: it is shown and not followed.
            Self::Redirect | Self::Refusals => operation != "scoring::post",
            Self::Bomb | Self::Drip | Self::Headers | Self::Truncated => true,
        }
    }
}
