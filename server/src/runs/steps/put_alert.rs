//! Sets the endpoint's alert rule.

use super::write::Write;
use super::{Ctx, Outcome, done, raw, send};
use crate::azure::{self, monitoring};
use crate::planner::monitor;
use domain::plan::Subject;
use domain::run::Output;
use serde_json::Value;

pub(super) async fn look(ctx: &Ctx<'_>, name: &str, body: &Value) -> Result<Outcome, azure::Error> {
    let (arm, workspace) = (&ctx.place.arm, &ctx.place.workspace);
    let live = monitoring::rule(arm, workspace, name).await?;
    Ok(match live.filter(|live| monitor::is_as_asked(&Subject::Alert, live, body)) {
        Some(live) => {
            let (note, answer) = (ctx.found(), raw(&live));
            done(ctx, Output { note, answer, ..Output::default() })
        }
        None => send(ctx, Write::Alert { name: name.to_owned(), body: body.clone() }),
    })
}
