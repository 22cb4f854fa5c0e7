//! The rows on the screen.

use super::heads::HeadText;
use super::log::Log;
use super::model::{Model, Row};
use super::text::{LineText, kind};
use crate::live::pick;
use crate::paths::log_line_id;
use domain::job_log::line::Line;
use domain::job_log::search::Query;
use leptos::either::EitherOf4;
use leptos::prelude::*;
use std::sync::Arc;

/// Most matches that are highlighted in one line: our own limit.
const MATCHES_MAX: usize = 200;

/// What rows need beside their own content.
#[derive(Clone, Copy)]
struct Shown {
    query: Memo<Option<Query>>,
    /// The matching line at which the reader is.
    current: Memo<Option<u64>>,
    /// The line whose number the Tab key reaches.
    stop: Memo<Option<u64>>,
}

fn px(length: f64) -> String {
    format!("{length}px")
}

/// The log, of which only the rows around the screen are in the document.
#[component]
pub fn Rows(log: Log) -> impl IntoView {
    let screen = log.screen;
    let rows = pick(log.model, Model::rows);
    let shown = Shown {
        query: pick(log.finding, |found| found.as_ref().map(|found| found.query.clone())),
        current: pick(log.finding, |found| found.as_ref()?.current()),
        stop: Memo::new(move |_| {
            let (active, top) = (log.active.get(), log.model.with(Model::top_line));
            let number = |row: &Row| match row {
                Row::Line { number, .. } => Some(*number),
                _ => None,
            };
            rows.with(|rows| {
                let lines = || rows.iter().filter_map(number);
                lines().find(|line| *line == active).or_else(|| lines().find(|line| *line >= top))
            })
        }),
    };
    let label = move || format!("Log, {} lines", log.model.with(Model::count));
    let area = move || px(log.model.with(|model| model.scale().area));
    let offset = move || px(log.model.with(|model| model.window().offset));
    let width = move || px(f64::from(screen.widest.get()));
    let row = move |row: Row| match row {
        Row::Head(first) => EitherOf4::A(view! { <HeadRow log first /> }),
        Row::Line { number, text } => EitherOf4::B(view! { <LineRow log shown number text /> }),
        Row::Waiting(number) => EitherOf4::C(view! { <WaitingRow number /> }),
        Row::Failed { block, .. } => EitherOf4::D(view! { <FailedRow log block /> }),
    };
    view! {
        <div class="log-lines" tabindex="0" role="region" aria-label=label node_ref=screen.scroller
            on:scroll=move |_| screen.scrolled(log) on:keydown=move |event| log.pressed(&event)>
            <div class="log-ruler" node_ref=screen.ruler></div>
            <div class="log-area" style:block-size=area style:min-inline-size=width>
                // Without announcements: a reader would hear every line.
                <div class="log-rows" role="log" aria-live="off" style:inset-block-start=offset node_ref=screen.rows>
                    <For each=move || rows.get() key=Row::key children=row />
                </div>
            </div>
        </div>
    }
}

#[component]
fn LineRow(log: Log, shown: Shown, number: u64, text: Arc<str>) -> impl IntoView {
    let line = Line::parse(&text);
    let (id, kind, plain) = (log_line_id(number), kind(&line), line.text());
    let href = format!("#{id}");
    let wrong = (log.cause == Some(number)).then_some("true");
    let is_marked = move || log.marked.get().is_some_and(|lines| lines.contains(number));
    let is_current = move || shown.current.get() == Some(number);
    let stop = move || if shown.stop.get() == Some(number) { "0" } else { "-1" };
    let body = move || {
        let ranges = shown.query.with(|query| Some(query.as_ref()?.ranges(&plain, MATCHES_MAX)));
        view! { <LineText line=line.clone() ranges=ranges.unwrap_or_default() /> }
    };
    view! {
        <div class="log-line" id=id data-kind=kind data-wrong=wrong
            data-marked=move || is_marked().then_some("true") data-current=move || is_current().then_some("true")>
            <a class="log-number" href=href tabindex=stop aria-label=format!("Line {number}")
                aria-current=move || is_marked().then_some("true") on:click=move |event| log.clicked(&event, number)>
                {number}
            </a>
            {body}
        </div>
    }
}

#[component]
fn HeadRow(log: Log, first: u64) -> impl IntoView {
    let head = Memo::new(move |_| {
        log.follow_layout();
        log.model.with_untracked(|model| model.head(first))
    });
    let is_open = move || head.with(|head| head.as_ref().is_some_and(|head| head.is_open));
    view! {
        <button type="button" class="log-head" aria-expanded=move || is_open().to_string() on:click=move |_| log.toggle(first)>
            {move || head.get().map(|head| view! { <HeadText head /> })}
        </button>
    }
}

#[component]
fn WaitingRow(number: u64) -> impl IntoView {
    view! {
        <div class="log-line" data-waiting="true">
            <span class="log-number">{number}</span>
            <span class="log-text" aria-hidden="true"></span>
        </div>
    }
}

#[component]
fn FailedRow(log: Log, block: u64) -> impl IntoView {
    let problem = log.model.with_untracked(|model| model.blocks.problem(block));
    view! {
        <div class="log-failed" role="alert">
            <button type="button" class="button" data-variant="quiet" on:click=move |_| log.retry(block)>
                "Try again"
            </button>
            <span>"These lines could not be loaded. " {problem}</span>
        </div>
    }
}
