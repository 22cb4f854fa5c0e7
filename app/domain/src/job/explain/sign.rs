//! The parts of a rule: how a line is recognised, and which of its words a rule names.

/// How a line is recognised. All texts are in lower case.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sign {
    /// How the line begins; empty for any beginning.
    pub(super) start: &'static str,
    /// What the line contains.
    pub(super) parts: &'static [&'static str],
}

/// A line that contains all of these.
pub(super) const fn has(parts: &'static [&'static str]) -> Sign {
    Sign { start: "", parts }
}

/// A line that begins like this.
pub(super) const fn starts(start: &'static str) -> Sign {
    Sign { start, parts: &[] }
}

/// Where a line names what it is about. All texts are in lower case.
#[derive(Debug, Clone, Copy)]
pub(super) enum Take {
    /// The word after a text.
    After(&'static str),
    /// The word before a text.
    Before(&'static str),
    /// What stands between two texts.
    Between(&'static str, &'static str),
    /// The word that begins with a text.
    Word(&'static str),
}

/// Bits of [`Pairs`]. Rare collisions only cost time.
const PAIRS: usize = 4096;

/// Which pairs of neighbouring bytes a line has. Shows of nearly every line and part that the line does not contain the
/// part, so that a log of millions of lines is not searched a hundred times.
#[derive(Debug, Clone)]
pub(super) struct Pairs([u64; PAIRS / 64]);

impl Pairs {
    pub(super) fn of(text: &str) -> Self {
        let mut pairs = Self([0; PAIRS / 64]);
        for pair in text.as_bytes().windows(2) {
            let bit = Self::bit(pair);
            pairs.0[bit / 64] |= 1 << (bit % 64);
        }
        pairs
    }

    fn bit(pair: &[u8]) -> usize {
        pair.iter().fold(0, |bit, byte| bit * 31 + usize::from(*byte)) % PAIRS
    }

    /// Whether a text may be a part of the line.
    fn may_contain(&self, part: &str) -> bool {
        part.as_bytes().windows(2).all(|pair| {
            let bit = Self::bit(pair);
            self.0[bit / 64] >> (bit % 64) & 1 == 1
        })
    }
}

/// A kind of failure.
#[derive(Debug)]
pub(super) struct Rule {
    /// The name in kebab case. It never changes, because stored explanations contain it.
    pub(super) name: &'static str,
    /// Alternatives.
    pub(super) signs: &'static [Sign],
    /// Alternatives; the first that the line has counts.
    pub(super) takes: &'static [Take],
    /// What happened, in a sentence. `{…}` stands for the subject, and its text for an unknown one.
    pub(super) what: &'static str,
    /// What to do.
    pub(super) todo: &'static str,
}

impl Rule {
    /// Whether a line in lower case, with these pairs of bytes, is of this kind.
    pub(super) fn fits(&self, lower: &str, pairs: &Pairs) -> bool {
        let has = |part: &str| pairs.may_contain(part) && lower.contains(part);
        let fits =
            |sign: &Sign| lower.starts_with(sign.start) && sign.parts.iter().all(|part| has(part));
        self.signs.iter().any(fits)
    }

    /// What a line of this kind is about.
    pub(super) fn subject<'a>(&self, text: &'a str) -> Option<&'a str> {
        // ASCII only, so that the places are those of the text.
        let lower = text.to_ascii_lowercase();
        self.takes.iter().find_map(|take| {
            let (from, to) = take.place(&lower)?;
            let word =
                text.get(from..to)?.trim().trim_matches(is_quote).trim_end_matches(['.', ':', ';']);
            // An option such as `-r` is not what the line is about.
            (!word.is_empty() && !word.starts_with("-r ") && word != "-r").then_some(word)
        })
    }

    /// What happened to a subject, in a sentence.
    pub(super) fn what(&self, subject: Option<&str>) -> String {
        let Some((before, (unknown, after))) = self
            .what
            .split_once('{')
            .and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
        else {
            return self.what.to_owned();
        };
        match subject {
            Some(subject) => format!("{before}“{subject}”{after}"),
            None => format!("{before}{unknown}{after}"),
        }
    }
}

impl Take {
    /// The place in a text in lower case.
    fn place(self, lower: &str) -> Option<(usize, usize)> {
        match self {
            Self::After(text) => {
                let from = lower.find(text)? + text.len();
                let quoted = lower[from..].len() - lower[from..].trim_start_matches(is_quote).len();
                Some((from, word_end(lower, from + quoted)))
            }
            Self::Before(text) => {
                let to = lower.find(text)?;
                let word = lower[..to].trim_end_matches(is_quote);
                let is_edge = |sign: char| sign.is_whitespace() || is_quote(sign);
                let from = word
                    .rfind(is_edge)
                    .and_then(|at| Some(at + word[at..].chars().next()?.len_utf8()));
                Some((from.unwrap_or(0), word.len()))
            }
            Self::Between(one, other) => {
                let from = lower.find(one)? + one.len();
                Some((from, from + lower[from..].find(other)?))
            }
            Self::Word(text) => {
                let from = lower.find(text)?;
                Some((from, word_end(lower, from)))
            }
        }
    }
}

fn word_end(lower: &str, from: usize) -> usize {
    let is_end =
        |sign: char| sign.is_whitespace() || is_quote(sign) || matches!(sign, ',' | ')' | ';');
    lower[from..].find(is_end).map_or(lower.len(), |length| from + length)
}

fn is_quote(sign: char) -> bool {
    matches!(sign, '"' | '\'' | '`' | '“' | '”' | '(')
}
