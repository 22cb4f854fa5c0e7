//! The mathematics of the two-parameter logistic model.

use super::file::Item;

/// Newton's method is quadratic here, so it converges in far fewer steps.
const STEPS_MAX: usize = 60;
/// A longer step could jump over the maximum and back.
const STEP_LENGTH_MAX: f64 = 1.0;
const STEP_LENGTH_DONE: f64 = 1e-10;

/// An estimate of a student's ability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Estimate {
    pub(super) ability: f64,
    pub(super) standard_error: f64,
}

/// The probability that a student of this ability answers the item correctly.
pub(super) fn p_correct(item: &Item, ability: f64) -> f64 {
    1.0 / (1.0 + (-item.discrimination * (ability - item.difficulty)).exp())
}

/// The Fisher information of an answer to the item.
pub(super) fn information(item: &Item, ability: f64) -> f64 {
    let p = p_correct(item, ability);
    item.discrimination * item.discrimination * p * (1.0 - p)
}

/// The most probable ability given the answers, for abilities distributed as N(0,1).
pub(super) fn estimate(answers: &[(&Item, bool)]) -> Estimate {
    let mut ability = 0.0;
    for _ in 0..STEPS_MAX {
        let step = gradient(answers, ability) / precision(answers, ability);
        ability += step.clamp(-STEP_LENGTH_MAX, STEP_LENGTH_MAX);
        if step.abs() < STEP_LENGTH_DONE {
            break;
        }
    }
    Estimate { ability, standard_error: precision(answers, ability).sqrt().recip() }
}

fn gradient(answers: &[(&Item, bool)], ability: f64) -> f64 {
    let of_one = |(item, is_correct): &(&Item, bool)| {
        item.discrimination * (f64::from(u8::from(*is_correct)) - p_correct(item, ability))
    };
    answers.iter().map(of_one).sum::<f64>() - ability
}

/// The information of all answers, plus 1 for the prior.
pub(super) fn precision(answers: &[(&Item, bool)], ability: f64) -> f64 {
    1.0 + answers.iter().map(|(item, _)| information(item, ability)).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn item(difficulty: f64, discrimination: f64) -> Item {
        Item { id: "q".to_owned(), construct: String::new(), difficulty, discrimination }
    }

    fn answered() -> impl Strategy<Value = Vec<(Item, bool)>> {
        let one = (-3.0..3.0_f64, 0.3..2.5_f64, any::<bool>());
        prop::collection::vec(one.prop_map(|(b, a, correct)| (item(b, a), correct)), 1..40)
    }

    fn of(answers: &[(Item, bool)]) -> Estimate {
        estimate(&answers.iter().map(|(item, correct)| (item, *correct)).collect::<Vec<_>>())
    }

    proptest! {
        #[test]
        fn a_better_answer_means_more_ability(answers in answered(), which: prop::sample::Index) {
            let (mut wrong, mut right) = (answers.clone(), answers);
            let which = which.index(wrong.len());
            wrong[which].1 = false;
            right[which].1 = true;
            prop_assert!(of(&right).ability > of(&wrong).ability);
        }

        #[test]
        fn every_answer_has_information(answers in answered(), ability in -3.0..3.0_f64) {
            prop_assert!(of(&answers).standard_error < 1.0);
            let borrowed: Vec<_> = answers.iter().map(|(item, correct)| (item, *correct)).collect();
            let (_, fewer) = borrowed.split_last().unwrap();
            prop_assert!(precision(&borrowed, ability) > precision(fewer, ability));
        }

        #[test]
        fn the_estimate_is_the_maximum(answers in answered()) {
            let borrowed: Vec<_> = answers.iter().map(|(item, correct)| (item, *correct)).collect();
            prop_assert!(gradient(&borrowed, of(&answers).ability).abs() < 1e-6);
        }
    }

    #[test]
    fn known_values() {
        assert_eq!(estimate(&[]), Estimate { ability: 0.0, standard_error: 1.0 });
        assert_eq!(p_correct(&item(0.7, 1.3), 0.7), 0.5);
        assert_eq!(information(&item(0.0, 2.0), 0.0), 1.0);
        // One correct and one wrong answer to identical items cancel out.
        let twin = item(0.0, 1.0);
        assert!(estimate(&[(&twin, true), (&twin, false)]).ability.abs() < 1e-12);
    }
}
