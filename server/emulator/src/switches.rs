//! Checks the values of the command line's options. clap names the option; the texts here name the rule and
//! a valid value. Names follow Microsoft's rules for resources, because they become parts of ids.

use uuid::Uuid;

use crate::stale::StaleReads;

/// Slowest and fastest: below, nothing ends in a day; above, phases are too short to be seen.
const SPEEDS: std::ops::RangeInclusive<f64> = 0.01..=1000.0;

type Read<T> = Result<T, String>;

/// The id of a subscription or tenant.
pub fn guid(text: &str) -> Read<String> {
    let is_hyphenated = text.len() == uuid::fmt::Hyphenated::LENGTH;
    if is_hyphenated && Uuid::try_parse(text).is_ok() {
        return Ok(text.to_owned());
    }
    Err("an id is 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12; give one such as \
         11111111-1111-1111-1111-111111111111, or leave the switch out"
        .to_owned())
}

pub fn resource_group(text: &str) -> Read<String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.()".contains(c);
    let is_legal = (1..=90).contains(&text.len()) && text.chars().all(is_plain);
    if is_legal && !text.ends_with('.') {
        return Ok(text.to_owned());
    }
    Err("a resource group's name has 1 to 90 letters, digits and -_.() and does not end with a \
         dot; give one such as rg-anet-0001, or leave the switch out"
        .to_owned())
}

pub fn workspace(text: &str) -> Read<String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let is_legal = (3..=33).contains(&text.len()) && text.chars().all(is_plain);
    if is_legal && text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return Ok(text.to_owned());
    }
    Err("a workspace's name has 3 to 33 letters, digits, - and _ and begins with a letter or digit; \
         give one such as mlw-anet-0001dev, or leave the switch out"
        .to_owned())
}

/// A region, in the spelling of ids.
pub fn location(text: &str) -> Read<String> {
    if !text.is_empty() && text.len() <= 40 && text.chars().all(|c| c.is_ascii_alphanumeric()) {
        return Ok(text.to_owned());
    }
    Err("a region has letters and digits only; give one such as westeurope, or leave the switch out"
        .to_owned())
}

/// The speed, as a multiple of a demonstration's.
pub fn speed(text: &str) -> Read<f64> {
    let number = text.parse::<f64>().ok().filter(|speed| SPEEDS.contains(speed));
    number.ok_or_else(|| {
        format!(
            "a speed is a number from {} to {}; give 1 for the pace of a demonstration, 20 for twenty \
             times that, or leave the switch out",
            SPEEDS.start(),
            SPEEDS.end()
        )
    })
}

/// The settings of stale reads, separated by commas.
///
/// # Errors
/// The broken rule.
pub fn stale_reads(text: &str) -> Read<StaleReads> {
    let read = || {
        let mut stale = StaleReads::default();
        for part in text.split(',') {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            match name.trim() {
                "endpoint" => stale.endpoint_s = value.parse().ok()?,
                "deployment" => stale.deployment_s = value.parse().ok()?,
                "list" => stale.list_s = value.parse().ok()?,
                "reads" => stale.reads_max = Some(value.parse().ok()?),
                "seed" => stale.seed = value.parse().ok()?,
                "flapping" if value.is_empty() => stale.flapping = true,
                _ => return None,
            }
        }
        stale.problem().is_none().then_some(stale)
    };
    read().ok_or_else(|| {
        "stale reads are seconds from 0 to 3600 for endpoint, deployment and list, a number of reads, a seed, and \
         flapping, with commas between them; give for example endpoint=5,deployment=5,list=10,flapping,seed=7, or \
         leave the switch out"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use crate::command::EmulatorArgs;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        args: EmulatorArgs,
    }

    fn line(switch: &str, value: &str) -> Result<EmulatorArgs, String> {
        let read = Line::try_parse_from(["emulator", &format!("{switch}={value}")]);
        read.map(|line| line.args).map_err(|error| error.to_string())
    }

    #[test]
    fn invalid_values_are_rejected_with_option_rule_and_example() {
        for (switch, values) in [
            ("--workspace", &["a/b", "", "ab", "-abc", "a b c", "mlw?x"][..]),
            ("--subscription", &["x y/z", "", "11111111111111111111111111111111"]),
            ("--tenant", &["x y/z", "", "common"]),
            ("--resource-group", &["a/b", "", "rg.", "r g"]),
            ("--location", &["west europe", "", "a/b"]),
            ("--speed", &["0", "-1", "nan", "inf", "1e-300", "quick", ""]),
            (
                "--stale-reads",
                &["", "endpoint", "endpoint=-1", "list=nan", "list=3601", "flapping=1", "all=5"],
            ),
        ] {
            for value in values {
                let refused = line(switch, value).expect_err(value);
                for part in [switch, "; give ", "leave the switch out"] {
                    assert!(refused.contains(part), "{switch} {value}: {refused}");
                }
            }
        }
    }

    #[test]
    fn valid_values_are_accepted() {
        for (switch, value) in [
            ("--workspace", "mlw-anet-0001dev"),
            ("--workspace", "0_a"),
            ("--subscription", "11111111-1111-1111-1111-11111111AAAA"),
            ("--resource-group", "rg_(anet).0001"),
            ("--location", "westeurope"),
            ("--speed", "0.5"),
            ("--speed", "20"),
            ("--stale-reads", "endpoint=5"),
            ("--stale-reads", "endpoint=5,deployment=0.5,list=10,reads=3,flapping,seed=7"),
        ] {
            line(switch, value).expect(value);
        }
    }

    #[test]
    fn every_option_has_a_default() {
        let args = Line::try_parse_from(["emulator"]).expect("the defaults are legal").args;
        assert!(args.workspaces.is_empty() && args.speed == 1.0);
    }
}
