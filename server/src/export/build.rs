//! Exports a build as commands for a POSIX shell.

use super::commands::place;
use super::shell::word;
use crate::azure::arm::Workspace;
use crate::azure::registry::Registry;
use domain::document::{Document, Form};
use domain::job::build::{Build, Method};
use domain::job::form::is_commit;

/// What the commands need beside the build.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    pub workspace: &'a Workspace,
    /// `None` for a workflow, and if the workspace has no registry.
    pub registry: Option<Login<'a>>,
    /// The repository's location, as people read it.
    pub source: &'a str,
    /// `owner/name` on GitHub; `None` for a folder.
    pub github: Option<&'a str>,
}

/// A container registry.
#[derive(Debug, Clone, Copy)]
pub struct Login<'a> {
    pub name: &'a str,
    /// The host of image names.
    pub server: &'a str,
}

impl<'a> Login<'a> {
    /// How to reach a registry.
    #[must_use]
    pub fn of(registry: &'a Registry) -> Self {
        Self { name: &registry.name, server: &registry.login_server }
    }
}

/// The commands that do the same as the build; `None` if it cannot be done by hand because something is missing.
#[must_use]
pub fn commands(build: &Build, around: &Around<'_>) -> Option<Document> {
    let what = match &build.method {
        Method::Registry { untagged, timeout_minutes } => {
            registry(build, around, *untagged, *timeout_minutes)?
        }
        Method::Workflow { file, on, inputs, .. } => {
            let repository = around.github?;
            let inputs: String = inputs
                .iter()
                .map(|(key, value)| format!(" -f {}", word(&format!("{key}={value}"))))
                .collect();
            format!(
                "gh workflow run {} --repo {} --ref {}{inputs}\n",
                word(file),
                word(repository),
                word(on)
            )
        }
    };
    let title = build.title().replace(['\n', '\r'], " ");
    let text = format!("#!/bin/sh\n# {title}\nset -eu\n\n{what}");
    Some(Document { form: Form::Commands, name: "build.sh".to_owned(), text })
}

fn registry(
    build: &Build,
    around: &Around<'_>,
    untagged: bool,
    timeout_minutes: u32,
) -> Option<String> {
    let registry = around.registry?;
    let (name, image) = (word(registry.name), build.image.as_str());
    let tags: String = build.pushed().iter().map(|tag| format!(" --image {}", word(tag))).collect();
    let subscription = word(&around.workspace.subscription);
    let context = match build.context.as_str() {
        "" => String::new(),
        below => word(&format!("/{below}")),
    };
    let mut text = taken(build, around.source);
    text.push_str(&format!(
        "az acr build --subscription {subscription} --registry {name}{tags} --target {} --file {} --timeout {} \
         \"$source\"{context}\n",
        word(&build.layer),
        word(&build.dockerfile),
        u64::from(timeout_minutes) * 60
    ));
    let reference = format!("{}/{image}", registry.server);
    let reference = match untagged {
        true => word(&reference),
        false => {
            text.push_str(&format!(
                "digest=$(az acr repository show --subscription {subscription} --name {name} --image {} \
                 --query digest --output tsv)\n",
                word(&format!("{image}:{}", build.commit))
            ));
            format!("{}\"@$digest\"", word(&reference))
        }
    };
    let tags: String = build
        .tags
        .iter()
        .map(|(key, value)| format!(" {}", word(&format!("{key}={value}"))))
        .collect();
    let tags = if tags.is_empty() { tags } else { format!(" --tags{tags}") };
    text.push_str(&format!(
        "az ml environment create --name {} --image {reference} --description {}{tags} {}\n",
        word(image),
        word(&build.description),
        place(around.workspace)
    ));
    Some(text)
}

/// Takes the files of the build's commit, whatever is checked out or not committed. A folder without Git has no commit.
fn taken(build: &Build, source: &str) -> String {
    let source = source.replace(['\n', '\r'], " ");
    if !is_commit(&build.commit) {
        return format!("# Run this in {source}.\nsource=.\n");
    }
    format!(
        "# Run this in a clone of {source}.\n\
         source=$(mktemp -d)\n\
         trap 'rm -rf \"$source\"' EXIT\n\
         git archive --format=tar --output=\"$source.tar\" {commit}\n\
         tar -x -f \"$source.tar\" -C \"$source\"\n\
         rm \"$source.tar\"\n",
        commit = build.commit
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(method: Method) -> Build {
        Build {
            stage: "anet-dev".parse().expect("a stage"),
            image: "my-env".parse().expect("a name"),
            description: "It's new; $(rm -rf /)".to_owned(),
            tags: "'why=a b' 'team=x=y'".parse().expect("tags"),
            layer: "litserve".to_owned(),
            repository: "ml".to_owned(),
            commit: "1f2e3d4c5b6a79880011223344556677889900aa".to_owned(),
            subject: String::new(),
            committed: None,
            reference: None,
            release: None,
            dockerfile: "docker/Dockerfile".to_owned(),
            context: String::new(),
            method,
            can_deploy: false,
            deploys: None,
            repeats: None,
        }
    }

    fn workspace() -> Workspace {
        Workspace {
            subscription: "s".to_owned(),
            resource_group: "my group".to_owned(),
            name: "w".to_owned(),
        }
    }

    #[test]
    fn a_registry_build_pushes_both_tags_and_registers_the_digest() {
        let workspace = workspace();
        let acr = Login { name: "cranet", server: "cranet.azurecr.io" };
        let around = Around {
            workspace: &workspace,
            registry: Some(acr),
            source: "https://github.com/anet/ml",
            github: Some("anet/ml"),
        };
        let pinned = Method::Registry { untagged: false, timeout_minutes: 60 };
        let text = commands(&build(pinned), &around).expect("commands").text;
        let commit = "1f2e3d4c5b6a79880011223344556677889900aa";
        for part in [
            format!("git archive --format=tar --output=\"$source.tar\" {commit}\n"),
            format!(
                "az acr build --subscription s --registry cranet --image my-env:{commit} --image my-env:latest --target \
                 litserve --file docker/Dockerfile --timeout 3600 \"$source\"\n"
            ),
            format!("--image my-env:{commit} --query digest"),
            "--image cranet.azurecr.io/my-env\"@$digest\" --description 'It'\\''s new; $(rm -rf /)' --tags team=x=y 'why=a b' \
             --subscription s --resource-group 'my group' --workspace-name w\n"
                .to_owned(),
        ] {
            assert!(text.contains(&part), "{part}\nis not in\n{text}");
        }
        let untagged = Method::Registry { untagged: true, timeout_minutes: 1 };
        let text = commands(&build(untagged), &around).expect("commands").text;
        assert!(text.contains("--image cranet.azurecr.io/my-env --description"), "{text}");
        let none = Around { registry: None, ..around };
        let pinned = Method::Registry { untagged: false, timeout_minutes: 60 };
        assert_eq!(commands(&build(pinned), &none), None);
    }

    #[test]
    fn a_workflow_is_dispatched_with_its_inputs() {
        let workspace = workspace();
        let around = Around {
            workspace: &workspace,
            registry: None,
            source: "https://github.com/anet/ml",
            github: Some("anet/ml"),
        };
        let method = Method::Workflow {
            file: "deploy.yml".to_owned(),
            on: "main".to_owned(),
            inputs: vec![("why".to_owned(), "a b".to_owned())],
            rerun: None,
        };
        let text = commands(&build(method), &around).expect("commands").text;
        let command = "gh workflow run deploy.yml --repo anet/ml --ref main -f 'why=a b'\n";
        assert!(text.ends_with(command), "{text}");
    }
}
