//! `--set key=value`, with the semantics of `az ml … --set`: dotted paths (`a.b[0].c`) set in what was
//! read, before anything is checked; values are texts, and numbers or flags where the schema wants those.

use crate::problem::{Mark, Problem};
use crate::yaml::{Entry, Map, Node, Scalar, Value, short};

/// A path longer than this is a mistake.
const TOKENS_MAX: usize = 32;
/// The longest list that an index may make.
const INDEX_MAX: usize = 100;

/// One `key=value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// The dotted path.
    pub path: String,
    /// The value: a text.
    pub value: String,
}

impl Override {
    /// Reads `key=value`.
    ///
    /// # Errors
    /// There is no `=`, or nothing before it.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((path, value)) if !path.is_empty() => {
                Ok(Self { path: path.to_owned(), value: value.to_owned() })
            }
            _ => Err(format!("“{}” is not key=value, like instance_count=2", short(text))),
        }
    }

    fn at(&self) -> Mark {
        Mark { file: format!("--set {}", short(&self.path)).into(), line: 1, column: 1 }
    }
}

enum Token {
    Key(String),
    Index(usize),
}

/// Sets one value.
///
/// # Errors
/// The path leads into a text (`model.name` where `model` is `azureml:…`), into a number, or past a list.
pub(crate) fn apply(root: &mut Node, given: &Override) -> Result<(), Problem> {
    let at = given.at();
    let wrong = |message: &str| at.problem(&short(&given.path), message);
    let tokens = tokens(&given.path)
        .ok_or_else(|| wrong("this is not a path. Write keys with dots between, like a.b[0].c"))?;
    let mut here = root;
    for token in tokens {
        if here.is_null() {
            here.value = match token {
                Token::Key(_) => Value::Map(Map::default()),
                Token::Index(_) => Value::List(Vec::new()),
            };
        }
        let fresh = || Node { at: at.clone(), value: Value::Scalar(Scalar::plain("")) };
        here = match (&mut here.value, token) {
            (Value::Map(map), token) => {
                let key = match token {
                    Token::Key(key) => key,
                    Token::Index(_) => {
                        return Err(wrong("this is a mapping, not a list. Name a key"));
                    }
                };
                if map.entry(&key).is_none() {
                    map.set(Entry { key: Scalar::quoted(&key), at: at.clone(), value: fresh() });
                }
                let entry = map.entries.iter_mut().find(|entry| entry.key.text == key);
                &mut entry.expect("it was just set").value
            }
            (Value::List(items), Token::Index(index)) => {
                while items.len() <= index {
                    items.push(fresh());
                }
                &mut items[index]
            }
            (Value::List(_), Token::Key(_)) => {
                return Err(wrong("this is a list. Name an item by its number, like a[0]"));
            }
            (Value::Scalar(_), _) => {
                return Err(wrong("it leads into a plain value. Set that value as a whole"));
            }
        };
    }
    *here = Node { at, value: Value::Scalar(Scalar::quoted(&given.value)) };
    Ok(())
}

/// `a.b[0].c` to its parts; `\.` is a dot within a key.
fn tokens(path: &str) -> Option<Vec<Token>> {
    let mut all = Vec::new();
    let mut key = String::new();
    let mut rest = path;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        if c == '\\' && (after.starts_with('.') || after.starts_with('\\')) {
            key.push_str(&after[..1]);
            rest = &after[1..];
            continue;
        }
        let index = (c == '[').then(|| after.split_once(']')).flatten();
        let index = index.and_then(|(number, after)| Some((number.parse().ok()?, after)));
        match (c, index) {
            ('.', _) => {
                all.extend((!key.is_empty()).then(|| Token::Key(std::mem::take(&mut key))));
                rest = after;
            }
            (_, Some((number, after))) => {
                all.extend((!key.is_empty()).then(|| Token::Key(std::mem::take(&mut key))));
                all.push(Token::Index(number));
                rest = after;
            }
            _ => {
                key.push(c);
                rest = after;
            }
        }
    }
    all.extend((!key.is_empty()).then_some(Token::Key(key)));
    let fits = |token: &Token| !matches!(token, Token::Index(number) if *number > INDEX_MAX);
    (!all.is_empty() && all.len() <= TOKENS_MAX && all.iter().all(fits)).then_some(all)
}
