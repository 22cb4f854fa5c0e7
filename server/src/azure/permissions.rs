//! What the console's identity may do at a scope.
//!
//! Sources: azure-rest-api-specs, authorization, 2022-04-01, `Permissions_ListForResource`; learn.microsoft.com, Azure role
//! definitions. The list has one item for each role that is assigned at the scope or above. `*` in an action stands
//! for any characters, and case does not matter. `notActions` subtract from the actions of the same item, and another
//! item may grant them again. Deny assignments are not in the list.

use super::arm::Arm;
use super::error::Error;
use serde::Deserialize;

const API_VERSION: &str = "2022-04-01";
/// Most actions of one scope. Source: our own limit.
const ACTIONS_MAX: usize = 20_000;
/// Longest action, in bytes. Source: our own limit; the longest documented one has about 150.
const ACTION_BYTES_MAX: usize = 512;

/// The permissions at one scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permissions(Vec<Item>);

/// What one role grants.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    #[serde(default)]
    actions: Vec<String>,
    #[serde(default)]
    not_actions: Vec<String>,
}

impl Permissions {
    /// Whether one of the roles grants an action.
    #[must_use]
    pub fn allows(&self, action: &str) -> bool {
        self.0.iter().any(|item| {
            item.actions.iter().any(|granted| covers(granted, action))
                && !item.not_actions.iter().any(|taken| covers(taken, action))
        })
    }
}

/// Reads what the console's identity may do at a scope: `/subscriptions/…`, a resource group or a resource.
///
/// # Errors
/// [`Error`]; [`Error::Denied`] if the identity lacks `Microsoft.Authorization/permissions/read`; [`Error::Garbled`] if the
/// list exceeds the limits.
pub async fn at(arm: &Arm, scope: &str) -> Result<Permissions, Error> {
    let path = format!("{scope}/providers/Microsoft.Authorization/permissions");
    let items = arm.list(arm.url(&path, API_VERSION, &[])?).await?;
    let items = items.into_iter().map(serde_json::from_value).collect();
    let items: Result<Vec<Item>, _> = items;
    let items = items.map_err(|error| Error::garbled(format!("a permission: {error}")))?;
    let all = || items.iter().flat_map(|item| item.actions.iter().chain(&item.not_actions));
    if all().count() > ACTIONS_MAX || all().any(|action| action.len() > ACTION_BYTES_MAX) {
        return Err(Error::garbled("permissions with too many or too long actions"));
    }
    Ok(Permissions(items))
}

/// Whether a pattern includes an action.
fn covers(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.to_ascii_lowercase(), action.to_ascii_lowercase());
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == action };
    let Some(mut left) = action.strip_prefix(first) else { return false };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    for part in middle.split('*') {
        let Some((_, after)) = left.split_once(part) else { return false };
        left = after;
    }
    left.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: &str = "Microsoft.ContainerRegistry/registries/scheduleRun/action";

    fn permissions(items: &[(&[&str], &[&str])]) -> Permissions {
        let all = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let item = |(actions, taken): &(&[&str], &[&str])| Item {
            actions: all(actions),
            not_actions: all(taken),
        };
        Permissions(items.iter().map(item).collect())
    }

    #[test]
    fn wildcards_stand_for_any_characters() {
        for (pattern, action, expected) in [
            ("*", RUN, true),
            (RUN, RUN, true),
            ("microsoft.containerregistry/REGISTRIES/scheduleRun/action", RUN, true),
            ("Microsoft.ContainerRegistry/*", RUN, true),
            ("Microsoft.ContainerRegistry/registries/*/action", RUN, true),
            ("*/action", RUN, true),
            ("*/read", RUN, false),
            ("Microsoft.ContainerRegistry/registries/schedule*", RUN, true),
            ("Microsoft.ContainerRegistry/registries", RUN, false),
            ("Microsoft.ContainerRegistry/registries/scheduleRun/actions", RUN, false),
            ("", RUN, false),
            ("**", RUN, true),
            ("Microsoft.ContainerRegistry*registries*Run*", RUN, true),
            ("Microsoft.ContainerRegistry*registries*tasks*", RUN, false),
            // No letter counts twice.
            ("Microsoft.ContainerRegistry/registries/scheduleRun/act*tion", RUN, false),
            ("*Run*Run*", RUN, false),
        ] {
            assert_eq!(covers(pattern, action), expected, "{pattern} and {action}");
        }
    }

    #[test]
    fn a_role_does_not_grant_what_it_excludes_but_another_role_may() {
        let all: &[&str] = &["*"];
        for (items, action, expected) in [
            (vec![], RUN, false),
            (vec![(all, &[] as &[&str])], RUN, true),
            (vec![(all, &["Microsoft.ContainerRegistry/*/action"])], RUN, false),
            (vec![(all, &["Microsoft.Authorization/*/Write"])], RUN, true),
            (vec![(all, &[RUN]), (&[RUN], &[])], RUN, true),
            (vec![(&["*/read"], &[]), (&["*/write"], &[])], RUN, false),
        ] {
            assert_eq!(permissions(&items).allows(action), expected, "{items:?} and {action}");
        }
    }
}
