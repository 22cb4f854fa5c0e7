//! Sets the endpoint's alert rule.

use super::write::Write;
use super::{Ctx, Outcome, raw};
use crate::azure::{self, monitoring};
use crate::operations::plan::monitor;
use app::domain::plan::Subject;
use app::domain::run::Output;
use serde_json::Value;

pub(super) async fn look(ctx: &Ctx<'_>, name: &str, body: &Value) -> Result<Outcome, azure::Error> {
    let (arm, workspace) = (&ctx.place.arm, &ctx.place.workspace);
    let live = monitoring::rule(arm, workspace, name).await?;
    Ok(match live.filter(|live| monitor::is_as_asked(&Subject::Alert, live, body)) {
        Some(live) => {
            let (note, answer) = (ctx.found(), raw(&live));
            Outcome::Done(Output { note, answer, ..Output::default() })
        }
        None => Outcome::Send(Write::Alert { name: name.to_owned(), body: body.clone() }),
    })
}
