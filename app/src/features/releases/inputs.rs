//! A release's inputs as written in the workflow.

use super::findings::line_id;
use crate::ui::badge::{Badge, Tone};
use crate::ui::columns::columns;
use domain::release::Release;
use domain::release::input::{Given, Input};
use leptos::either::Either;
use leptos::prelude::*;

/// All inputs of a release, in file order.
#[must_use]
pub fn in_order(release: &Release) -> Vec<(String, Input)> {
    let mut all: Vec<_> =
        release.inputs.iter().map(|(key, input)| (key.to_owned(), input.clone())).collect();
    all.sort_by_key(|(_, input)| input.line.unwrap_or(u32::MAX));
    all
}

/// The inputs as a table.
#[component]
pub fn Inputs(release: Release) -> impl IntoView {
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
                <Badge tone=Tone::Warn word="resolved in GitHub" />
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
                {columns(["Input", "Value", "In the file"])}
                <tbody>{in_order(&release).into_iter().map(row).collect::<Vec<_>>()}</tbody>
            </table>
        </div>
    }
}
