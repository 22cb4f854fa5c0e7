//! The actions that are taken away from everybody, to play a role that is too small.

use parking_lot::RwLock;

/// The highest number of actions that can be taken away.
const TAKEN_MAX: usize = 200;
/// The longest action, in bytes.
const ACTION_BYTES_MAX: usize = 512;

/// Actions that nobody may carry out, until the emulator stops.
#[derive(Debug, Default)]
pub struct Taken(RwLock<Vec<String>>);

impl Taken {
    /// Takes these actions away, and gives all others back. `*` stands for any characters.
    ///
    /// # Errors
    /// A sentence that says which limit the actions exceed.
    pub fn set(&self, actions: Vec<String>) -> Result<(), &'static str> {
        if actions.len() > TAKEN_MAX || actions.iter().any(|one| one.len() > ACTION_BYTES_MAX) {
            return Err("There are too many actions, or one of them is too long.");
        }
        *self.0.write() = actions;
        Ok(())
    }

    /// The patterns of the actions that are taken away.
    pub fn all(&self) -> Vec<String> {
        self.0.read().clone()
    }

    /// Whether an action is taken away.
    pub fn has(&self, action: &str) -> bool {
        self.0.read().iter().any(|pattern| covers(pattern, action))
    }
}

/// Whether a pattern includes an action. ARM ignores case.
pub fn covers(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.to_ascii_lowercase(), action.to_ascii_lowercase());
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut left) = action.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return left.is_empty() };
    for part in parts {
        let Some((_, after)) = left.split_once(part) else { return false };
        left = after;
    }
    left.ends_with(last)
}
