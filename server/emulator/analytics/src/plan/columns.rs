//! `project-away`, `project-keep` and `project-rename`.

use super::binder::{Binder, Result, Scope, is_hidden};
use super::{Bound, Expr, Plan};
use crate::kql::syntax::At;
use crate::schema::Column;

impl Binder<'_> {
    /// Some of the columns: those that fit the patterns, or the others.
    pub(super) fn keep(
        &mut self,
        input: Bound,
        operator: &str,
        patterns: &[(At, String)],
        is_kept: bool,
    ) -> Result<Bound> {
        for (at, pattern) in patterns {
            if !pattern.contains('*') && !input.columns.iter().any(|column| &column.name == pattern)
            {
                return Err(self.unresolved(*at, pattern, &Scope::new(&input.columns, operator)));
            }
        }
        let fits = |column: &Column| {
            is_hidden(&column.name)
                || patterns.iter().any(|(_, pattern)| matches(pattern, &column.name)) == is_kept
        };
        let kept = input.columns.iter().enumerate().filter(|(_, column)| fits(column));
        let (exprs, columns): (Vec<_>, Vec<_>) =
            kept.map(|(at, column)| (Expr::column(column.kind, at), column.clone())).unzip();
        Ok(input.over(columns, |input| Plan::Project { input, columns: exprs }))
    }

    pub(super) fn rename(
        &mut self,
        mut input: Bound,
        operator: &str,
        renames: &[(At, String, String)],
    ) -> Result<Bound> {
        for (at, new, old) in renames {
            let Some(place) = input.columns.iter().position(|column| &column.name == old) else {
                return Err(self.unresolved(*at, old, &Scope::new(&input.columns, operator)));
            };
            if input.columns.iter().any(|column| &column.name == new) {
                let message = format!("'{operator}' operator: there is a column '{new}' already.");
                return Err(self.semantic(*at, new, None, message));
            }
            input.columns[place].name.clone_from(new);
        }
        Ok(input)
    }
}

/// Whether a name fits a pattern with `*` for any letters.
fn matches(pattern: &str, name: &str) -> bool {
    let parts: Vec<&str> = pattern.split('*').collect();
    let [first, .., last] = parts.as_slice() else { return pattern == name };
    let Some(mut rest) = name.strip_prefix(first).and_then(|rest| rest.strip_suffix(last)) else {
        return false;
    };
    for part in &parts[1..parts.len() - 1] {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_any_letters() {
        for (pattern, name, is) in [
            ("Aml*", "AmlX", true),
            ("*Ms", "TotalDurationMs", true),
            ("T*D*s", "TotalDurationMs", true),
            ("a*a", "a", false),
            ("Path", "Path", true),
            ("Path", "Path2", false),
        ] {
            assert_eq!(matches(pattern, name), is, "{pattern} {name}");
        }
    }
}
