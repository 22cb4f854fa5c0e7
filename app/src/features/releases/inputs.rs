//! A release's inputs, as the workflow writes them.

use super::findings::line_id;
use crate::domain::release::Release;
use crate::domain::release::input::{Given, Input};
use crate::ui::badge::{Badge, Tone};
use leptos::either::Either;
use leptos::prelude::*;

/// All inputs of a release, in the order of the file.
#[must_use]
pub fn in_order(release: &Release) -> Vec<(String, Input)> {
    let mut all: Vec<_> =
        release.inputs.iter().map(|(key, input)| (key.to_owned(), input.clone())).collect();
    all.sort_by_key(|(_, input)| input.line.unwrap_or(u32::MAX));
    all
}

/// The inputs as a table.
#[component]
pub fn Inputs(
    /// The release.
    release: Release,
) -> impl IntoView {
    let file = release.origin.workflow.clone();
    let names = release.inputs.clone();
    let row = |(key, input): (String, Input)| {
        let line = input.line.map(|line| {
            let href = format!("#{}", line_id(&file, line));
            view! { <a href=href>"line " {line}</a> }
        });
        let value = match &input.given {
            Given::Expression(expression) => Either::Left(view! {
                <code>{expression.0.clone()}</code>
                " "
                <Badge tone=Tone::Warn word="only GitHub knows" />
            }),
            given => Either::Right(view! { <code>{given.written()}</code> }),
        };
        view! {
            <tr>
                <th scope="row">{names.written(&key).to_owned()}</th>
                <td>{value}</td>
                <td>{line}</td>
            </tr>
        }
    };
    view! {
        <div class="scroll">
            <table class="inputs">
                <thead>
                    <tr>
                        <th scope="col">"Input"</th>
                        <th scope="col">"Value"</th>
                        <th scope="col">"In the file"</th>
                    </tr>
                </thead>
                <tbody>{in_order(&release).into_iter().map(row).collect::<Vec<_>>()}</tbody>
            </table>
        </div>
    }
}
