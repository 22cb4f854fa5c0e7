//! Blue and green, the later form of the template.

use super::deployment;
use super::draft::Draft;
use super::file::Files;
use super::primary::{whole, with_shares};
use super::release::{Named, file_of};
use super::shadow;
use app::domain::name::DeploymentName;
use app::domain::release::Problem;
use app::domain::release::deploy::{Colour, Colours};
use app::domain::release::input::Asked;
use app::domain::release::percent::Percent;

fn known<T>(asked: Option<&Asked<T>>) -> Option<&T> {
    asked.and_then(Asked::known)
}

/// Whether either is deployed.
pub(super) fn deploys(colours: &Colours) -> bool {
    [&colours.blue, &colours.green].iter().any(|colour| colour.deploy.known() == Some(&true))
}

pub(super) fn plan(draft: &mut Draft<'_>, colours: &Colours, files: &Files) -> Result<(), Problem> {
    let both =
        [("blue_deployment_config", &colours.blue), ("green_deployment_config", &colours.green)];
    for (key, colour) in both {
        let (name, path) = (known(colour.name.as_ref()), known(colour.config.as_ref()));
        if let (Some(true), Some(name), Some(path)) = (colour.deploy.known(), name, path) {
            deployment::deploy(draft, name, file_of(files, Named { key, path })?);
        }
    }
    route(draft, colours);
    Ok(())
}

fn route(draft: &mut Draft<'_>, colours: &Colours) {
    let share = |colour: &Colour| colour.traffic.known().map(|share| u32::from(share.get()));
    let (blue, green) = (known(colours.blue.name.as_ref()), known(colours.green.name.as_ref()));
    let shares = share(&colours.blue).zip(share(&colours.green));
    if let Some((to_blue, to_green)) = shares {
        let mirror = draft.route().mirror().cloned();
        let after = match (blue, green) {
            (Some(blue), Some(green)) => {
                Some(with_shares([(blue.clone(), to_blue), (green.clone(), to_green)], mirror))
            }
            (Some(one), None) | (None, Some(one)) if to_blue == 100 || to_green == 100 => {
                Some(whole(one, draft.route()))
            }
            _ => None,
        };
        if let Some(after) = after.filter(|after| after != draft.route()) {
            draft.set_route(&after);
        }
    }
    for colour in [&colours.blue, &colours.green] {
        let both: Option<(&DeploymentName, &Percent)> =
            known(colour.name.as_ref()).zip(known(colour.mirror.as_ref()));
        if let Some((name, percent)) = both {
            shadow::mirror(draft, name, *percent);
        }
    }
}
