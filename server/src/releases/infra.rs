//! An infra configuration: its file to variables, and whether it belongs to the stage that names it.

use super::problem::{at, of_file, of_input, of_spec};
use app::domain::infra::{self, Infra, Named, Variable, Variables};
use app::domain::repository::{FILE_BYTES_MAX, FileProblem};
use app::domain::stage::Stage;
use spec::yaml::{self, Limits};

/// Reads an infra configuration file.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read(path: &str, bytes: &[u8]) -> Result<(Infra, Variables), Vec<FileProblem>> {
    let limits = Limits { bytes: FILE_BYTES_MAX, ..Limits::default() };
    let root = yaml::parse(path, bytes, limits).map_err(|problem| vec![of_spec(problem)])?;
    let Some(node) = root.map().and_then(|root| root.get("variables")) else {
        let message = "an infra configuration has “variables:” at its root. Put the names below it";
        return Err(vec![at(&root, "variables", message)]);
    };
    let Some(map) = node.map() else {
        let message = format!("variables: is {}; it must map names to values", node.kind());
        return Err(vec![at(node, "variables", message)]);
    };
    let mut problems = Vec::new();
    let mut variables = Variables::new();
    for entry in &map.entries {
        let key = &entry.key.text;
        match entry.value.text() {
            Some(text) => {
                // “~” is a null, not a name. Nothing is the same as nothing given, but it has a line.
                let text = if entry.value.is_null() { "" } else { text }.to_owned();
                variables.insert(key.clone(), Variable { text, line: Some(entry.at.line) });
            }
            None => {
                let kind = entry.value.kind();
                let message = format!("{key} is {kind}; variables are single values");
                problems.push(at(&entry.value, key, message));
            }
        }
    }
    match infra::read(&variables) {
        Ok(infra) if problems.is_empty() => Ok((infra, variables)),
        Ok(_) => Err(problems),
        Err(more) => {
            // What is of the wrong kind is not missing, too.
            let told: Vec<_> = problems.iter().filter_map(|one| one.field.clone()).collect();
            let more = more.into_iter().filter(|problem| !told.contains(&problem.key));
            problems.extend(more.map(|problem| of_input(path, problem)));
            Err(problems)
        }
    }
}

/// Whether the configuration leads to the workspace of the stage that the release is for. One that leads to
/// another stage would plan changes there under the wrong name.
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
        let whose = whose.map(|other| format!(", which is the stage {}", other.name));
        let line = variables.get(key).or_else(|| variables.get("environment"));
        let message = format!(
            "{key}: the {what} is {}{}, but the release is for the stage {}, whose {what} is {expected}. \
             Correct the file, or name the stage's own",
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
    // The templates take a group that is not given from a secret: the derived one need not be right.
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
    fn refused(text: &[u8], line: Option<u32>, part: &str) {
        let problems = read("infra.yml", text).expect_err("refused");
        let found = problems.iter().any(|problem| {
            problem.line == line && problem.file == "infra.yml" && problem.message.contains(part)
        });
        assert!(found, "{line:?} {part}: {problems:?}");
    }

    #[test]
    fn scalars_stay_texts_and_the_rest_is_derived() {
        let (infra, variables) = read("infra.yml", GOOD.as_bytes()).expect("it is good");
        assert_eq!(infra.postfix, "0001");
        assert_eq!(infra.workspace.name, "mlw-anet-0001dev");
        assert!(infra.workspace.derived);
        assert_eq!(variables["postfix"].line, Some(3));
        let crlf = format!("\u{feff}{}", GOOD.replace('\n', "\r\n"));
        assert_eq!(read("infra.yml", crlf.as_bytes()).expect("it is good").0, infra);
    }

    #[test]
    fn bad_files_are_refused_at_their_line() {
        refused(b"namespace: anet\n", Some(1), "has “variables:” at its root");
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
        );
        let problems = problems.expect_err("refused");
        assert!(problems.len() == 1 && problems[0].line == Some(4), "{problems:?}");
        refused(&vec![b'#'; FILE_BYTES_MAX + 1], Some(1), "are the most");
    }

    #[test]
    fn a_configuration_of_another_stage_is_refused() {
        let all = stages();
        let check = |text: &str, stage: &Stage| {
            let (infra, variables) = read("infra.yml", text.as_bytes()).expect("it is good");
            check_stage("infra.yml", (&infra, &variables), stage, &all)
        };
        assert_eq!(check(GOOD, &all[0]), []);
        let problems = check(GOOD, &all[1]);
        let [problem] = problems.as_slice() else { panic!("{problems:?}") };
        assert_eq!((problem.line, problem.field.as_deref()), (Some(5), Some("aml_workspace")));
        assert!(problem.message.contains("which is the stage anet-dev"), "{}", problem.message);
        assert!(problem.message.contains("is for the stage anet-prod"), "{}", problem.message);
        let group = format!("{GOOD}  resource_group: other\n");
        assert!(check(&group, &all[0])[0].message.contains("resource group is other"));
        let derived = format!("{GOOD}  resource_group: rg-$(namespace)\n");
        assert_eq!(check(&derived, &all[0]), []);
    }
}
