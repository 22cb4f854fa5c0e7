//! Which stages of a Dockerfile a target needs, and in which order.

use std::collections::BTreeMap;

use parse_dockerfile::{Dockerfile, FromInstruction, Instruction, Stage};

use super::words::expand;
use crate::build::BuildFailure;

/// How many instructions are carried out at most, with those of all stages that the target needs.
const STEPS_MAX: usize = 1000;

/// The stages of a Dockerfile, with the values of its global arguments.
pub(super) struct Plan<'a, 't> {
    text: &'t str,
    escape: char,
    dockerfile: &'a Dockerfile<'t>,
    arguments: BTreeMap<String, String>,
}

impl<'a, 't> Plan<'a, 't> {
    pub(super) fn new(
        text: &'t str,
        dockerfile: &'a Dockerfile<'t>,
        given: &[(String, String)],
    ) -> Self {
        let mut arguments = BTreeMap::new();
        for argument in dockerfile.global_args() {
            for (name, default) in
                declared(&argument.arguments.value, &|name| arguments.get(name).cloned())
            {
                let given = given.iter().rev().find(|(given, _)| *given == name);
                if let Some(value) = given.map(|(_, value)| value.clone()).or(default) {
                    arguments.insert(name, value);
                }
            }
        }
        let escape =
            dockerfile.parser_directives.escape.as_ref().map_or('\\', |found| found.value.value);
        Self { text, escape, dockerfile, arguments }
    }

    /// The value of an argument declared before the first `FROM`.
    pub(super) fn argument(&self, name: &str) -> Option<String> {
        self.arguments.get(name).cloned()
    }

    pub(super) fn stages(&self) -> Vec<Stage<'t, 'a>> {
        self.dockerfile.stages().collect()
    }

    /// The image or stage that a stage begins with.
    pub(super) fn base(&self, from: &FromInstruction<'_>) -> String {
        expand(&from.image.value, &|name| self.argument(name))
    }

    /// The number of the target stage.
    pub(super) fn target(&self, target: Option<&str>) -> Result<usize, BuildFailure> {
        let stages = self.stages();
        let Some(target) = target.filter(|target| !target.is_empty()) else {
            return Ok(stages.len() - 1);
        };
        self.named(target, stages.len()).ok_or_else(|| {
            BuildFailure::because(format!("failed to reach build target {target} in Dockerfile"))
        })
    }

    /// The last stage before `end` with this name or number.
    pub(super) fn named(&self, name: &str, end: usize) -> Option<usize> {
        let stages = self.stages();
        let has_name = |stage: &Stage<'_, '_>| {
            stage.from.as_.as_ref().is_some_and(|(_, own)| own.value.eq_ignore_ascii_case(name))
        };
        let by_name = stages[..end].iter().rposition(has_name);
        by_name.or_else(|| name.parse().ok().filter(|number| *number < end))
    }

    /// A stage with all that it is built from, the first one first.
    pub(super) fn chain(&self, stage: usize) -> Vec<usize> {
        let stages = self.stages();
        let mut chain = vec![stage];
        let mut current = stage;
        // Each step leads to an earlier stage. A number means an image here.
        while let Some(parent) = self.named(&self.base(stages[current].from), current)
            && self.base(stages[current].from).parse::<usize>().is_err()
        {
            chain.push(parent);
            current = parent;
        }
        chain.reverse();
        chain
    }

    /// The stages whose trees are needed: those that `COPY --from` names, then the target.
    pub(super) fn needed(&self, target: usize) -> Result<Vec<usize>, BuildFailure> {
        let mut needed = Vec::new();
        self.need(target, &mut needed);
        let steps: usize = needed.iter().map(|stage| self.steps(*stage)).sum();
        if steps > STEPS_MAX {
            return Err(BuildFailure::because(format!(
                "the Dockerfile has {steps} steps; at most {STEPS_MAX} are carried out"
            )));
        }
        Ok(needed)
    }

    fn need(&self, stage: usize, needed: &mut Vec<usize>) {
        if needed.contains(&stage) {
            return;
        }
        let stages = self.stages();
        for member in self.chain(stage) {
            for instruction in stages[member].instructions {
                let from = source_stage(instruction);
                if let Some(from) = from.and_then(|from| self.named(&from, member)) {
                    self.need(from, needed);
                }
            }
        }
        needed.push(stage);
    }

    /// How many instructions a stage has, with those that it is built from.
    pub(super) fn steps(&self, stage: usize) -> usize {
        let stages = self.stages();
        self.chain(stage).iter().map(|member| 1 + stages[*member].instructions.len()).sum()
    }

    /// The text of an instruction in one line, as `docker build` shows it.
    pub(super) fn shown(&self, start: usize) -> String {
        let mut shown = String::new();
        for line in self.text[start..].lines() {
            if !shown.is_empty() && line.trim_start().starts_with('#') {
                continue;
            }
            match line.trim_end().strip_suffix(self.escape) {
                Some(part) => shown.push_str(part),
                None => {
                    shown.push_str(line.trim_end());
                    break;
                }
            }
        }
        shown
    }
}

/// The stage or image that a `COPY` copies from.
pub(super) fn source_stage(instruction: &Instruction<'_>) -> Option<String> {
    let Instruction::Copy(copy) = instruction else { return None };
    let flag = copy.options.iter().find(|flag| flag.name.value == "from")?;
    flag.value.as_ref().map(|value| value.value.trim_matches(['"', '\'']).to_owned())
}

/// The names that an `ARG` declares, with their defaults.
pub(super) fn declared(
    text: &str,
    lookup: super::words::Lookup<'_>,
) -> Vec<(String, Option<String>)> {
    let words = super::words::split(text, lookup).into_iter();
    let pair = |word: String| match word.split_once('=') {
        Some((name, default)) => (name.to_owned(), Some(default.to_owned())),
        None => (word, None),
    };
    words.map(pair).collect()
}

/// Where an instruction begins.
pub(super) fn start(instruction: &Instruction<'_>) -> usize {
    let keyword = match instruction {
        Instruction::Add(found) => &found.add,
        Instruction::Arg(found) => &found.arg,
        Instruction::Cmd(found) => &found.cmd,
        Instruction::Copy(found) => &found.copy,
        Instruction::Entrypoint(found) => &found.entrypoint,
        Instruction::Env(found) => &found.env,
        Instruction::Expose(found) => &found.expose,
        Instruction::From(found) => &found.from,
        Instruction::Healthcheck(found) => &found.healthcheck,
        Instruction::Label(found) => &found.label,
        Instruction::Maintainer(found) => &found.maintainer,
        Instruction::Onbuild(found) => &found.onbuild,
        Instruction::Run(found) => &found.run,
        Instruction::Shell(found) => &found.shell,
        Instruction::Stopsignal(found) => &found.stopsignal,
        Instruction::User(found) => &found.user,
        Instruction::Volume(found) => &found.volume,
        Instruction::Workdir(found) => &found.workdir,
        // A later version of the parser may know more.
        _ => return 0,
    };
    keyword.span.start
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "ARG BASE=python:3.12\nFROM $BASE AS base\nRUN a \\\n  # why\n  && b\n\
        FROM base AS wheels\nRUN w\nFROM base AS unused\nRUN u\nFROM base AS litserve\n\
        COPY --from=wheels /w /w\nCOPY --from=0 /x /x\nCMD [\"a\"]\n";

    #[test]
    fn a_target_needs_its_chain_and_what_it_copies_from() {
        let parsed = parse_dockerfile::parse(TEXT).unwrap();
        let plan = Plan::new(TEXT, &parsed, &[("BASE".to_owned(), "other".to_owned())]);
        assert_eq!(plan.base(plan.stages()[0].from), "other");
        let target = plan.target(Some("LitServe")).unwrap();
        assert_eq!((target, plan.target(None).unwrap()), (3, 3));
        assert_eq!(plan.chain(target), [0, 3]);
        assert_eq!(plan.needed(target).unwrap(), [1, 0, 3]);
        assert_eq!(plan.steps(target), 6);
        let run = &plan.stages()[0].instructions[0];
        assert_eq!(plan.shown(start(run)), "RUN a   && b");
        assert_eq!(
            plan.target(Some("serve")).unwrap_err().to_string(),
            "failed to reach build target serve in Dockerfile"
        );
    }
}
