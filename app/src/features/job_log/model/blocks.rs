//! The lines that the browser keeps: blocks of fixed size, as many as fit, the rest is read again when needed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Lines in a block: our own limit. More would delay the first lines, fewer would need more requests.
pub const BLOCK_LINES: u64 = 500;
/// Blocks that are kept: our own limit. 20,000 lines are 2 MB of a usual log.
pub const BLOCKS_MAX: usize = 40;
/// Blocks that are read at the same time: our own limit. A reader who drags the scroll bar passes many blocks, and only
/// the last ones matter.
pub const READS_MAX: usize = 2;

/// What is known of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    Text(Arc<str>),
    /// It is being read, or will be.
    Waiting,
    /// Its block could not be read.
    Failed,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
enum Read {
    #[default]
    Idle,
    /// It is being read; this many lines were known before.
    Running(usize),
    Failed(String),
}

#[derive(Debug, Clone, Default)]
struct Block {
    lines: Vec<Arc<str>>,
    read: Read,
    /// When the block was last on the screen, in steps.
    used: u64,
}

impl Block {
    fn is_being_read(&self) -> bool {
        matches!(self.read, Read::Running(_))
    }
}

/// Blocks by their number, from 0.
#[derive(Debug, Clone, Default)]
pub struct Blocks {
    kept: BTreeMap<u64, Block>,
    step: u64,
}

/// The block that contains a line. Line numbers count from 1.
#[must_use]
pub fn block_of(line: u64) -> u64 {
    line.saturating_sub(1) / BLOCK_LINES
}

/// The number of a block's first line.
#[must_use]
pub fn first_of(block: u64) -> u64 {
    block * BLOCK_LINES + 1
}

/// How many lines a block has in a log of `count` lines.
fn length(block: u64, count: u64) -> u64 {
    count.saturating_sub(block * BLOCK_LINES).min(BLOCK_LINES)
}

fn index(line: u64) -> usize {
    usize::try_from(line.saturating_sub(1) % BLOCK_LINES).unwrap_or_default()
}

impl Blocks {
    /// What is known of a line.
    #[must_use]
    pub fn line(&self, number: u64) -> Known {
        let Some(block) = self.kept.get(&block_of(number)) else { return Known::Waiting };
        match (block.lines.get(index(number)), &block.read) {
            (Some(text), _) => Known::Text(Arc::clone(text)),
            (None, Read::Failed(_)) => Known::Failed,
            (None, _) => Known::Waiting,
        }
    }

    /// Why a block could not be read.
    #[must_use]
    pub fn problem(&self, block: u64) -> Option<String> {
        match &self.kept.get(&block)?.read {
            Read::Failed(message) => Some(message.clone()),
            Read::Idle | Read::Running(_) => None,
        }
    }

    /// Marks the blocks on the screen as used, and returns those to read now. They count as being read until
    /// [`Self::loaded`] or [`Self::failed`].
    pub fn wanted(&mut self, needed: &BTreeSet<u64>, count: u64) -> Vec<u64> {
        self.step += 1;
        let running = self.kept.values().filter(|block| block.is_being_read()).count();
        let mut wanted = Vec::new();
        for &number in needed {
            let expected = length(number, count);
            let block = self.kept.entry(number).or_default();
            block.used = self.step;
            let is_short = (block.lines.len() as u64) < expected;
            if is_short && block.read == Read::Idle && running + wanted.len() < READS_MAX {
                block.read = Read::Running(block.lines.len());
                wanted.push(number);
            }
        }
        self.evict();
        wanted
    }

    /// Keeps the lines of a block that was read. An answer without the missing lines counts as failed, so that nobody
    /// asks for them over and over.
    pub fn loaded(&mut self, number: u64, lines: Vec<String>) {
        let Some(block) = self.kept.get_mut(&number) else { return };
        block.read = match block.read {
            Read::Running(known) if lines.len() <= known => {
                Read::Failed("The console returned fewer lines than the log has.".to_owned())
            }
            _ => Read::Idle,
        };
        // Events may have brought more lines in the meantime.
        if lines.len() > block.lines.len() {
            block.lines = lines.into_iter().take(BLOCK_LINES as usize).map(Into::into).collect();
        }
    }

    /// Notes why a block could not be read.
    pub fn failed(&mut self, number: u64, message: String) {
        if let Some(block) = self.kept.get_mut(&number) {
            block.read = Read::Failed(message);
        }
    }

    /// Lets a block be read again after it failed.
    pub fn retry(&mut self, number: u64) {
        if let Some(block) = self.kept.get_mut(&number).filter(|block| !block.is_being_read()) {
            block.read = Read::Idle;
        }
    }

    /// Keeps new lines at the end of the log, where the lines before them in the same block are known. Otherwise the
    /// block is read when it is needed.
    pub fn append(&mut self, first: u64, lines: &[String]) {
        for (number, line) in (first..).zip(lines) {
            let (block, at) = (block_of(number), index(number));
            if at == 0 && !self.kept.contains_key(&block) {
                self.kept.insert(block, Block { used: self.step, ..Block::default() });
            }
            if let Some(block) = self.kept.get_mut(&block).filter(|block| block.lines.len() == at) {
                block.lines.push(line.as_str().into());
            }
        }
        self.evict();
    }

    /// Forgets the blocks that were not on the screen for the longest time.
    fn evict(&mut self) {
        while self.kept.len() > BLOCKS_MAX {
            let idle = self.kept.iter().filter(|(_, block)| !block.is_being_read());
            let oldest = idle.min_by_key(|(_, block)| block.used).map(|(number, _)| *number);
            let Some(oldest) = oldest else { return };
            self.kept.remove(&oldest);
        }
    }

    /// How many blocks are kept.
    #[cfg(test)]
    pub fn kept(&self) -> usize {
        self.kept.len()
    }
}
