//! Checks expressions (`${{ … }}`) for errors that make GitHub refuse a workflow file.

/// The position of an expression, which decides what it may name (GitHub docs: contexts, context availability).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the `with:` of a job that calls a workflow.
    With,
    /// In a job's `if:`, with or without `${{ }}`.
    Condition,
    /// Anywhere else: only the syntax is checked.
    Elsewhere,
}

/// Functions that every expression may call, in lower case.
const FUNCTIONS: [&str; 9] = [
    "contains",
    "startswith",
    "endswith",
    "format",
    "join",
    "tojson",
    "fromjson",
    "case",
    "hashfiles",
];
/// Functions that only the `if:` of a job may call.
const STATUS: [&str; 4] = ["always", "success", "failure", "cancelled"];
const LITERALS: [&str; 5] = ["true", "false", "null", "nan", "infinity"];

impl Place {
    fn contexts(self) -> Option<&'static [&'static str]> {
        match self {
            Self::With => Some(&["github", "inputs", "vars", "needs", "strategy", "matrix"]),
            Self::Condition => Some(&["github", "inputs", "vars", "needs"]),
            Self::Elsewhere => None,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::With => "in the with: of a call",
            Self::Condition => "in the if: of a job",
            Self::Elsewhere => "here",
        }
    }

    fn calls(self, function: &str) -> bool {
        match self {
            // hashFiles needs a runner, and a call has no runner.
            Self::With => FUNCTIONS.contains(&function) && function != "hashfiles",
            Self::Condition => {
                STATUS.contains(&function)
                    || (FUNCTIONS.contains(&function) && function != "hashfiles")
            }
            Self::Elsewhere => true,
        }
    }
}

/// Why GitHub rejects a text with expressions, if it does. Checks that each expression is closed and not empty, its
/// quotes and brackets, and its names.
#[must_use]
pub fn refused(text: &str, place: Place) -> Option<String> {
    let mut rest = text;
    while let Some(start) = rest.find("${{") {
        let inner = &rest[start + 3..];
        let Some(end) = end_of(inner) else {
            return Some("a ${{ is opened but not closed with }}".to_owned());
        };
        let body = inner[..end].trim();
        if body.is_empty() {
            return Some("there is nothing between ${{ and }}".to_owned());
        }
        if let Some(why) = body_refused(body, place) {
            return Some(why);
        }
        rest = &inner[end + 2..];
    }
    None
}

/// Why GitHub rejects a condition, if it does. A condition may omit `${{ }}`.
#[must_use]
pub fn condition_refused(text: &str) -> Option<String> {
    if text.contains("${{") {
        return refused(text, Place::Condition);
    }
    body_refused(text.trim(), Place::Condition)
}

/// The position of the `}}` that closes an expression, ignoring those in quotes.
fn end_of(text: &str) -> Option<usize> {
    let mut quoted = false;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        match c {
            '\'' => quoted = !quoted,
            '}' if !quoted && before == '}' => return Some(at - 1),
            _ => {}
        }
        before = c;
    }
    None
}

fn body_refused(body: &str, place: Place) -> Option<String> {
    let bare = match without_texts(body) {
        Ok(bare) => bare,
        Err(why) => return Some(why),
    };
    if let Some(odd) = bare.chars().find(|c| "\"`?:;{}@#$%/~^\\".contains(*c)) {
        let hint = if odd == '"' { "; put texts in single quotes" } else { "" };
        return Some(format!("expressions have no {odd}{hint}"));
    }
    if !is_balanced(&bare) {
        return Some("its brackets do not match".to_owned());
    }
    names(&bare).into_iter().find_map(|name| name.refused(place))
}

/// Removes the strings (`'…'`) from an expression.
fn without_texts(body: &str) -> Result<String, String> {
    let mut bare = String::new();
    let mut quoted = false;
    for c in body.chars() {
        match c {
            '\'' => {
                quoted = !quoted;
                bare.push(' ');
            }
            c if !quoted => bare.push(c),
            _ => {}
        }
    }
    if quoted { Err("a quote is opened but not closed".to_owned()) } else { Ok(bare) }
}

fn is_balanced(bare: &str) -> bool {
    let mut open = Vec::new();
    for c in bare.chars() {
        let fits = match c {
            '(' | '[' => {
                open.push(c);
                true
            }
            ')' => open.pop() == Some('('),
            ']' => open.pop() == Some('['),
            _ => true,
        };
        if !fits {
            return false;
        }
    }
    open.is_empty()
}

/// A name in an expression that is not a property of another.
struct Name {
    text: String,
    is_called: bool,
}

impl Name {
    fn refused(&self, place: Place) -> Option<String> {
        let plain = self.text.to_ascii_lowercase();
        let Self { text, is_called } = self;
        if *is_called {
            let words = place.words();
            return (!place.calls(&plain))
                .then(|| format!("{words} there is no function {text}()"));
        }
        let contexts = place.contexts()?;
        let is_known = LITERALS.contains(&plain.as_str()) || contexts.contains(&plain.as_str());
        (!is_known).then(|| {
            format!("{} {text} is not available, only {}", place.words(), contexts.join(", "))
        })
    }
}

fn names(bare: &str) -> Vec<Name> {
    let chars: Vec<char> = bare.chars().collect();
    let is_inner = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let mut names = Vec::new();
    let mut at = 0;
    let mut before = ' ';
    while at < chars.len() {
        let c = chars[at];
        if c.is_alphabetic() || c == '_' {
            let length = chars[at..].iter().take_while(|c| is_inner(**c)).count();
            let text: String = chars[at..at + length].iter().collect();
            at += length;
            let next = chars[at..].iter().find(|c| !c.is_whitespace());
            if before != '.' {
                names.push(Name { text, is_called: next == Some(&'(') });
            }
            before = 'x';
            continue;
        }
        if c.is_ascii_digit() {
            // The letters of a number (0x1F, 1e3) are not names.
            at += chars[at..].iter().take_while(|c| is_inner(**c) || **c == '.').count();
            before = '0';
            continue;
        }
        if !c.is_whitespace() {
            before = c;
        }
        at += 1;
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_expressions_are_accepted() {
        for text in [
            "${{ inputs.percentage }}",
            "pre-${{ vars.STAGE }}-${{ github.ref_name }}",
            "${{ needs.plan.outputs.name }}",
            "${{ matrix.env['secrets'] }}",
            "${{ fromJSON(inputs.list)[0] || 'env.x }}' }}",
            "${{ inputs.deploy == true && 0x1F || -1.5e3 }}",
            "${{ toJson(inputs.secrets.env) }}",
            "no expression at all",
            "}}",
        ] {
            assert_eq!(refused(text, Place::With), None, "{text}");
        }
    }

    #[test]
    fn invalid_expressions_are_reported() {
        for (text, part) in [
            ("${{ env.ENDPOINT }}", "env is not available, only github, inputs"),
            ("${{ secrets.NAME }}", "secrets is not available"),
            ("x-${{ SECRETS['A'] }}", "SECRETS is not available"),
            ("${{ steps.a.outputs.b }}", "steps is not available"),
            ("${{ inputs.a || runner.os }}", "runner is not available"),
            ("${{ hashFiles('x') }}", "no function hashFiles()"),
            ("${{ always() }}", "no function always()"),
            ("anet-ep-${{ vars.STAGE", "not closed with }}"),
            ("${{ 'a }}", "not closed with }}"),
            ("${{ }}", "there is nothing"),
            ("${{ inputs.a ? 1 : 2 }}", "have no ?"),
            ("${{ format(\"a\") }}", "single quotes"),
            ("${{ (inputs.a }}", "brackets"),
            ("${{ stage }}", "stage is not available"),
        ] {
            let why = refused(text, Place::With).unwrap_or_default();
            assert!(why.contains(part), "{text}: {why}");
        }
    }

    #[test]
    fn a_condition_needs_no_braces_and_has_no_secrets() {
        for text in
            ["github.ref == 'refs/heads/main'", "always() && inputs.deploy", "${{ !cancelled() }}"]
        {
            assert_eq!(condition_refused(text), None, "{text}");
        }
        assert!(condition_refused("secrets.TOKEN != ''").is_some());
        assert!(condition_refused("env.DEPLOY == 'true'").is_some());
    }
}
