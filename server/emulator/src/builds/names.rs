//! Names of images in a request: the variables that ACR replaces in them, and what they then name.

use images::{is_repository, is_tag};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use super::kept::{Image, run_id};

/// `{{.Run.Date}}`
const DATE: &[BorrowedFormatItem<'_>] =
    format_description!("[year][month][day]-[hour][minute][second]z");

/// What the variables stand for.
#[derive(Clone, Copy, Debug)]
pub struct Values<'a> {
    pub number: u64,
    pub login_server: &'a str,
    pub registry: &'a str,
    pub architecture: &'a str,
    pub now: OffsetDateTime,
}

impl Values<'_> {
    fn of(&self, variable: &str) -> Option<String> {
        Some(match variable {
            ".Run.ID" => run_id(self.number),
            ".Run.Registry" => self.login_server.to_owned(),
            ".Run.RegistryName" => self.registry.to_owned(),
            ".Run.Date" => self.now.format(DATE).ok()?,
            ".Run.OS" => "linux".to_owned(),
            ".Run.Architecture" => self.architecture.to_owned(),
            _ => return None,
        })
    }

    /// Replaces every `{{…}}`.
    fn replaced(&self, text: &str) -> Result<String, String> {
        let (mut out, mut rest) = (String::new(), text);
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((variable, after)) = after.split_once("}}") else {
                return Err(format!("the image name [{text}] has {{{{ without }}}}"));
            };
            let value = self.of(variable.trim()).ok_or_else(|| {
                format!(
                    "the image name [{text}] has the variable {}, which a quick build does not have; it has \
                     .Run.ID, .Run.Registry, .Run.RegistryName, .Run.Date, .Run.OS and .Run.Architecture",
                    variable.trim()
                )
            })?;
            out.push_str(before);
            out.push_str(&value);
            rest = after;
        }
        out.push_str(rest);
        Ok(out)
    }

    /// The image that a name of a request stands for. A name may begin with this registry's host; without a tag
    /// it means `latest`.
    ///
    /// # Errors
    /// The broken rule.
    pub fn image(&self, name: &str) -> Result<Image, String> {
        let full = self.replaced(name)?;
        let own = format!("{}/", self.login_server);
        let rest = full.strip_prefix(&own).unwrap_or(&full);
        let (repository, tag) = match rest.rsplit_once(':') {
            Some((repository, tag)) if !tag.contains('/') => (repository, tag),
            _ => (rest, "latest"),
        };
        if !is_repository(repository) {
            return Err(format!(
                "the image name [{name}] is not valid: a repository has lower-case letters, digits, single \
                 separators (. _ -) and slashes, and this registry pushes to itself only"
            ));
        }
        if !is_tag(tag) {
            return Err(format!(
                "the image name [{name}] is not valid: a tag has at most 128 letters, digits and \
                 . _ -, and begins with a letter, a digit or _"
            ));
        }
        Ok(Image { repository: repository.to_owned(), tag: tag.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    fn image(name: &str) -> Result<(String, String), String> {
        let values = Values {
            number: 7,
            login_server: "127.0.0.1:8790",
            registry: "cranet0001",
            architecture: "amd64",
            now: datetime!(2026-01-02 03:04:05 UTC),
        };
        values.image(name).map(|image| (image.repository, image.tag))
    }

    #[test]
    fn names_have_a_repository_and_a_tag() {
        let check = |name: &str, repository: &str, tag: &str| {
            assert_eq!(image(name), Ok((repository.to_owned(), tag.to_owned())), "{name}");
        };
        check("app:1", "app", "1");
        check("team/ml-azua__env.x/litserve:V_1.0-a", "team/ml-azua__env.x/litserve", "V_1.0-a");
        check("app", "app", "latest");
        check("127.0.0.1:8790/app:1", "app", "1");
    }

    #[test]
    fn variables_are_replaced() {
        let check = |name: &str, tag: &str| {
            assert_eq!(image(name).map(|(_, tag)| tag).as_deref(), Ok(tag), "{name}");
        };
        check("app:{{.Run.ID}}", "cb7");
        check("app:{{ .Run.ID }}-{{.Run.Architecture}}", "cb7-amd64");
        check("{{.Run.Registry}}/app:{{.Run.Date}}", "20260102-030405z");
    }

    #[test]
    fn invalid_names_are_refused_with_the_rule() {
        for name in [
            "",
            ":1",
            "App:1",
            "app:",
            "app:-1",
            "a b:1",
            "app:a b",
            "/app:1",
            "app/:1",
            "a..b:1",
            "a/../b:1",
            "app:'1'",
            "app:a=b",
            "other.example/App:1",
            "app:{{.Values.x}}",
            "app:{{.Run.ID",
            "-app:1",
        ] {
            let refused = image(name).expect_err(name);
            assert!(refused.contains(&format!("[{name}]")), "{refused}");
        }
        assert!(image(&format!("{}:1", "a".repeat(256))).is_err());
        assert!(image(&format!("a:{}", "1".repeat(129))).is_err());
    }
}
