//! The checks of the blue/green form, in the template's order. If one fails, the workflow stops before it touches
//! Azure, and the console reports both inputs with their values.

use super::{BLUE, Colour, Colours, GREEN, Keys};
use crate::release::input::Asked;
use crate::release::percent::Share;
use crate::release::reader::Reader;

/// What the template does if a check fails.
const STOPS: &str = "The workflow stops before it touches Azure";

pub(super) fn check(reader: &mut Reader<'_>, colours: &Colours) {
    let Colours { blue, green } = colours;
    names(reader, blue, green);
    both_deployed(reader, blue, green);
    shares(reader, blue, green);
    live_while_deployed(reader, (blue, &BLUE), (green, &GREEN));
    live_while_deployed(reader, (green, &GREEN), (blue, &BLUE));
    mirrors(reader, blue, green);
}

/// The template does not check this, but in Azure both would be the same deployment.
fn names(reader: &mut Reader<'_>, blue: &Colour, green: &Colour) {
    if let (Some(Asked::Known(b)), Some(Asked::Known(g))) = (&blue.name, &green.name)
        && b == g
    {
        let message =
            format!("{} and {} are both {b}. Give each a different name", BLUE.name, GREEN.name);
        reader.problem(GREEN.name, message);
    }
}

fn both_deployed(reader: &mut Reader<'_>, blue: &Colour, green: &Colour) {
    if blue.deploy.known() == Some(&true) && green.deploy.known() == Some(&true) {
        let message = format!(
            "{} and {} are both true, but the workflow deploys one at a time. {STOPS}. Set one to false",
            BLUE.deploy, GREEN.deploy
        );
        reader.problem(GREEN.deploy, message);
    }
}

/// Describes a share as written in the file.
fn written(reader: &Reader<'_>, key: &str, share: Share) -> String {
    if reader.is_written(key) {
        format!("{key} is {}", share.get())
    } else {
        format!("{key} is omitted, which means 0")
    }
}

fn shares(reader: &mut Reader<'_>, blue: &Colour, green: &Colour) {
    let (Some(b), Some(g)) = (blue.traffic.known(), green.traffic.known()) else { return };
    let sum = u32::from(b.get()) + u32::from(g.get());
    let both =
        format!("{} and {}", written(reader, BLUE.traffic, *b), written(reader, GREEN.traffic, *g));
    // Report at the key that is written, or at green if both or neither are.
    let key = if reader.is_written(GREEN.traffic) || !reader.is_written(BLUE.traffic) {
        GREEN.traffic
    } else {
        BLUE.traffic
    };
    if sum != 100 {
        let message = format!(
            "{both}: live traffic totals {sum} %, and must total exactly 100 %. {STOPS}. Give one deployment 100 and \
             the other 0"
        );
        reader.problem(key, message);
    } else if b.get() > 0 && g.get() > 0 {
        let message = format!(
            "{both}, but only one deployment may take live traffic: otherwise the request logs could not distinguish \
             live from shadow. {STOPS}. Give one deployment 100 and the other 0"
        );
        reader.problem(key, message);
    }
}

fn live_while_deployed(
    reader: &mut Reader<'_>,
    (deployed, keys): (&Colour, &Keys),
    (other, others): (&Colour, &Keys),
) {
    let share = deployed.traffic.known().map_or(0, |share| share.get());
    if deployed.deploy.known() != Some(&true) || share == 0 {
        return;
    }
    let Some(name) = &other.name else { return };
    let message = format!(
        "{} is true and {} is {share}, while {} names {name}: a deployment must not get live traffic while it is \
         being deployed next to another. {STOPS}. Deploy with 0, test, and move live traffic afterwards",
        keys.deploy, keys.traffic, others.name
    );
    reader.problem(keys.traffic, message);
}

fn mirrors(reader: &mut Reader<'_>, blue: &Colour, green: &Colour) {
    if let (Some(Asked::Known(b)), Some(Asked::Known(g))) = (&blue.mirror, &green.mirror) {
        let message = format!(
            "{} is {} and {} is {}, but Azure mirrors requests to only one deployment. {STOPS}. Keep one",
            BLUE.mirror,
            b.get(),
            GREEN.mirror,
            g.get()
        );
        reader.problem(GREEN.mirror, message);
    }
    for (colour, keys) in [(blue, &BLUE), (green, &GREEN)] {
        let share = colour.traffic.known().map_or(0, |share| share.get());
        let mirror = colour.mirror.as_ref().and_then(Asked::known);
        if let (Some(mirror), true) = (mirror, share > 0) {
            let message = format!(
                "{} is {share} and {} is {}: a deployment takes live or mirrored traffic, not both. {STOPS}. Set one \
                 of them to 0",
                keys.traffic,
                keys.mirror,
                mirror.get()
            );
            reader.problem(keys.mirror, message);
        }
    }
}
