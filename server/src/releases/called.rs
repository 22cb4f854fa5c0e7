//! Reads the inputs that a called workflow declares, in the same repository or in another one on GitHub.

use super::files::Files;
use super::source::{Error, Found};
use domain::release::call::Call;
use domain::release::contract::{Declared, Kind};
use domain::release::path::RepoPath;
use domain::repository::FILE_BYTES_MAX;
use spec::yaml::{self, Limits, Node};

/// What a called workflow says about its callers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Called {
    /// `None` when the workflow could not be read.
    pub inputs: Option<Vec<Declared>>,
    /// Why GitHub rejects the call.
    pub refused: Option<String>,
}

/// Reads the workflow that a job calls. A workflow that cannot be read yields neither inputs nor a refusal.
///
/// # Errors
/// When the repository cannot be read.
pub async fn read(files: &mut Files<'_>, uses: &str) -> Result<Called, Error> {
    let Some(call) = Call::read(uses) else { return Ok(Called::default()) };
    let path = format!(".github/workflows/{}", call.file);
    let Ok(path) = path.parse::<RepoPath>() else { return Ok(Called::default()) };
    let found = match (call.repository, call.reference) {
        (None, _) => files.get(&path).await?,
        (Some(repository), Some(reference)) => files.called(repository, &path, reference).await,
        (Some(_), None) => return Ok(Called::default()),
    };
    Ok(match found {
        Found::File(bytes) => of_file(path.as_str(), &bytes),
        Found::Nothing if call.repository.is_none() => {
            let refused =
                format!("there is no file {path} at this commit, so GitHub rejects the call");
            Called { inputs: None, refused: Some(refused) }
        }
        _ => Called::default(),
    })
}

fn of_file(path: &str, bytes: &[u8]) -> Called {
    let limits = Limits { bytes: FILE_BYTES_MAX, ..Limits::default() };
    // Errors in a workflow of the same repository are reported when that workflow itself is read.
    let Ok(root) = yaml::parse(path, bytes, limits) else { return Called::default() };
    let Some(on) = root.map().and_then(|root| root.get("on")) else { return Called::default() };
    let call = match on.map().map(|on| on.get("workflow_call")) {
        Some(Some(call)) => call,
        _ if names_it(on) => return Called { inputs: Some(Vec::new()), refused: None },
        _ => {
            let refused = format!("{path} has no on.workflow_call, so GitHub rejects the call");
            return Called { inputs: None, refused: Some(refused) };
        }
    };
    let inputs = call.map().and_then(|call| call.get("inputs")).and_then(Node::map);
    let inputs = inputs.map(|inputs| inputs.entries.iter().map(declared).collect());
    Called { inputs: Some(inputs.unwrap_or_default()), refused: None }
}

/// `on: workflow_call`, or `on: [push, workflow_call]`.
fn names_it(on: &Node) -> bool {
    let one = std::slice::from_ref(on);
    on.list().unwrap_or(one).iter().any(|event| event.text() == Some("workflow_call"))
}

fn declared(entry: &yaml::Entry) -> Declared {
    let said = |key: &str| entry.value.map()?.get(key)?.text();
    Declared {
        key: entry.key.text.clone(),
        kind: said("type").and_then(Kind::of_word).unwrap_or(Kind::Text),
        required: said("required").is_some_and(|required| required.eq_ignore_ascii_case("true")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inputs_of_a_called_workflow_are_read() {
        let text = "on:\n  workflow_call:\n    inputs:\n      deploy_blue: {type: boolean, default: false}\n      \
                    ring: {type: string, required: true}\n      wait: {type: number}\njobs: {}\n";
        let inputs = of_file("w.yml", text.as_bytes()).inputs.expect("inputs");
        let shown: Vec<_> =
            inputs.iter().map(|one| (one.key.as_str(), one.kind, one.required)).collect();
        assert_eq!(
            shown,
            [
                ("deploy_blue", Kind::Flag, false),
                ("ring", Kind::Text, true),
                ("wait", Kind::Number, false)
            ]
        );
        assert_eq!(of_file("w.yml", b"on: [push, workflow_call]\n").inputs, Some(vec![]));
        assert_eq!(of_file("w.yml", b"on: {workflow_call: }\n").inputs, Some(vec![]));
        let refused = of_file("w.yml", b"on: push\n").refused.unwrap_or_default();
        assert!(refused.contains("no on.workflow_call"), "{refused}");
        assert_eq!(of_file("w.yml", b"on: [\n"), Called::default());
    }
}
