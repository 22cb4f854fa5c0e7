//! Azure's naming rules (Azure: naming rules and restrictions for Azure resources), as far as the names of
//! an infra configuration need them.

/// What may be in a name.
type Allowed = fn(char) -> bool;

/// One rule.
pub(super) struct Rule {
    /// What is named.
    kind: &'static str,
    /// Fewest and most characters.
    length: (usize, usize),
    /// What may stand anywhere.
    allowed: Allowed,
    /// What it must start with.
    first: Allowed,
    /// What it must end with.
    last: Allowed,
    /// Whether two hyphens may follow each other.
    double_hyphens: bool,
    /// All of it in words.
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

/// What each rule below restricts.
const ANY: Rule = Rule {
    kind: "name",
    length: (1, 255),
    allowed: any,
    first: any,
    last: any,
    double_hyphens: true,
    words: "anything",
};
/// Namespace, postfix and environment: they go into every name.
pub(super) const PART: Rule = Rule {
    kind: "part of names",
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
    words: "letters, digits, hyphens and underscores, with a letter or digit in front",
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
    words: "letters, digits and hyphens, with a letter in front and a letter or digit at the end",
    ..ANY
};
pub(super) const KEY_VAULT: Rule = Rule {
    kind: "name of a key vault",
    length: (3, 24),
    double_hyphens: false,
    words: "letters, digits and single hyphens, with a letter in front and a letter or digit at the end",
    ..ENDPOINT
};
pub(super) const LOAD_TEST: Rule = Rule {
    kind: "name of a load test resource",
    length: (1, 64),
    allowed: hyphened_or_underscored,
    words: "letters, digits, hyphens and underscores, with a letter in front and a letter or digit at the end",
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
    /// The sentence that says how a name breaks the rule; `None` when it keeps it.
    pub(super) fn broken_by(&self, name: &str) -> Option<String> {
        let Self { kind, length: (min, max), words, .. } = self;
        let shown: String = name.chars().take(60).collect();
        let length = name.chars().count();
        if length < *min || length > *max {
            return Some(format!("“{shown}” has {length} characters; a {kind} has {min} to {max}"));
        }
        let legal = name.chars().all(self.allowed)
            && name.chars().next().is_some_and(self.first)
            && name.chars().next_back().is_some_and(self.last)
            && (self.double_hyphens || !name.contains("--"));
        (!legal).then(|| format!("“{shown}” is no {kind}, which has {words}"))
    }
}
