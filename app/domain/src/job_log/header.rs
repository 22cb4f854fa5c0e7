//! The lines with which builders begin and end their steps.

/// The beginning of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Header<'a> {
    /// docker's `Step 3/9 : RUN …` and buildah's `STEP 3/9: RUN …`.
    Step,
    /// A line of BuildKit's step with this number, and the text after the number: `#7 [litserve 2/5] RUN …`. Steps run
    /// at the same time, and each of their lines has the number.
    Numbered(u32, &'a str),
    /// A step of an Azure Container Registry task.
    Task,
}

/// Most digits of the number of a BuildKit step.
const NUMBER_DIGITS_MAX: usize = 6;

/// Splits a number off a text.
fn number(text: &str) -> Option<(u32, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let number = text.get(..digits).filter(|_| (1..=NUMBER_DIGITS_MAX).contains(&digits))?;
    Some((number.parse().ok()?, text.get(digits..)?))
}

/// `3/9` and what follows.
fn fraction(text: &str) -> Option<&str> {
    let rest = number(text)?.1.strip_prefix('/')?;
    Some(number(rest)?.1)
}

fn is_docker(text: &str) -> bool {
    let rest = text.strip_prefix("Step ").and_then(fraction);
    rest.is_some_and(|rest| rest.starts_with(" : "))
}

/// With several stages buildah writes `[2/3] STEP 1/4: FROM …`; old versions write `STEP 1: FROM …`.
fn is_buildah(text: &str) -> bool {
    let stage = text.strip_prefix('[').and_then(fraction).and_then(|rest| rest.strip_prefix("] "));
    let Some(step) = stage.unwrap_or(text).strip_prefix("STEP ") else { return false };
    let rest = fraction(step).or_else(|| Some(number(step)?.1));
    rest.is_some_and(|rest| rest.starts_with(": "))
}

/// The header that a line is, if any.
pub(super) fn header(text: &str) -> Option<Header<'_>> {
    if let Some((number, rest)) = text.strip_prefix('#').and_then(number) {
        let rest = if rest.is_empty() { rest } else { rest.strip_prefix(' ')? };
        return Some(Header::Numbered(number, rest));
    }
    if text.starts_with("Executing step ID: ") {
        return Some(Header::Task);
    }
    (is_docker(text) || is_buildah(text)).then_some(Header::Step)
}

/// Whether a line of a BuildKit step, without the number, is the step's last one.
pub(super) fn ends_numbered(rest: &str) -> bool {
    rest == "CACHED"
        || rest == "CANCELED"
        || rest.starts_with("DONE ")
        || rest.starts_with("ERROR: ")
}

/// Whether a line follows the last step of docker or buildah.
pub(super) fn follows_steps(text: &str) -> bool {
    let after = [
        "Successfully built ",
        "Successfully tagged ",
        "COMMIT ",
        "Successfully executed container:",
        "Step ID: ",
    ];
    after.iter().any(|start| text.starts_with(start))
}

/// Whether a line is the last one of an Azure Container Registry step.
pub(super) fn ends_task(text: &str) -> bool {
    text.starts_with("Step ID: ") && text.contains(" marked as ")
}

/// Whether a line repeats an instruction of the Dockerfile, so that its words say nothing about the result.
#[must_use]
pub fn repeats_instruction(text: &str) -> bool {
    let is_numbered = match header(text) {
        Some(Header::Step) => true,
        Some(Header::Numbered(_, rest)) => rest.starts_with('['),
        Some(Header::Task) | None => false,
    };
    // BuildKit quotes the failed instruction: ` > [litserve 2/5] RUN …:` and `   8 | >>> RUN …`.
    let quotes = || {
        text.starts_with(" > [")
            || text.split_once(" | ").is_some_and(|(before, _)| {
                let number = before.trim();
                before.len() < 8
                    && !number.is_empty()
                    && number.bytes().all(|byte| byte.is_ascii_digit())
            })
    };
    is_numbered || quotes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_builder_begins_steps_in_its_own_way() {
        for (text, expected) in [
            ("Step 12 : COPY init-data", None),
            ("Step 3/9 : RUN make", Some(Header::Step)),
            ("STEP 3/9: RUN make", Some(Header::Step)),
            ("STEP 3: RUN make", Some(Header::Step)),
            ("[3/3] STEP 1/13: FROM scratch", Some(Header::Step)),
            ("#7 [litserve 2/5] RUN make", Some(Header::Numbered(7, "[litserve 2/5] RUN make"))),
            ("#7 DONE 0.0s", Some(Header::Numbered(7, "DONE 0.0s"))),
            ("#7", Some(Header::Numbered(7, ""))),
            ("Executing step ID: build. Timeout(sec): 28800", Some(Header::Task)),
            ("#hash", None),
            ("#", None),
            ("#1234567 x", None),
            ("#7x", None),
            ("STEP by step", None),
            ("[3/3 STEP 1/13: FROM", None),
            ("Steps 3/9 : x", None),
            ("", None),
        ] {
            assert_eq!(header(text), expected, "{text}");
        }
    }

    #[test]
    fn instructions_that_a_builder_repeats_are_no_results() {
        for text in [
            "#7 [litserve 2/5] RUN echo no space left on device",
            "Step 3/9 : RUN echo",
            " > [litserve 2/5] RUN echo:",
            "   8 | >>> RUN echo",
        ] {
            assert!(repeats_instruction(text), "{text}");
        }
        for text in [
            "#7 ERROR: no space left on device",
            "#7 1.2 text",
            "a | b",
            "long text before a | pipe",
        ] {
            assert!(!repeats_instruction(text), "{text}");
        }
    }
}
