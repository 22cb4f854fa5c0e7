//! Words of a Dockerfile: quotes, escapes and variables, as the shell and Docker read them.

/// Looks up a variable.
pub(super) type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// How deep `${a:-${b:-…}}` may go.
const DEPTH_MAX: usize = 8;

/// A part of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Word(String),
    /// `&&`, `;` or a line's end: another command follows.
    Next,
    /// Something that only a shell can do.
    Shell(&'static str),
}

/// What the text is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The arguments of an instruction: separated by blanks, without operators.
    Arguments,
    /// Commands of a shell.
    Commands,
    /// One word, whatever is in it.
    One,
}

struct Lexer<'a> {
    chars: std::iter::Peekable<std::str::Chars<'a>>,
    lookup: Lookup<'a>,
    kind: Kind,
    depth: usize,
    tokens: Vec<Token>,
    word: Option<String>,
}

/// One value with its quotes removed and its variables replaced.
pub(super) fn expand(text: &str, lookup: Lookup<'_>) -> String {
    expand_at(text, lookup, 0)
}

fn expand_at(text: &str, lookup: Lookup<'_>, depth: usize) -> String {
    let words = lex(text, lookup, Kind::One, depth).into_iter();
    words
        .filter_map(|token| if let Token::Word(word) = token { Some(word) } else { None })
        .collect()
}

/// The words of an instruction's arguments.
pub(super) fn split(text: &str, lookup: Lookup<'_>) -> Vec<String> {
    let tokens = lex(text, lookup, Kind::Arguments, 0).into_iter();
    tokens
        .filter_map(|token| if let Token::Word(word) = token { Some(word) } else { None })
        .collect()
}

/// `NAME=value …` of `ENV` and `LABEL`, also in the old form `NAME value`.
pub(super) fn pairs(text: &str, lookup: Lookup<'_>) -> Vec<(String, String)> {
    let text = text.trim();
    let first = text.split_whitespace().next().unwrap_or_default();
    if !first.contains('=') {
        let value = text[first.len()..].trim();
        return vec![(first.to_owned(), expand(value, lookup))];
    }
    let words = split(text, lookup).into_iter();
    words
        .filter_map(|word| word.split_once('=').map(|(k, v)| (k.to_owned(), v.to_owned())))
        .collect()
}

/// The commands of a shell line.
pub(super) fn commands(text: &str, lookup: Lookup<'_>) -> Vec<Vec<Token>> {
    let tokens = lex(text, lookup, Kind::Commands, 0);
    let commands = tokens.split(|token| *token == Token::Next).map(<[Token]>::to_vec);
    commands.filter(|command| !command.is_empty()).collect()
}

fn lex(text: &str, lookup: Lookup<'_>, kind: Kind, depth: usize) -> Vec<Token> {
    let chars = text.chars().peekable();
    Lexer { chars, lookup, kind, depth, tokens: Vec::new(), word: None }.run()
}

impl Lexer<'_> {
    fn run(mut self) -> Vec<Token> {
        while let Some(c) = self.chars.next() {
            match c {
                '\\' => self.escape(),
                '\'' => self.single(),
                '"' => self.double(),
                '$' => self.variable(false),
                '\n' if self.kind == Kind::Commands => self.end(Some(Token::Next)),
                c if c.is_whitespace() && self.kind != Kind::One => self.end(None),
                '#' if self.kind == Kind::Commands && self.word.is_none() => self.comment(),
                c if self.kind == Kind::Commands && self.operator(c) => {}
                c => self.push(c),
            }
        }
        self.end(None);
        self.tokens
    }

    fn push(&mut self, c: char) {
        self.word.get_or_insert_default().push(c);
    }

    fn end(&mut self, token: Option<Token>) {
        self.tokens.extend(self.word.take().map(Token::Word));
        self.tokens.extend(token);
    }

    fn escape(&mut self) {
        match self.chars.next() {
            // A continued line.
            Some('\n') if self.kind == Kind::Commands => {}
            Some(c) => self.push(c),
            None => self.push('\\'),
        }
    }

    fn comment(&mut self) {
        while self.chars.next_if(|c| *c != '\n').is_some() {}
    }

    fn single(&mut self) {
        self.word.get_or_insert_default();
        while let Some(c) = self.chars.next().filter(|c| *c != '\'') {
            self.push(c);
        }
    }

    fn double(&mut self) {
        self.word.get_or_insert_default();
        while let Some(c) = self.chars.next() {
            match c {
                '"' => return,
                '$' => self.variable(true),
                '`' if self.kind == Kind::Commands => self.tokens.push(Token::Shell("`…`")),
                '\\' => match self.chars.next() {
                    Some(c @ ('"' | '\\' | '$' | '`')) => self.push(c),
                    Some('\n') => {}
                    other => {
                        self.push('\\');
                        other.into_iter().for_each(|c| self.push(c));
                    }
                },
                c => self.push(c),
            }
        }
    }

    /// Whether the character begins an operator, which is then consumed.
    fn operator(&mut self, c: char) -> bool {
        let is_double = self.chars.peek() == Some(&c);
        let token = match c {
            ';' => Token::Next,
            '&' if is_double => Token::Next,
            '&' => Token::Shell("&"),
            '|' if is_double => Token::Shell("||"),
            '|' => Token::Shell("|"),
            '<' => Token::Shell("<"),
            '>' => Token::Shell(">"),
            '`' => Token::Shell("`…`"),
            '(' | ')' => Token::Shell("(…)"),
            _ => return false,
        };
        if is_double && "&|<>".contains(c) {
            self.chars.next();
        }
        // `2>&1`: the digit belongs to the operator.
        if matches!(token, Token::Shell("<" | ">")) && self.word.as_deref() == Some("2") {
            self.word = None;
        }
        self.end(Some(token));
        true
    }

    fn variable(&mut self, is_quoted: bool) {
        let is_name = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
        match self.chars.peek() {
            Some('{') => {
                self.chars.next();
                let inner = self.braced();
                let value = self.substitute(&inner);
                self.insert(&value, is_quoted);
            }
            Some('(') if self.kind == Kind::Commands => {
                self.end(Some(Token::Shell("$(…)")));
            }
            Some(c) if is_name(c) => {
                let mut name = String::new();
                while let Some(c) = self.chars.next_if(is_name) {
                    name.push(c);
                }
                let value = (self.lookup)(&name).unwrap_or_default();
                self.insert(&value, is_quoted);
            }
            _ => self.push('$'),
        }
    }

    fn braced(&mut self) -> String {
        let (mut inner, mut open) = (String::new(), 1);
        for c in self.chars.by_ref() {
            match c {
                '{' => open += 1,
                '}' => open -= 1,
                _ => {}
            }
            if open == 0 {
                break;
            }
            inner.push(c);
        }
        inner
    }

    /// `NAME`, `NAME:-word`, `NAME-word`, `NAME:+word` or `NAME+word`.
    fn substitute(&self, inner: &str) -> String {
        let end = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let (name, rest) = inner.split_at(end.unwrap_or(inner.len()));
        let value = (self.lookup)(name);
        let (value, rest) = match rest.strip_prefix(':') {
            Some(rest) => (value.filter(|value| !value.is_empty()), rest),
            None => (value, rest),
        };
        let other = |word: &str| match self.depth < DEPTH_MAX {
            true => expand_at(word, self.lookup, self.depth + 1),
            false => String::new(),
        };
        match (value, rest.strip_prefix('-'), rest.strip_prefix('+')) {
            (None, Some(word), _) | (Some(_), _, Some(word)) => other(word),
            (None, ..) => String::new(),
            (Some(value), _, None) => value,
        }
    }

    /// A shell splits the value of a variable that is not quoted.
    fn insert(&mut self, value: &str, is_quoted: bool) {
        if is_quoted || self.kind != Kind::Commands {
            if !value.is_empty() || is_quoted {
                self.word.get_or_insert_default().push_str(value);
            }
            return;
        }
        for c in value.chars() {
            if c.is_whitespace() { self.end(None) } else { self.push(c) }
        }
    }
}

#[cfg(test)]
#[path = "words_tests.rs"]
mod tests;
