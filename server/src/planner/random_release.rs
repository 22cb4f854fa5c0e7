//! Random inputs of releases in both forms of the template: mostly sensible, sometimes arbitrary.

use super::fixtures::NAMES;
use domain::release::input::Given;
use proptest::prelude::*;

pub(super) type Inputs = Vec<(&'static str, Given)>;

fn name() -> impl Strategy<Value = Given> {
    prop::sample::select(&NAMES[..]).prop_map(Given::text)
}

fn percent() -> impl Strategy<Value = Given> {
    prop_oneof![2 => (1_i64..=60).prop_map(Given::Integer), 1 => Just(Given::Integer(100)), 3 => Just(Given::Null)]
}

fn file() -> impl Strategy<Value = Given> {
    prop::sample::select(&["", "green.yml", "big.yml", "slow.yml"][..])
        .prop_map(|path| if path.is_empty() { Given::Null } else { Given::text(path) })
}

fn yaml() -> impl Strategy<Value = Given> {
    prop::sample::select(&["green.yml", "big.yml", "slow.yml"][..]).prop_map(Given::text)
}

/// The shadow's inputs in the first form: mostly a combination from the README.
fn shadow() -> impl Strategy<Value = [Given; 4]> {
    let null = || Just(Given::Null);
    let some = || (1_i64..=50).prop_map(Given::Integer);
    let all = || (1_i64..=100).prop_map(Given::Integer);
    prop_oneof![
        2 => (null(), null(), null(), null()).boxed(),
        4 => (name(), yaml(), some(), null()).boxed(),
        4 => (name(), null(), null(), all()).boxed(),
        1 => (name(), file(), percent(), percent()).boxed(),
    ]
    .prop_map(|(name, file, mirror, traffic)| [name, file, mirror, traffic])
}

/// Inputs of the first form.
pub(super) fn primary_and_shadow() -> impl Strategy<Value = Inputs> {
    let flags = (prop::bool::weighted(0.8), prop::bool::weighted(0.2));
    (flags, name(), shadow()).prop_map(
        |((deploy, test), primary, [shadow, file, mirror, traffic])| {
            vec![
                ("deploy", Given::Bool(deploy)),
                ("run_load_test", Given::Bool(test)),
                ("deployment_name", primary),
                ("shadow_deployment_name", shadow),
                ("shadow_deployment_config", file),
                ("shadow_deployment_mirror_percentage", mirror),
                ("shadow_deployment_traffic_percentage", traffic),
            ]
        },
    )
}

/// Inputs of the later form: mostly one colour is deployed and mirrored, or both get shares.
pub(super) fn blue_and_green() -> impl Strategy<Value = Inputs> {
    let null = || Just(Given::Null);
    let idle = || (Just(false), name(), null(), null());
    let mirrored = || (any::<bool>(), name(), yaml(), (1_i64..=50).prop_map(Given::Integer));
    let any_colour = || (any::<bool>(), name(), file(), percent());
    // The form requires that one colour gets all live traffic.
    let one = || {
        let both = |blue| (Given::Integer(blue), Given::Integer(100 - blue));
        prop::sample::select(&[0_i64, 100][..]).prop_map(both)
    };
    let blue = || (Just(Given::Integer(100)), null());
    prop_oneof![
        4 => (idle(), mirrored(), blue(), prop::bool::weighted(0.2)).boxed(),
        4 => (idle(), idle(), one(), prop::bool::weighted(0.2)).boxed(),
        1 => (any_colour(), any_colour(), one(), any::<bool>()).boxed(),
        1 => (any_colour(), any_colour(), (percent(), percent()), any::<bool>()).boxed(),
    ]
    .prop_map(|(blue, green, (to_blue, to_green), test)| {
        vec![
            ("deploy", Given::Null),
            ("deployment_name", Given::Null),
            ("deployment_config", Given::Null),
            ("run_load_test", Given::Bool(test)),
            ("deploy_blue", Given::Bool(blue.0)),
            ("blue_deployment_name", blue.1),
            ("blue_deployment_config", blue.2),
            ("blue_mirror_percentage", blue.3),
            ("blue_traffic_percentage", to_blue),
            ("deploy_green", Given::Bool(green.0)),
            ("green_deployment_name", green.1),
            ("green_deployment_config", green.2),
            ("green_mirror_percentage", green.3),
            ("green_traffic_percentage", to_green),
        ]
    })
}
