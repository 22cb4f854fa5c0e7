//! Compares log queries, ignoring line breaks, blanks, comments and the kind of quotes.

/// Characters that are tokens with or without blanks around them.
const SIGNS: &str = "|=!<>(),[]{};:.+-*/%";

/// The normal form of a query.
fn canonical(query: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut rest = query.chars().peekable();
    while let Some(letter) = rest.next() {
        match letter {
            '\'' | '"' => {
                let text: String = rest.by_ref().take_while(|c| *c != letter).collect();
                words.push(format!("'{text}'"));
            }
            '/' if rest.peek() == Some(&'/') => {
                rest.by_ref().take_while(|c| *c != '\n').for_each(drop);
            }
            _ if letter.is_whitespace() => {}
            _ if SIGNS.contains(letter) => words.push(letter.to_string()),
            _ => {
                let mut word = letter.to_string();
                let goes_on =
                    |c: &char| !c.is_whitespace() && !SIGNS.contains(*c) && !"'\"".contains(*c);
                while let Some(next) = rest.next_if(goes_on) {
                    word.push(next);
                }
                words.push(word);
            }
        }
    }
    while words.last().is_some_and(|last| last == ";") {
        words.pop();
    }
    words.join(" ")
}

/// Whether two queries have the same normal form.
#[must_use]
pub fn is_same(a: &str, b: &str) -> bool {
    canonical(a) == canonical(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layout_comments_and_quotes_make_no_difference() {
        let query = "T | where toint(Code) != 200 and Name == 'a b'";
        for (other, same) in [
            ("T|where toint( Code )!=200 and Name=='a b'", true),
            ("T\n| where toint(Code) != 200 // failures\n  and Name == \"a b\";", true),
            ("T | where toint(Code) != 200 and Name == 'a  b'", false),
            ("T | where toint(Code) ! = 200 and Name == 'a b'", true),
            ("T | where toint(Code) != 20 0 and Name == 'a b'", false),
            ("T | where tointCode != 200 and Name == 'a b'", false),
            ("T | where toint(Code) != '200' and Name == 'a b'", false),
            ("T | where toint(code) != 200 and Name == 'a b'", false),
            ("", false),
        ] {
            assert_eq!(is_same(query, other), same, "{other}");
        }
    }
}
