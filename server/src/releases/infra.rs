//! Reads an infra configuration, and checks that it belongs to the stage of the release.

use super::problem::{at, of_file, of_input, of_spec, warning};
use domain::infra::{self, Infra, Named, Variable, Variables};
use domain::release::Template;
use domain::repository::{FILE_BYTES_MAX, FileNote, FileProblem};
use domain::stage::Stage;
use spec::yaml::{self, Limits, Map};

/// An infra configuration that was read.
#[derive(Debug)]
pub struct Read {
    pub infra: Infra,
    pub variables: Variables,
    /// Where the workflow would behave differently from the console.
    pub notes: Vec<FileNote>,
}

/// The variables that all names are derived from.
const PARTS: [&str; 3] = ["namespace", "postfix", "environment"];

/// Reads an infra configuration file as `template` would.
///
/// # Errors
/// All problems of the file.
pub fn read(path: &str, bytes: &[u8], template: Template) -> Result<Read, Vec<FileProblem>> {
    let limits = Limits { bytes: FILE_BYTES_MAX, ..Limits::default() };
    let root = yaml::parse(path, bytes, limits).map_err(|problem| vec![of_spec(problem)])?;
    let Some(node) = root.map().and_then(|root| root.get("variables")) else {
        let message =
            "an infra configuration needs “variables:” at its root. Put the names below it";
        return Err(vec![at(&root, "variables", message)]);
    };
    let Some(map) = node.map() else {
        let message = format!("variables: is {}, but must map names to values", node.kind());
        return Err(vec![at(node, "variables", message)]);
    };
    let mut problems = Vec::new();
    let mut variables = Variables::new();
    for entry in &map.entries {
        let key = &entry.key.text;
        match entry.value.text() {
            Some(text) => {
                // “~” is null, not a name. An empty variable counts as missing, but keeps its line.
                let text = if entry.value.is_null() { "" } else { text }.to_owned();
                variables.insert(key.clone(), Variable { text, line: Some(entry.at.line) });
            }
            None => {
                let kind = entry.value.kind();
                let message = format!("{key} is {kind}, but variables must be single values");
                problems.push(at(&entry.value, key, message));
            }
        }
    }
    match infra::read(&variables) {
        Ok(infra) if problems.is_empty() => {
            let infra = if template == Template::Build { infra.of_build() } else { infra };
            let mut notes = merged(path, root.map(), map);
            notes.extend(without_workspace(path, &infra, &variables, template));
            for note in infra.notes(&variables) {
                let about = FileProblem {
                    line: note.line,
                    field: Some(note.key),
                    ..of_file(path, note.message)
                };
                notes.push(FileNote { weight: note.weight, about });
            }
            Ok(Read { infra, variables, notes })
        }
        Ok(_) => Err(problems),
        Err(more) => {
            // A variable of the wrong kind is not reported as missing as well.
            let known: Vec<_> = problems.iter().filter_map(|one| one.field.clone()).collect();
            let more = more.into_iter().filter(|problem| !known.contains(&problem.key));
            problems.extend(more.map(|problem| of_input(path, problem)));
            Err(problems)
        }
    }
}

/// The templates ignore merge keys, so merged variables are empty for the workflow.
fn merged(path: &str, root: Option<&Map>, variables: &Map) -> Vec<FileNote> {
    let mut notes = Vec::new();
    for merge in root.iter().flat_map(|root| &root.merges).chain(&variables.merges) {
        let gone: Vec<&str> = merge.keys.iter().map(String::as_str).collect();
        let parts: Vec<_> = gone.iter().filter(|key| PARTS.contains(key)).copied().collect();
        let follows = if parts.is_empty() {
            String::new()
        } else {
            format!(" With {} empty, all names derived from them would be wrong.", parts.join(", "))
        };
        let message = format!(
            "the templates ignore merge keys (<<) in this file: unless they are also written here, {} would be \
             empty for the workflow.{follows} The console does read the merge key. Write the entries out.",
            if gone.is_empty() { "its entries".to_owned() } else { gone.join(", ") }
        );
        let about = of_spec(merge.at.problem("<<", message));
        notes.push(warning(FileProblem { file: path.to_owned(), ..about }));
    }
    notes
}

/// The deploy workflow never derives the workspace's name: without the key it runs with an empty one.
fn without_workspace(
    path: &str,
    infra: &Infra,
    variables: &Variables,
    template: Template,
) -> Option<FileNote> {
    const KEY: &str = "aml_workspace";
    let line = match variables.get(KEY) {
        _ if template != Template::DeployRealtime => return None,
        Some(given) if !given.text.trim().is_empty() => return None,
        given => given.and_then(|given| given.line),
    };
    let state = if variables.contains_key(KEY) { "empty" } else { "missing" };
    let message = format!(
        "{KEY} is {state}: the deploy workflow takes the workspace's name from this key, and would run with an empty \
         name. The console uses the derived name {}. Write {KEY}: mlw-$(namespace)-$(postfix)$(environment)",
        infra.workspace.name
    );
    Some(warning(FileProblem { line, field: Some(KEY.to_owned()), ..of_file(path, message) }))
}

/// Checks that the configuration names the workspace and resource group of the release's stage. Otherwise
/// changes to another stage would be planned under this stage's name.
#[must_use]
pub fn check_stage(
    path: &str,
    (infra, variables): (&Infra, &Variables),
    stage: &Stage,
    all: &[Stage],
) -> Vec<FileProblem> {
    let mut problems = Vec::new();
    let mut compare = |key: &str, what: &str, named: &Named, expected: &str, is_meant: bool| {
        if !is_meant || named.name.eq_ignore_ascii_case(expected) {
            return;
        }
        let whose = all.iter().find(|other| {
            other.name != stage.name && other.workspace.eq_ignore_ascii_case(&named.name)
        });
        let whose = whose.map(|other| format!(", which belongs to the stage {}", other.name));
        let line = variables.get(key).or_else(|| variables.get("environment"));
        let message = format!(
            "{key}: the {what} is {}{}, but the release is for the stage {}, whose {what} is {expected}. \
             Correct the file, or name the stage's own configuration",
            named.name,
            whose.unwrap_or_default(),
            stage.name
        );
        problems.push(FileProblem {
            line: line.and_then(|variable| variable.line),
            field: Some(key.to_owned()),
            ..of_file(path, message)
        });
    };
    compare("aml_workspace", "workspace", &infra.workspace, &stage.workspace, true);
    // Without the key the templates take the group from a secret, so the derived name may be wrong.
    let group = &infra.resource_group;
    compare("resource_group", "resource group", group, &stage.resource_group, !group.derived);
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "variables:\n  namespace: anet\n  postfix: 0001\n  environment: dev\n  \
                        aml_workspace: mlw-$(namespace)-$(postfix)$(environment)\n";

    fn stage(name: &str, workspace: &str) -> Stage {
        Stage {
            name: name.parse().expect("a name"),
            subscription: String::new(),
            resource_group: "anet-0001".to_owned(),
            workspace: workspace.to_owned(),
            protected: false,
        }
    }

    fn stages() -> [Stage; 2] {
        [stage("anet-dev", "mlw-anet-0001dev"), stage("anet-prod", "mlw-anet-0001prod")]
    }

    #[track_caller]
    fn good(text: &str) -> Read {
        read("infra.yml", text.as_bytes(), Template::DeployRealtime).expect("it is good")
    }

    #[test]
    fn differences_from_the_workflow_are_notes_with_their_lines() {
        let merged =
            "x: &x\n  namespace: anet\n  postfix: 0001\nvariables:\n  <<: *x\n  environment: dev\n";
        let notes = good(merged).notes;
        let places: Vec<_> = notes.iter().map(|note| note.about.place()).collect();
        assert_eq!(places, ["infra.yml:5:3", "infra.yml"]);
        assert!(
            notes[0].about.message.contains("namespace, postfix would be empty for the workflow")
        );
        assert!(
            notes[1].about.message.starts_with("aml_workspace is missing: the deploy workflow")
        );
        let build = read("infra.yml", merged.as_bytes(), Template::Build).expect("it is good");
        assert_eq!(build.notes.len(), 1, "a build derives the workspace");
    }

    #[track_caller]
    fn refused(text: &[u8], line: Option<u32>, part: &str) {
        let problems = read("infra.yml", text, Template::DeployRealtime).expect_err("refused");
        let found = problems.iter().any(|problem| {
            problem.line == line && problem.file == "infra.yml" && problem.message.contains(part)
        });
        assert!(found, "{line:?} {part}: {problems:?}");
    }

    #[test]
    fn scalars_stay_strings_and_other_names_are_derived() {
        let Read { infra, variables, notes } = good(GOOD);
        assert_eq!(notes, []);
        assert_eq!(infra.postfix, "0001");
        assert_eq!(infra.workspace.name, "mlw-anet-0001dev");
        assert!(infra.workspace.derived);
        assert_eq!(variables["postfix"].line, Some(3));
        let crlf = format!("\u{feff}{}", GOOD.replace('\n', "\r\n"));
        assert_eq!(good(&crlf).infra, infra);
    }

    #[test]
    fn bad_files_are_refused_at_their_line() {
        refused(b"namespace: anet\n", Some(1), "needs “variables:” at its root");
        refused(b"variables: [1]\n", Some(1), "is a list");
        refused(b"variables:\n  namespace: [a]\n", Some(2), "single values");
        refused(b"variables:\n  namespace: a\n  namespace: b\n", Some(3), "twice");
        refused(b"variables:\n\tnamespace: a\n", Some(2), "tab");
        refused(b"variables:\n  x: \xff\n", Some(2), "UTF-8");
        refused(b"variables:\n  namespace: anet\n", None, "postfix is missing");
        refused(b"variables:\n  namespace: a\n  postfix:\n", Some(3), "postfix is empty");
        refused(b"variables:\n  namespace: a\n  postfix: ''\n", Some(3), "postfix is empty");
        let problems = read(
            "infra.yml",
            b"variables:\n  namespace: a\n  postfix: '1'\n  environment: [dev]\n",
            Template::DeployRealtime,
        );
        let problems = problems.expect_err("refused");
        assert!(problems.len() == 1 && problems[0].line == Some(4), "{problems:?}");
        refused(&vec![b'#'; FILE_BYTES_MAX + 1], Some(1), "which is the limit");
    }

    #[test]
    fn a_configuration_of_another_stage_is_refused() {
        let all = stages();
        let check = |text: &str, stage: &Stage| {
            let Read { infra, variables, .. } = good(text);
            check_stage("infra.yml", (&infra, &variables), stage, &all)
        };
        assert_eq!(check(GOOD, &all[0]), []);
        let problems = check(GOOD, &all[1]);
        let [problem] = problems.as_slice() else { panic!("{problems:?}") };
        assert_eq!((problem.line, problem.field.as_deref()), (Some(5), Some("aml_workspace")));
        assert!(
            problem.message.contains("which belongs to the stage anet-dev"),
            "{}",
            problem.message
        );
        assert!(problem.message.contains("is for the stage anet-prod"), "{}", problem.message);
        let group = format!("{GOOD}  resource_group: other\n");
        assert!(check(&group, &all[0])[0].message.contains("resource group is other"));
        let derived = format!("{GOOD}  resource_group: rg-$(namespace)\n");
        assert_eq!(check(&derived, &all[0]), []);
    }
}
