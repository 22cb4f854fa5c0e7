//! The ways in which the hostile server answers.

use super::Client;

/// One way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// As it should.
    Honest,
    /// A body without an end.
    Endless,
    /// A small body that would be a large one.
    Bomb,
    /// The next page is the one that was asked for, or the one before it.
    Loop,
    /// There is always one more page.
    Pages,
    /// Every URL in it leads to another host.
    Elsewhere,
    /// A redirect to another host.
    Redirect,
    /// A million items.
    Many,
    /// A thousand items, each of which is a number.
    Odd,
    /// A hundred thousand levels.
    Deep,
    /// One byte now and then.
    Drip,
    /// A page for people.
    Html,
    /// More headers than anybody needs.
    Headers,
    /// Control characters in all texts.
    Controls,
    /// The same in refusals.
    Refusals,
    /// Ids that lead out of their path.
    OddIds,
    /// A body that breaks off.
    Truncated,
    /// Bytes that are no text.
    NotUtf8,
}

/// Lists with pages.
const LISTS: [&str; 5] =
    ["arm::list", "deployments::list", "endpoints::list", "quota::read", "quota::sizes"];
/// What never looks at a body, or asks somebody honest.
const BLIND: [&str; 2] = ["arm::token", "scoring::probe"];
/// What takes any body for what it is (a model's answer, a file), or looks at it only after a redirect.
const OPAQUE: [&str; 3] = ["scoring::post", "contents::file", "contents::moved_to"];
/// What becomes of an id or a URL of the answer is their matter.
const ODD: [&str; 5] = [
    "monitoring::log_analytics",
    "newest::version",
    "workspaces::get",
    "contents::default_branch",
    "contents::folder",
];

impl Mode {
    /// Whether an operation must fail: an answer that it took would have been a wrong one.
    pub fn breaks(self, client: Client, operation: &str) -> bool {
        if BLIND.contains(&operation) {
            return false;
        }
        // A raw client's body is looked at by whoever asks.
        let is_opaque = OPAQUE.contains(&operation) || operation == "client::get";
        match self {
            Self::Honest | Self::Controls | Self::Odd => false,
            // A model's answer is kept up to its cap.
            Self::Endless => operation != "scoring::post",
            Self::Loop | Self::Pages => LISTS.contains(&operation),
            Self::Elsewhere => {
                LISTS.contains(&operation)
                    || operation == "scoring::post"
                    || (client == Client::Entra && operation != "entra::finish")
            }
            Self::OddIds => ODD.contains(&operation),
            Self::Many | Self::Deep | Self::Html | Self::NotUtf8 => !is_opaque,
            // The status of a redirect is a model's answer, too: it is shown and not followed.
            Self::Redirect | Self::Refusals => operation != "scoring::post",
            Self::Bomb | Self::Drip | Self::Headers | Self::Truncated => true,
        }
    }
}
