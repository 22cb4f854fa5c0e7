//! Finds the known word that a misspelt one resembles most.

/// Maximum number of edits in a misspelling: insertions, deletions, replacements and swaps of adjacent letters.
const DISTANCE_MAX: usize = 3;
/// Longer words are not compared, because the time grows with the square of the length.
const WORD_CHARS_MAX: usize = 64;

/// The word in `known` that differs least from `word`: by at most a third of its letters, and never more than
/// `DISTANCE_MAX`.
#[must_use]
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    if length > WORD_CHARS_MAX {
        return None;
    }
    let most = DISTANCE_MAX.min(length.div_ceil(3));
    let lower = word.to_lowercase().replace('-', "_");
    known
        .into_iter()
        .map(|candidate| (strsim::osa_distance(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspellings_find_their_word() {
        let known = ["instance_count", "instance_type", "model", "name"];
        for (word, found) in [
            ("instance_cuont", Some("instance_count")),
            ("instanceCount", Some("instance_count")),
            ("instance-type", Some("instance_type")),
            ("modle", Some("model")),
            ("Name", Some("name")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known), found, "{word}");
        }
        let camel = ["testId", "keyVaultReferenceIdentity", "splitAllCSVs"];
        for (word, found) in [
            ("keyvaultReferenceIdentityId", Some("keyVaultReferenceIdentity")),
            ("split_all_csvs", Some("splitAllCSVs")),
            ("test-id", Some("testId")),
        ] {
            assert_eq!(nearest(word, camel), found, "{word}");
        }
    }
}
