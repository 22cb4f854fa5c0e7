//! Carries out a stage's instructions.

use std::collections::BTreeMap;

use parse_dockerfile::{Command, Flag, Instruction, RunInstruction, UnescapedString};

use super::copy::Source;
use super::ignore::Ignore;
use super::image::{Start, State};
use super::pip::{self, Install};
use super::plan::{Plan, declared, source_stage};
use super::tree::absolute;
use super::venv::{self, Place, Python};
use super::words::{commands, expand, pairs};
use crate::build::{BuildFailure, BuildRequest, LogSink};

/// Everything that instructions need.
pub(super) struct Builder<'a, 't> {
    pub(super) place: Place<'a>,
    pub(super) request: &'a BuildRequest,
    pub(super) plan: &'a Plan<'a, 't>,
    pub(super) context: &'a Source,
    pub(super) log: LogSink<'a>,
    /// The finished stages, for `COPY --from`.
    pub(super) finished: BTreeMap<usize, State>,
}

impl Builder<'_, '_> {
    fn say(&self, text: &str) {
        (self.log)(format!("{text}\n").as_bytes());
    }

    /// A base image only says which Python to use.
    pub(super) async fn base(&self, image: &str, state: &mut State) -> Result<(), BuildFailure> {
        if image == "scratch" {
            return Ok(());
        }
        let python = Python::find(image).await?;
        self.say(&format!(
            " ---> Process image: {image} is neither pulled nor checked; Python {} of this machine is used",
            python.version
        ));
        state.python = Some(python);
        Ok(())
    }

    /// Carries out an instruction of stage number `stage`. Returns whether it may have copied files.
    pub(super) async fn step(
        &self,
        stage: usize,
        instruction: &Instruction<'_>,
        state: &mut State,
    ) -> Result<bool, BuildFailure> {
        let value = |text: &str, state: &State| expand(text.trim(), &|name| state.variable(name));
        match instruction {
            Instruction::Arg(found) => self.argument(&found.arguments.value, state),
            Instruction::Env(found) => {
                let all = pairs(&found.arguments.value, &|name| state.variable(name));
                all.into_iter().for_each(|(name, value)| state.set(name, value));
            }
            Instruction::Label(found) => {
                let all = pairs(&found.arguments.value, &|name| state.variable(name));
                state.labels.extend(all);
            }
            Instruction::Workdir(found) => {
                state.work = absolute(&state.work, &value(&found.arguments.value, state));
                state.tree.make_dir(&state.work)?;
            }
            Instruction::Expose(found) => {
                for port in &found.arguments {
                    let port = value(&port.value, state);
                    let port = if port.contains('/') { port } else { format!("{port}/tcp") };
                    state.ports.push(port);
                }
            }
            Instruction::Cmd(found) => state.command = Some(Start::new(&found.arguments)),
            Instruction::Entrypoint(found) => {
                state.entrypoint = Some(Start::new(&found.arguments));
                // As Docker does: the base's command was for another entrypoint.
                state.command = None;
            }
            Instruction::User(found) => {
                state.user = value(&found.arguments.value, state);
                self.say(" ---> Process image: instances run as the emulator's own user");
            }
            Instruction::Run(found) => self.run(found, state).await?,
            Instruction::Copy(found) => {
                let from = source_stage(instruction);
                self.copy(stage, from, (&found.options, &found.src, &found.dest), state)?;
                return Ok(true);
            }
            Instruction::Add(found) => {
                self.copy(stage, None, (&found.options, &found.src, &found.dest), state)?;
                return Ok(true);
            }
            _ => self.say(" ---> Process image: this instruction has no effect"),
        }
        Ok(false)
    }

    fn argument(&self, text: &str, state: &mut State) {
        let all = declared(text, &|name| state.variable(name));
        for (name, default) in all {
            let given = self.request.arguments.iter().rev().find(|(given, _)| *given == name);
            let given = given.map(|(_, value)| value.clone());
            if let Some(value) = given.or(default).or_else(|| self.plan.argument(&name)) {
                state.arguments.insert(name, value);
            }
        }
    }

    async fn run(&self, run: &RunInstruction<'_>, state: &mut State) -> Result<(), BuildFailure> {
        let line = match &run.arguments {
            Command::Exec(words) => {
                let words = words.value.iter().map(|word| format!("'{}'", word.value));
                words.collect::<Vec<_>>().join(" ")
            }
            Command::Shell(line) if run.here_docs.is_empty() => super::joined(line.value),
            _ => run.here_docs.iter().map(|doc| doc.value.as_ref()).collect::<Vec<_>>().join("\n"),
        };
        for command in commands(&line, &|name| state.variable(name)) {
            match pip::recognize(&command)? {
                pip::Command::Install(arguments) => self.install(&arguments, state).await?,
                pip::Command::Other(text) => {
                    self.say(&format!(" ---> Process image: skipped: {text}"));
                }
            }
        }
        Ok(())
    }

    async fn install(&self, arguments: &[String], state: &mut State) -> Result<(), BuildFailure> {
        let python = match &state.python {
            Some(python) => python.clone(),
            None => Python::find("").await?,
        };
        let before = match &state.venv {
            Some(venv) => venv.clone(),
            None => venv::with_pip(self.place, &python).await?,
        };
        let install = Install::new(arguments, &state.tree, &state.work)?;
        let work = state.tree.make_dir(&state.work)?;
        let what = (&install, &state.tree, work.as_path());
        state.venv = Some(venv::install(self.place, &before, &python, what, self.log).await?);
        state.python = Some(python);
        Ok(())
    }

    fn copy(
        &self,
        stage: usize,
        from: Option<String>,
        (options, sources, dest): (
            &[Flag<'_>],
            &[parse_dockerfile::Source<'_>],
            &UnescapedString<'_>,
        ),
        state: &mut State,
    ) -> Result<(), BuildFailure> {
        let value = |text: &str| expand(text, &|name| state.variable(name));
        let mut patterns = Vec::new();
        for source in sources {
            let parse_dockerfile::Source::Path(path) = source else {
                return Err(unsupported("here-documents of COPY"));
            };
            let path = value(&path.value);
            if path.contains("://") || path.starts_with("git@") {
                return Err(unsupported("ADD of a URL"));
            }
            patterns.push(path);
        }
        let dest = value(&dest.value);
        // `.` is a folder, whatever comes after it.
        let is_folder = dest.ends_with('/') || matches!(dest.rsplit('/').next(), Some("." | ".."));
        let dest = absolute(&state.work, &dest);
        if options.iter().any(|flag| matches!(&*flag.name.value, "parents" | "exclude")) {
            return Err(unsupported("COPY --parents and --exclude"));
        }
        let target = (dest.as_str(), is_folder);
        let Some(from) = from else {
            return self.context.copy(&patterns, target, &state.tree, &mut state.copied);
        };
        let other = self.plan.named(&from, stage).and_then(|number| self.finished.get(&number));
        let Some(other) = other else {
            return Err(unsupported(&format!("COPY --from={from}, which is another image,")));
        };
        let is_missing = |pattern: &String| other.tree.existing(&absolute("/", pattern)).is_none();
        if state.venv.is_none() && other.venv.is_some() && patterns.iter().all(is_missing) {
            // What is there in a real image are packages.
            self.say(" ---> Process image: the packages of that stage are taken over");
            state.venv.clone_from(&other.venv);
            state.python.clone_from(&other.python);
            return Ok(());
        }
        let source = Source::new(other.tree.root(), Ignore::default())?;
        source.copy(&patterns, target, &state.tree, &mut state.copied)
    }
}

fn unsupported(what: &str) -> BuildFailure {
    BuildFailure::because(format!(
        "the process builder does not support {what}. Install buildah to build this image"
    ))
}
