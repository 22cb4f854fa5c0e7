//! `--set key=value`, with the semantics of `az ml … --set`: dotted paths (`a.b[0].c`) are set in the parsed file
//! before any check. Values are strings, which the schema converts to numbers or booleans where it needs them.

use crate::problem::{Mark, Problem};
use crate::yaml::{Entry, Map, Node, Scalar, Value, short};

/// Maximum number of parts of a path.
const TOKENS_MAX: usize = 32;
/// Maximum index, which limits the length of a created list.
const INDEX_MAX: usize = 100;

/// One `key=value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    pub path: String,
    pub value: String,
}

impl Override {
    /// Reads `key=value`.
    ///
    /// # Errors
    /// When `=` is missing, or nothing is before it.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((path, value)) if !path.is_empty() => {
                Ok(Self { path: path.to_owned(), value: value.to_owned() })
            }
            _ => Err(format!(
                "“{}” is not key=value. Write for example instance_count=2",
                short(text)
            )),
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
/// When the path leads into a string (`model.name` where `model` is `azureml:…`), into a number, or past a list.
pub(crate) fn apply(root: &mut Node, given: &Override) -> Result<(), Problem> {
    let at = given.at();
    let wrong = |message: &str| at.problem(&short(&given.path), message);
    let tokens = tokens(&given.path).ok_or_else(|| {
        wrong("this is not a path. Write keys separated by dots, for example a.b[0].c")
    })?;
    let value = Node::new(at.clone(), Value::Scalar(Scalar::quoted(&given.value)));
    if let Some((number, value)) = set(root, &tokens, &value).map_err(wrong)? {
        spread(root, number, &value);
    }
    Ok(())
}

/// Sets a value below `here`. Returns the innermost changed collection of the file, with its number.
fn set(
    here: &mut Node,
    tokens: &[Token],
    value: &Node,
) -> Result<Option<(u32, Value)>, &'static str> {
    let Some((token, rest)) = tokens.split_first() else {
        *here = value.clone();
        return Ok(None);
    };
    if here.is_null() {
        here.value = match token {
            Token::Key(_) => Value::Map(Map::default()),
            Token::Index(_) => Value::List(Vec::new()),
        };
    }
    let fresh = || Node::new(value.at.clone(), Value::Scalar(Scalar::plain("")));
    let inner = match (&mut here.value, token) {
        (Value::Map(_), Token::Index(_)) => {
            return Err("this is a mapping, not a list. Name a key");
        }
        (Value::Map(map), Token::Key(key)) => {
            if map.entry(key).is_none() {
                let at = value.at.clone();
                map.set(Entry { key: Scalar::quoted(key), at, value: fresh() });
            }
            let entry = map.entries.iter_mut().find(|entry| entry.key.text == *key);
            &mut entry.expect("it was just set").value
        }
        (Value::List(items), Token::Index(index)) => {
            while items.len() <= *index {
                items.push(fresh());
            }
            &mut items[*index]
        }
        (Value::List(_), Token::Key(_)) => {
            return Err("this is a list. Name an item by its index, for example a[0]");
        }
        (Value::Scalar(_), _) => {
            return Err("the path leads into a plain value. Set that value as a whole");
        }
    };
    let changed = set(inner, rest, value)?;
    let is_own = changed.is_none() && here.number != 0;
    Ok(if is_own { Some((here.number, here.value.clone())) } else { changed })
}

/// Changes all aliases of a collection, because in Python they are one object.
fn spread(node: &mut Node, number: u32, value: &Value) {
    if node.number == number {
        node.value = value.clone();
        return;
    }
    match &mut node.value {
        Value::Scalar(_) => {}
        Value::List(items) => items.iter_mut().for_each(|item| spread(item, number, value)),
        Value::Map(map) => {
            map.entries.iter_mut().for_each(|entry| spread(&mut entry.value, number, value));
        }
    }
}

/// Splits `a.b[0].c` as pydash does. `\.` is a dot within a key, and nothing between two dots is the empty key.
fn tokens(path: &str) -> Option<Vec<Token>> {
    let mut all = Vec::new();
    let mut key = String::new();
    // Nothing between an index and a dot is not a key.
    let mut after_index = false;
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
        rest = index.map_or(after, |(_, after)| after);
        match (c, index) {
            ('.', _) => {
                let is_key = !key.is_empty() || !after_index;
                all.extend(is_key.then(|| Token::Key(std::mem::take(&mut key))));
                after_index = false;
            }
            (_, Some((number, _))) => {
                all.extend((!key.is_empty()).then(|| Token::Key(std::mem::take(&mut key))));
                all.push(Token::Index(number));
                after_index = true;
            }
            _ => key.push(c),
        }
    }
    all.extend((!key.is_empty() || !after_index).then_some(Token::Key(key)));
    let fits = |token: &Token| !matches!(token, Token::Index(number) if *number > INDEX_MAX);
    (!all.is_empty() && all.len() <= TOKENS_MAX && all.iter().all(fits)).then_some(all)
}
