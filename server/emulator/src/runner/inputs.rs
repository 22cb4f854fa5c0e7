//! The inputs of the templates' `build.yml`, and the infra file that they name.

use std::collections::BTreeMap;

/// The largest infra file; the teams' files have one kilobyte.
const INFRA_BYTES_MAX: usize = 64 * 1024;
/// The longest name of an image's repository (distribution specification).
const NAME_CHARS_MAX: usize = 255;

/// What to build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildInputs {
    pub environment: String,
    pub config_file: String,
    /// The name of the Azure ML environment and of the image's repository.
    pub name: String,
    pub description: String,
    pub target: String,
    pub tags: BTreeMap<String, String>,
}

impl BuildInputs {
    /// Reads the inputs of a call.
    ///
    /// # Errors
    /// The input that is missing or wrong, in a sentence.
    pub fn read(with: &BTreeMap<String, String>) -> Result<Self, String> {
        let get = |name: &str| {
            let given = with.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
            given
                .map(str::to_owned)
                .ok_or_else(|| format!("Input {name} is required, and is empty."))
        };
        let name = get("ml_env_name")?;
        let is_legal = name.len() <= NAME_CHARS_MAX
            && name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c));
        if !is_legal {
            return Err(format!(
                "invalid reference format: the image name {name:?} must consist of lower-case letters, digits, '-', \
                 '_' and '.'."
            ));
        }
        Ok(Self {
            environment: get("environment")?,
            config_file: get("environment_config_file")?,
            name,
            description: get("ml_env_description")?,
            target: get("target_layer")?,
            tags: tags(&get("tags")?)?,
        })
    }
}

/// `'team=data' "why=it's new" plain=x`: words as a shell splits them, each with a `=`.
fn tags(text: &str) -> Result<BTreeMap<String, String>, String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for letter in text.chars() {
        match (letter, quote) {
            (_, Some(open)) if letter == open => quote = None,
            ('\'' | '"', None) => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (_, None) if letter.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(letter),
        }
    }
    if let Some(open) = quote {
        return Err(format!("Input tags has a {open} without its counterpart: {text}"));
    }
    words.extend(word);
    let pair = |word: String| match word.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err(format!("Input tags has {word:?}, which is not of the form key=value.")),
    };
    words.into_iter().map(pair).collect()
}

/// The name of the stage's workspace, which the templates derive for a build whatever `aml_workspace` says.
///
/// # Errors
/// Why the file names no workspace.
pub fn workspace(file: &str, text: Option<&str>) -> Result<String, String> {
    #[derive(serde::Deserialize)]
    struct Infra {
        variables: BTreeMap<String, String>,
    }
    let text = text.ok_or_else(|| format!("{file}: No such file or directory"))?;
    if text.len() > INFRA_BYTES_MAX {
        return Err(format!("{file} is larger than {INFRA_BYTES_MAX} bytes."));
    }
    // As texts, so that 0001 stays 0001.
    let infra: Infra = serde_yaml::from_str(text).map_err(|error| format!("{file}: {error}"))?;
    let get = |name: &str| {
        let value = infra.variables.get(name).filter(|text| !text.is_empty());
        value.ok_or_else(|| format!("{file} has no {name}."))
    };
    Ok(format!("mlw-{}-{}{}", get("namespace")?, get("postfix")?, get("environment")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_words_as_a_shell_splits_them() {
        let read = |text: &str| {
            tags(text)
                .map(|all| all.into_iter().map(|(k, v)| format!("{k}:{v}")).collect::<Vec<_>>())
        };
        let expected = ["a:1", "b:x y", "c:it's", "d:p=q"].map(str::to_owned).to_vec();
        assert_eq!(read("'a=1'  'b=x y'\n\"c=it's\" d=p=q"), Ok(expected));
        assert_eq!(read("team='data science'"), Ok(vec!["team:data science".to_owned()]));
        for broken in ["'a=1", "a", "=x"] {
            assert!(read(broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn the_workspace_is_derived_whatever_the_file_says() {
        let text = "variables:\n  namespace: anet\n  postfix: 0001\n  environment: dev\n  aml_workspace: other\n  on: \
                    true\n";
        assert_eq!(workspace("x.yml", Some(text)).as_deref(), Ok("mlw-anet-0001dev"));
        for (text, part) in [
            (None, "No such file"),
            (Some("variables: {namespace: a, postfix: 1}"), "no environment"),
            (Some("variables: [1]"), "x.yml"),
            (Some("x: 1"), "variables"),
        ] {
            let refused = workspace("x.yml", text).expect_err(part);
            assert!(refused.contains(part), "{refused}");
        }
    }

    #[test]
    fn every_input_is_required() {
        let all: BTreeMap<String, String> = [
            ("environment", "anet-dev"),
            ("environment_config_file", "c.yml"),
            ("ml_env_name", "env"),
            ("ml_env_description", "d"),
            ("target_layer", "litserve"),
            ("tags", "a=1"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        assert!(BuildInputs::read(&all).is_ok());
        for name in all.keys() {
            let mut one = all.clone();
            one.insert(name.clone(), " ".to_owned());
            let refused = BuildInputs::read(&one).expect_err(name);
            assert!(refused.contains(name.as_str()), "{refused}");
        }
        let mut one = all;
        one.insert("ml_env_name".to_owned(), "Upper/../x".to_owned());
        assert!(BuildInputs::read(&one).is_err());
    }
}
