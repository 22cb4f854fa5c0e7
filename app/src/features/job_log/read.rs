//! Reads the blocks that the screen needs.

use super::api::{read_job_log, read_job_sections};
use super::log::Log;
use super::model::Model;
use super::model::blocks::{BLOCK_LINES, first_of};
use leptos::prelude::*;
use leptos::task::spawn_local;

impl Log {
    /// Reads the blocks that the screen needs and that nobody reads yet.
    pub fn read_wanted(self) {
        // Nothing that is shown changes before the lines arrive.
        for block in self.model.update_untracked(Model::wanted) {
            self.read(block);
        }
    }

    fn read(self, block: u64) {
        let id = self.id.get_value();
        spawn_local(async move {
            let count = u32::try_from(BLOCK_LINES).unwrap_or(u32::MAX);
            let read = read_job_log(id, first_of(block), count).await;
            self.change(|model| match read {
                Ok(page) => model.blocks.loaded(block, page.lines),
                Err(error) => model.blocks.failed(block, error.to_string()),
            });
        });
    }

    /// Reads a block again.
    pub fn retry(self, block: u64) {
        self.change(|model| model.blocks.retry(block));
    }

    /// Reads the sections again. A failure changes nothing: the next lines try again.
    pub fn read_sections(self) {
        let id = self.id.get_value();
        spawn_local(async move {
            if let Ok(sections) = read_job_sections(id).await {
                self.change(|model| model.set_sections(sections));
            }
        });
    }
}
