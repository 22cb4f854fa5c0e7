//! Finds the line of a locustfile that made Locust fail.

use std::path::Path;

use crate::failure::LoadFailure;
use crate::plan::LocustPlan;

/// A failure of the locustfile as a whole.
pub(super) fn script(plan: &LocustPlan, error: &str, advice: &str) -> LoadFailure {
    LoadFailure::Script {
        file: plan.main.clone(),
        line: None,
        quoted: String::new(),
        error: error.to_owned(),
        advice: advice.to_owned(),
    }
}

/// The failure that Locust's last lines show: Python's error, and the innermost line of the test's own files.
pub(super) fn failure(plan: &LocustPlan, files: &Path, lines: &[String]) -> LoadFailure {
    let prefix = format!("{}/", files.display());
    let innermost = lines.iter().rev().find_map(|line| frame(line, &prefix));
    let error = error(lines);
    let advice = advice(&error);
    let Some((file, number)) = innermost else { return script(plan, &error, &advice) };
    let text = std::fs::read(files.join(&file)).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let quoted = text.lines().nth(number.saturating_sub(1) as usize).unwrap_or_default();
    LoadFailure::Script {
        file,
        line: Some(number),
        quoted: quoted.trim().chars().take(200).collect(),
        error,
        advice,
    }
}

/// The file and line of `  File "…/files/a.py", line 3, in <module>`.
fn frame(line: &str, prefix: &str) -> Option<(String, u32)> {
    let rest = line.trim_start().strip_prefix("File \"")?.strip_prefix(prefix)?;
    let (file, rest) = rest.split_once("\", line ")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Some((file.to_owned(), digits.parse().ok()?))
}

/// Python writes the error after the last indented line of the traceback.
fn error(lines: &[String]) -> String {
    let is_error = |line: &&String| {
        let name = line.split(':').next().unwrap_or_default();
        let is_name = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_'));
        !name.is_empty() && is_name && name.starts_with(|c: char| c.is_alphabetic())
    };
    let begin = lines.iter().rposition(|line| line.starts_with("Traceback (most recent"));
    let after = begin.map_or(&[][..], |at| &lines[at + 1..]);
    let found = after.iter().filter(|line| !line.starts_with(' ')).find(is_error);
    found.or(lines.last()).cloned().unwrap_or_else(|| "it ended without a word".to_owned())
}

fn advice(error: &str) -> String {
    let module = error.split('\'').nth(1).unwrap_or("it");
    let text = match error.split(':').next().unwrap_or_default() {
        "ModuleNotFoundError" => {
            return format!(
                "Add the package of {module} to requirements.txt, or the file to the test"
            );
        }
        "SyntaxError" | "IndentationError" | "TabError" => {
            "Python cannot read the file: correct it"
        }
        "KeyError" => "If it is an environment variable, set it in the test's configuration",
        "FileNotFoundError" => "Add the file to the test's files",
        _ => "",
    };
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explained(source: &str, output: &str) -> LoadFailure {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.py"), source).unwrap();
        let plan = LocustPlan {
            folder: folder.path().to_owned(),
            main: "a.py".to_owned(),
            environment: Default::default(),
            secrets: Default::default(),
            users: None,
            spawn_rate: None,
            duration: None,
            split_csvs: false,
            host: None,
            environments: folder.path().to_owned(),
        };
        let lines = output.replace("FILES", &folder.path().display().to_string());
        let lines: Vec<String> = lines.lines().map(str::to_owned).collect();
        failure(&plan, folder.path(), &lines)
    }

    #[test]
    fn an_import_that_fails_is_quoted() {
        let output = "Traceback (most recent call last):\n  File \"/x/locust/main.py\", line 141, in f\n    load()\n  \
            File \"FILES/a.py\", line 2, in <module>\n    import nothere\nModuleNotFoundError: No module named 'nothere'\n";
        let text = explained("import os\nimport nothere\n", output).to_string();
        assert!(
            text.starts_with("a.py, line 2: ModuleNotFoundError: No module named 'nothere'"),
            "{text}"
        );
        assert!(
            text.contains("The line is `import nothere`") && text.contains("requirements.txt"),
            "{text}"
        );
    }

    #[test]
    fn a_file_that_does_not_parse_is_quoted() {
        let output = "Traceback (most recent call last):\n  File \"<frozen importlib>\", line 241, in g\n  \
            File \"FILES/a.py\", line 1\n    def x(:\n          ^\nSyntaxError: invalid syntax\n";
        let text = explained("def x(:\n", output).to_string();
        assert!(
            text.starts_with("a.py, line 1: SyntaxError: invalid syntax. The line is `def x(:`"),
            "{text}"
        );
    }

    #[test]
    fn what_is_no_traceback_is_quoted_as_it_is() {
        let text =
            explained("", "usage: locust\nlocust: error: argument -u: invalid\n").to_string();
        assert_eq!(text, "a.py: locust: error: argument -u: invalid");
        assert_eq!(explained("", "").to_string(), "a.py: it ended without a word");
    }
}
