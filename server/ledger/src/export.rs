//! The format of an export: one entry per line, then one line with the signed checkpoint of exactly these entries and
//! the key that signed it. The same ledger at the same size gives the same bytes.

use crate::canonical;
use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::key::{Signer, VerifierKey};
use serde::{Deserialize, Serialize};
use std::io::{Read, Seek, SeekFrom};

/// The beginning of the last line. No entry's line begins like this.
pub(crate) const END: &[u8] = br#"{"checkpoint":"#;

/// The last line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct End {
    pub(crate) checkpoint: String,
    pub(crate) key: String,
}

/// Maximum length of the last line in bytes.
const END_BYTES_MAX: u64 = 8 * 1024;

/// The key in the last line of an export, if it can be read. Trusting this key proves only that nothing was changed
/// since it signed.
///
/// # Errors
/// When the export cannot be read.
pub fn key_at_end(mut export: impl Read + Seek) -> std::io::Result<Option<VerifierKey>> {
    let size = export.seek(SeekFrom::End(0))?;
    export.seek(SeekFrom::Start(size.saturating_sub(END_BYTES_MAX)))?;
    let mut tail = Vec::new();
    export.take(END_BYTES_MAX).read_to_end(&mut tail)?;
    let tail = tail.strip_suffix(b"\n").unwrap_or(&tail);
    let line = tail.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    let end: Option<End> = serde_json::from_slice(line).ok();
    Ok(end.and_then(|end| VerifierKey::parse(&end.key).ok()))
}

/// The last line, with the line end.
///
/// # Errors
/// When the checkpoint cannot be signed.
pub fn end(checkpoint: &Checkpoint, signer: &Signer) -> Result<Vec<u8>, CheckpointError> {
    let end = End { checkpoint: checkpoint.sign(signer)?, key: signer.verifier().to_string() };
    let mut line = canonical::write(&end);
    line.push(b'\n');
    Ok(line)
}
