//! The form that archives a version.

use crate::paths;
use domain::job::form::VERSION;
use domain::name::StageName;
use leptos::prelude::*;

/// The form that archives a version.
#[component]
pub fn Archive(
    stage: StageName,
    name: String,
    version: String,
    may_not: Option<String>,
) -> impl IntoView {
    let action = paths::archive_image(&stage, &name);
    let about = format!("archive-{version}-about");
    let help =
        "Azure ML hides an archived version from its lists. The image stays in the registry.";
    view! {
        <form method="post" action=action class="actions">
            <input type="hidden" name=VERSION value=version.clone() />
            <button type="submit" class="button" disabled=may_not.is_some() aria-describedby=about.clone()>
                "Archive" <span class="unseen">" version " {version}</span>
            </button>
            <p id=about class="reason">{may_not.unwrap_or_else(|| help.to_owned())}</p>
        </form>
    }
}
