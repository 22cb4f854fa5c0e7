//! `$filter`: `deployment eq '*'`, `statusCode eq '200' and deployment eq 'blue'`, and `or` between values
//! of one dimension. A named dimension splits the series.

use super::catalogue::Metric;

/// One comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    pub dimension: String,
    is_equal: bool,
    /// The values; `*` matches any.
    values: Vec<String>,
}

/// All of them must match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter(pub Vec<Clause>);

/// Parses a filter.
pub fn parse(text: &str) -> Result<Filter, String> {
    let mut clauses: Vec<Clause> = Vec::new();
    if text.trim().is_empty() {
        return Ok(Filter::default());
    }
    let mut words = words(text)?.into_iter();
    let mut joiner = "and".to_owned();
    loop {
        let mut next = || words.next().ok_or_else(|| invalid(text));
        let (dimension, operator, value) = (next()?, next()?, next()?);
        let is_equal = match operator.to_lowercase().as_str() {
            "eq" => true,
            "ne" => false,
            _ => return Err(invalid(text)),
        };
        let value = value.strip_prefix('\'').ok_or_else(|| invalid(text))?.to_owned();
        let same = clauses.iter_mut().find(|c| c.dimension.eq_ignore_ascii_case(&dimension));
        match same {
            Some(clause) if joiner == "or" && is_equal => clause.values.push(value),
            Some(_) => return Err(invalid(text)),
            None if joiner == "or" => return Err(invalid(text)),
            None => clauses.push(Clause { dimension, is_equal, values: vec![value] }),
        }
        match words.next().map(|word| word.to_lowercase()) {
            None => return Ok(Filter(clauses)),
            Some(word) if word == "and" || word == "or" => joiner = word,
            Some(_) => return Err(invalid(text)),
        }
    }
}

fn invalid(text: &str) -> String {
    format!("The $filter [{text}] is not valid. Write: dimension eq 'value' and …")
}

/// Words; a quoted value keeps its opening quote, and a doubled quote inside it stands for one.
fn words(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut chars = text.chars().filter(|c| *c != '(' && *c != ')').peekable();
    while let Some(c) = chars.next() {
        let mut word = String::from(c);
        if c.is_whitespace() {
            continue;
        }
        if c == '\'' {
            loop {
                match chars.next() {
                    Some('\'') if chars.peek() == Some(&'\'') => {
                        chars.next();
                        word.push('\'');
                    }
                    Some('\'') => break,
                    Some(c) => word.push(c),
                    None => return Err(invalid(text)),
                }
            }
        } else {
            while let Some(c) = chars.next_if(|c| !c.is_whitespace() && *c != '\'') {
                word.push(c);
            }
        }
        words.push(word);
    }
    Ok(words)
}

impl Filter {
    /// Refuses dimensions that the metric does not have.
    pub fn check(&self, metric: &Metric) -> Result<(), String> {
        for clause in &self.0 {
            let mut names = metric.dimensions.iter();
            if !names.any(|name| name.eq_ignore_ascii_case(&clause.dimension)) {
                return Err(format!(
                    "Metric: {} does not support requested dimension combination: {}, supported \
                     ones are: {}",
                    metric.name,
                    clause.dimension,
                    metric.dimensions.join(",")
                ));
            }
        }
        Ok(())
    }
}

impl Clause {
    /// Whether a value matches.
    pub fn holds(&self, value: &str) -> bool {
        let is_in = self.values.iter().any(|v| v == "*" || v.eq_ignore_ascii_case(value));
        is_in == self.is_equal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_parsed_in_azure_monitors_syntax() {
        let check = |text: &str, expect: Option<usize>| {
            assert_eq!(parse(text).ok().map(|filter| filter.0.len()), expect, "{text}");
        };
        check("", Some(0));
        check("deployment eq '*'", Some(1));
        check("deployment eq 'a' and statusCode eq '*'", Some(2));
        check("deployment eq 'a' or deployment eq 'b'", Some(1));
        check("(deployment eq 'it''s')", Some(1));
        check("deployment", None);
        check("deployment is 'a'", None);
        check("deployment eq a", None);
        check("deployment eq 'a", None);
    }

    #[test]
    fn a_star_matches_any_value() {
        let filter = parse("deployment eq '*'").expect("a filter");
        assert!(filter.0[0].holds("blue"));
        let filter = parse("deployment ne 'blue'").expect("a filter");
        assert!(!filter.0[0].holds("Blue") && filter.0[0].holds("green"));
    }
}
