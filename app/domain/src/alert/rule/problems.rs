//! What Azure rejects of an alert rule.

use super::{
    After, AlertRule, DAY, FREQUENCY_MINUTES, HOUR, MUTE_MINUTES, Operator, PERIODS_MAX,
    SEVERITY_MAX, WINDOW_MINUTES,
};
use crate::decimal::Decimal;
use crate::iso_duration::IsoDuration;
use crate::route_form::FieldProblem;
use crate::text::is_blank;

/// The longest window of a rule that is evaluated every minute, in minutes (the Terraform provider azurerm).
pub(super) const WINDOW_OF_EACH_MINUTE_MAX: u32 = 6 * HOUR;
/// The longest period that a rule can look back, in minutes (Azure docs: create a log search alert rule).
const LOOK_BACK_MAX: u32 = 2 * DAY;
/// Maximum length of a rule's name, in characters (Azure docs: naming rules for resources).
const NAME_MAX: usize = 260;
/// Characters that a rule's name cannot have (the same).
const NAME_FORBIDDEN: &str = "*<>%{}&:\\?/#|@+";

/// Whether a duration is one of these numbers of minutes.
fn is_one(value: IsoDuration, allowed: &[u32]) -> bool {
    value.seconds().is_multiple_of(60) && allowed.contains(&value.whole_minutes())
}

fn wrong(what: &str, value: IsoDuration, allowed: &[u32]) -> String {
    let words = |minutes: &u32| IsoDuration::minutes(*minutes).words();
    let allowed: Vec<_> = allowed.iter().map(words).collect();
    format!("{what} {} is not allowed. Choose one of: {}", value.words(), allowed.join(", "))
}

impl AlertRule {
    /// All problems of the rule, each with its field. Azure rejects such a rule, or it would always or never fire.
    #[must_use]
    pub fn problems(&self) -> Vec<FieldProblem> {
        let mut all = Vec::new();
        let mut add = |field: &str, message: String| all.push(FieldProblem::new(field, message));
        let length = self.name.chars().count();
        let is_odd = |c: char| c.is_control() || NAME_FORBIDDEN.contains(c);
        if !(1..=NAME_MAX).contains(&length) || is_blank(&self.name) {
            add("name", format!("the name has {length} characters; Azure allows 1 to {NAME_MAX}"));
        } else if self.name.contains(is_odd) || self.name.ends_with([' ', '.']) {
            add(
                "name",
                format!(
                    "the name must not contain {NAME_FORBIDDEN} and must not end with a space or a full stop"
                ),
            );
        }
        if self.severity > SEVERITY_MAX {
            add(
                "severity",
                format!("severity {} is not between 0 and {SEVERITY_MAX}", self.severity),
            );
        }
        if is_blank(&self.query) {
            add(
                "query",
                "the query is empty. Write one that returns a row for each request that counts"
                    .to_owned(),
            );
        }
        self.time_problems(&mut add);
        self.period_problems(&mut add);
        let senseless = match self.operator {
            Operator::GreaterThanOrEqual if self.threshold == Decimal::whole(0) => Some("always"),
            Operator::LessThan if self.threshold == Decimal::whole(0) => Some("never"),
            Operator::Equals if self.threshold.value().fract() != 0.0 => Some("never"),
            _ => None,
        };
        if let Some(when) = senseless {
            let (sign, threshold) = (self.operator.label(), self.threshold);
            add(
                "threshold",
                format!(
                    "a number of rows is {when} {sign} {threshold}, so the rule would {when} fire"
                ),
            );
        }
        all
    }

    fn time_problems(&self, add: &mut impl FnMut(&str, String)) {
        let (frequency, window) = (self.frequency.whole_minutes(), self.window.whole_minutes());
        if !is_one(self.frequency, &FREQUENCY_MINUTES) {
            add("frequency", wrong("a frequency of", self.frequency, &FREQUENCY_MINUTES));
        }
        if !is_one(self.window, &WINDOW_MINUTES) {
            add("window", wrong("a window of", self.window, &WINDOW_MINUTES));
        } else if frequency == 1 && window > WINDOW_OF_EACH_MINUTE_MAX {
            add(
                "window",
                format!(
                    "a rule that is evaluated every minute has a window of at most {WINDOW_OF_EACH_MINUTE_MAX} minutes"
                ),
            );
        } else if frequency > 1 && window == 1 {
            add("window", "a window of 1 minute needs a frequency of 1 minute".to_owned());
        }
    }

    fn period_problems(&self, add: &mut impl FnMut(&str, String)) {
        let periods = self.periods;
        if !(1..=PERIODS_MAX).contains(&periods) {
            add("periods", format!("{periods} windows are not between 1 and {PERIODS_MAX}"));
        } else if !(1..=periods).contains(&self.failing) {
            add(
                "failing",
                format!(
                    "{} of {periods} windows cannot violate the threshold. Write 1 to {periods}",
                    self.failing
                ),
            );
        }
        let back = self.look_back_minutes();
        if back > LOOK_BACK_MAX {
            add(
                "periods",
                format!(
                    "{periods} windows of {} are longer than two days, the longest that Azure looks back",
                    self.window.words()
                ),
            );
        }
        if self.frequency.whole_minutes() > back {
            let (often, back) = (self.frequency.words(), IsoDuration::minutes(back).words());
            add(
                "frequency",
                format!(
                    "an evaluation every {often} that looks back {back} would miss what happens between. \
                     Evaluate more often, or look further back"
                ),
            );
        }
        if let After::Repeats { mute: Some(mute) } = self.after {
            if !is_one(mute, &MUTE_MINUTES) {
                add("mute", wrong("a pause of", mute, &MUTE_MINUTES));
            } else if mute < self.frequency {
                add(
                    "mute",
                    format!(
                        "a pause of {} is shorter than the frequency, so it has no effect",
                        mute.words()
                    ),
                );
            }
        }
    }
}
