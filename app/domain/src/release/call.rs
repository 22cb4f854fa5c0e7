//! A job's `uses:`: `owner/repository/.github/workflows/file.yml@v2.2.4`, or a file of the same repository.

use super::contract::{Declared, OTHERS, Other};
use super::input::{Given, Inputs, shortened};
use super::note::{Note, Weight};
use super::origin::Origin;
use super::version::{Edition, Form, Known, LATEST, OLDEST, PRIME, Tag, TemplateVersion};
use super::{Template, deploy};

/// The parts of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call<'a> {
    /// `owner/repository`; `None` for the job's own repository.
    pub repository: Option<&'a str>,
    /// The file's name in `.github/workflows`.
    pub file: &'a str,
    /// The reference after the `@`.
    pub reference: Option<&'a str>,
}

impl<'a> Call<'a> {
    /// Parses a job's `uses:`. Returns `None` unless it names a file in `.github/workflows`.
    #[must_use]
    pub fn read(uses: &'a str) -> Option<Self> {
        let uses = uses.trim();
        let (path, reference) = match uses.split_once('@') {
            Some((path, reference)) => (path, Some(reference)),
            None => (uses, None),
        };
        let (folder, file) = path.rsplit_once('/')?;
        let above = folder.strip_suffix(".github/workflows")?;
        let repository = match above.strip_suffix('/') {
            Some("." | "") => None,
            Some(above) => Some(above),
            None if above.is_empty() => None,
            None => return None,
        };
        Some(Self { repository, file, reference })
    }

    /// The template that the call names, ignoring case. GitHub does not find a file whose case differs;
    /// the checks of the call report that.
    #[must_use]
    pub fn template(&self) -> Option<Template> {
        let all = [Template::Build, Template::DeployRealtime];
        all.into_iter().find(|template| template.file().eq_ignore_ascii_case(self.file))
    }

    /// The called workflow, if it belongs to the templates but the console does not run it.
    #[must_use]
    pub fn other(&self) -> Option<&'static Other> {
        OTHERS.iter().find(|other| other.file == self.file)
    }

    /// The tag in the call, without `refs/tags/`.
    #[must_use]
    pub fn tag(&self) -> Option<&'a str> {
        let reference = self.reference?;
        Some(reference.strip_prefix("refs/tags/").unwrap_or(reference))
    }
}

/// The edition of a tag in the table.
#[must_use]
pub fn edition_of(tag: &str) -> Option<Edition> {
    if tag == PRIME {
        return Some(Edition::Prime);
    }
    let tag: Tag = tag.parse().ok()?;
    (OLDEST..=LATEST).contains(&tag).then_some(Edition::Tagged(tag))
}

/// Determines the version that a call names. `declared`: the inputs that the called workflow declares, if readable.
#[must_use]
pub fn version(
    uses: &str,
    template: Template,
    inputs: &Inputs,
    declared: Option<&[Declared]>,
) -> TemplateVersion {
    let call = Call::read(uses);
    let tag = call.and_then(|call| call.tag());
    let reference = tag.map(str::to_owned);
    let named = tag.and_then(edition_of);
    let (edition, known) = match (named, declared) {
        (Some(edition), _) => (edition, Known::Named),
        (None, Some(declared)) => (of_declared(template, declared), Known::Read),
        (None, None) => (guessed(template, inputs), Known::Guessed),
    };
    // A call that gives only first-form inputs is read in the first form, whatever version it names.
    let is_first = template == Template::DeployRealtime && deploy::speaks_first_form(inputs);
    let edition = if is_first { Edition::FirstForm } else { edition };
    TemplateVersion { reference, edition, known }
}

/// The edition that matches the inputs of a called workflow.
fn of_declared(template: Template, declared: &[Declared]) -> Edition {
    let has = |key: &str| declared.iter().any(|one| one.key.eq_ignore_ascii_case(key));
    let tagged = |major, minor, patch| Edition::Tagged(Tag::new(major, minor, patch));
    match template {
        Template::Build if has("templates_repo_ref") => Edition::Tagged(LATEST),
        Template::Build => Edition::Prime,
        Template::DeployRealtime if !has("deploy_blue") => Edition::FirstForm,
        Template::DeployRealtime if has("enable_queue_logging") => Edition::Tagged(LATEST),
        Template::DeployRealtime if has("ml_env_name") => tagged(1, 0, 3),
        Template::DeployRealtime if has("templates_repo_ref") => tagged(1, 0, 0),
        Template::DeployRealtime => Edition::Prime,
    }
}

/// Guesses the edition of a call that names none: from `templates_repo_ref`, or the newest of the call's form.
fn guessed(template: Template, inputs: &Inputs) -> Edition {
    let again = inputs.get("templates_repo_ref").map(|input| &input.given);
    let again = match again {
        Some(Given::Text(tag)) => edition_of(tag.trim()),
        _ => None,
    };
    let is_first = match template {
        Template::Build => again.is_none() && inputs.get("templates_repo_ref").is_none(),
        Template::DeployRealtime => !deploy::speaks_blue_green(inputs),
    };
    match again {
        Some(edition) => edition,
        None if is_first => Edition::FirstForm,
        None => Edition::Tagged(LATEST),
    }
}

/// A warning if the version that a call names does not fit its inputs or is unknown.
#[must_use]
pub fn note(
    origin: &Origin,
    template: Template,
    inputs: &Inputs,
    version: &TemplateVersion,
) -> Option<Note> {
    let file = template.file();
    let form = match version.form() {
        _ if template == Template::Build => String::new(),
        Form::First => {
            " The console reads the call in the form before the first tag, primary and shadow."
                .to_owned()
        }
        Form::BlueGreen => {
            format!(" The console reads the call as blue and green of {}.", version.edition)
        }
    };
    let shown = version.reference.as_deref().map(shortened).unwrap_or_default();
    let is_blue_green = version.reference.as_deref().and_then(edition_of).is_some();
    let message = match version.known {
        Known::Named
            if is_blue_green && version.form() == Form::First && template != Template::Build =>
        {
            let keys = deploy::first_form_of(inputs).join(", ");
            format!(
                "The call names {shown}, whose {file} has blue and green, but gives inputs of the earlier form \
                 ({keys}): GitHub rejects the call as it is.{form}"
            )
        }
        Known::Named | Known::Read => return None,
        Known::Guessed if version.reference.is_none() => {
            format!(
                "The console could not read the called {file}, so its version is unknown.{form}"
            )
        }
        Known::Guessed => format!(
            "The call names {shown}, which is not a known version of the templates ({PRIME}, {OLDEST} \
             to {LATEST}).{form}"
        ),
    };
    let (key, line) = ("uses".to_owned(), origin.line);
    // A named version is reported only if its inputs do not fit the call.
    let weight = if version.known == Known::Guessed { Weight::Warning } else { Weight::Refused };
    Some(Note { weight, key, line, message })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version_of(uses: &str, inputs: &[(&str, Given)]) -> (Edition, Known) {
        let inputs = inputs.iter().map(|(key, given)| ((*key).to_owned(), given.clone())).collect();
        let version = version(uses, Template::DeployRealtime, &inputs, None);
        (version.edition, version.known)
    }

    #[test]
    fn a_call_is_parsed() {
        let call = |repository, file, reference| Some(Call { repository, file, reference });
        for (uses, expected) in [
            (
                "o/r/.github/workflows/build.yml@v1.0.0",
                call(Some("o/r"), "build.yml", Some("v1.0.0")),
            ),
            ("./.github/workflows/build.yml", call(None, "build.yml", None)),
            (" .github/workflows/build.yml ", call(None, "build.yml", None)),
            ("o/r/.github/workflows/a.yml@", call(Some("o/r"), "a.yml", Some(""))),
            ("o/r/workflows/build.yml@main", None),
            ("actions/checkout@v4", None),
            ("x.github/workflows/build.yml", None),
            ("", None),
        ] {
            assert_eq!(Call::read(uses), expected, "{uses}");
        }
    }

    #[test]
    fn the_tag_that_a_call_names_decides_its_version() {
        let at = |reference: &str| format!("E/t/.github/workflows/deploy_realtime.yml@{reference}");
        let colours = [("deploy_blue", Given::Bool(false))];
        let tagged = |tag: &str| Edition::Tagged(tag.parse().expect(tag));
        for (reference, edition, known) in [
            ("v2.2.4", tagged("v2.2.4"), Known::Named),
            ("refs/tags/v1.0.5", tagged("v1.0.5"), Known::Named),
            ("v1.7.0", tagged("v1.7.0"), Known::Named),
            (PRIME, Edition::Prime, Known::Named),
            ("v2.2.4-rc1", tagged("v2.2.4"), Known::Guessed),
            ("V2.2.4", tagged("v2.2.4"), Known::Guessed),
            ("v3.0.0", tagged("v2.2.4"), Known::Guessed),
            ("v2", tagged("v2.2.4"), Known::Guessed),
            ("refs/heads/v1.0.5", tagged("v2.2.4"), Known::Guessed),
            ("main", tagged("v2.2.4"), Known::Guessed),
        ] {
            assert_eq!(version_of(&at(reference), &colours), (edition, known), "{reference}");
        }
        let again = [colours[0].clone(), ("templates_repo_ref", Given::text("v1.0.3"))];
        assert_eq!(version_of(&at(&"a".repeat(40)), &again), (tagged("v1.0.3"), Known::Guessed));
        assert_eq!(version_of(&at("main"), &[]), (Edition::FirstForm, Known::Guessed));
    }

    #[test]
    fn a_version_has_its_features() {
        let of = |tag: &str| TemplateVersion {
            reference: None,
            edition: Edition::Tagged(tag.parse().expect(tag)),
            known: Known::Named,
        };
        let does = |tag: &str| {
            let of = of(tag);
            (of.builds_first(), of.sets_queue_logging(), of.sets_build_sha())
        };
        assert_eq!(does("v1.0.0"), (false, false, false));
        assert_eq!(does("v1.0.3"), (true, false, false));
        assert_eq!(does("v1.0.5"), (true, true, false));
        assert_eq!(does("v2.2.1"), (true, true, true));
    }
}
