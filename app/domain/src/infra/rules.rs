//! Azure's naming rules for the names in an infra configuration (Azure docs: naming rules and restrictions for Azure
//! resources).

/// A class of characters.
type Allowed = fn(char) -> bool;

/// A naming rule.
pub(super) struct Rule {
    kind: &'static str,
    length: (usize, usize),
    allowed: Allowed,
    /// The allowed first characters.
    first: Allowed,
    /// The allowed last characters.
    last: Allowed,
    /// Whether consecutive hyphens are allowed.
    double_hyphens: bool,
    /// The rule in words.
    words: &'static str,
}

fn word(c: char) -> bool {
    c.is_ascii_alphanumeric()
}

fn letter(c: char) -> bool {
    c.is_ascii_alphabetic()
}

fn any(_: char) -> bool {
    true
}

fn hyphened(c: char) -> bool {
    word(c) || c == '-'
}

fn hyphened_or_underscored(c: char) -> bool {
    hyphened(c) || c == '_'
}

fn lower(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit()
}

/// The base of the rules below.
const ANY: Rule = Rule {
    kind: "name",
    length: (1, 255),
    allowed: any,
    first: any,
    last: any,
    double_hyphens: true,
    words: "anything",
};
/// Namespace, postfix and environment, which are part of derived names.
pub(super) const PART: Rule = Rule {
    kind: "part of resource names",
    length: (1, 20),
    allowed: hyphened,
    first: word,
    last: word,
    words: "letters, digits and hyphens, with a letter or digit at both ends",
    ..ANY
};
pub(super) const WORKSPACE: Rule = Rule {
    kind: "name of a workspace",
    length: (3, 33),
    allowed: hyphened_or_underscored,
    first: word,
    words: "letters, digits, hyphens and underscores, with a letter or digit at the start",
    ..ANY
};
pub(super) const REGISTRY: Rule = Rule { kind: "name of a registry", ..WORKSPACE };
pub(super) const GROUP: Rule = Rule {
    kind: "name of a resource group",
    length: (1, 90),
    allowed: |c| c.is_alphanumeric() || "-_.()".contains(c),
    last: |c| c != '.',
    words: "letters, digits, hyphens, underscores, dots and round brackets, without a dot at the end",
    ..ANY
};
pub(super) const ENDPOINT: Rule = Rule {
    kind: "name of an endpoint",
    length: (3, 32),
    allowed: hyphened,
    first: letter,
    last: word,
    words: "letters, digits and hyphens, with a letter at the start and a letter or digit at the end",
    ..ANY
};
pub(super) const KEY_VAULT: Rule = Rule {
    kind: "name of a key vault",
    length: (3, 24),
    double_hyphens: false,
    words: "letters, digits and single hyphens, with a letter at the start and a letter or digit at the end",
    ..ENDPOINT
};
pub(super) const LOAD_TEST: Rule = Rule {
    kind: "name of a load test resource",
    length: (1, 64),
    allowed: hyphened_or_underscored,
    words: "letters, digits, hyphens and underscores, with a letter at the start and a letter or digit at the end",
    ..ENDPOINT
};
/// Application Insights and action groups.
pub(super) const MONITOR: Rule = Rule {
    kind: "name in Azure Monitor",
    allowed: |c| !c.is_control() && !":<>+/&%\\?|".contains(c),
    last: |c| c != '.' && c != ' ',
    words: "anything but : < > + / & % \\ ? |, without a dot or space at the end",
    ..ANY
};
pub(super) const STORAGE: Rule = Rule {
    kind: "name of a storage account",
    length: (3, 24),
    allowed: lower,
    words: "lower-case letters and digits",
    ..ANY
};
pub(super) const LOCATION: Rule = Rule {
    kind: "name of a region",
    length: (2, 40),
    allowed: |c| word(c) || c == ' ',
    first: letter,
    last: word,
    words: "letters, digits and spaces, like westeurope",
    ..ANY
};

impl Rule {
    /// How a name breaks the rule; `None` if it does not.
    pub(super) fn broken_by(&self, name: &str) -> Option<String> {
        let Self { kind, length: (min, max), words, .. } = self;
        let shown: String = name.chars().take(60).collect();
        let length = name.chars().count();
        if length < *min || length > *max {
            return Some(format!(
                "“{shown}” has {length} characters; a {kind} must have {min} to {max}"
            ));
        }
        let legal = name.chars().all(self.allowed)
            && name.chars().next().is_some_and(self.first)
            && name.chars().next_back().is_some_and(self.last)
            && (self.double_hyphens || !name.contains("--"));
        (!legal).then(|| format!("“{shown}” is not a valid {kind}: use {words}"))
    }
}
