//! An export: one entry per line, then one line with the signed checkpoint of exactly these entries and
//! the key that signed it. The same ledger at the same size gives the same bytes.

use crate::canonical;
use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::key::Signer;
use serde::{Deserialize, Serialize};

/// How the last line begins; no entry's line does.
pub(crate) const END: &[u8] = br#"{"checkpoint":"#;

/// The last line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct End {
    pub(crate) checkpoint: String,
    pub(crate) key: String,
}

/// The last line, with its end.
///
/// # Errors
/// When the checkpoint cannot be signed.
pub fn end(checkpoint: &Checkpoint, signer: &Signer) -> Result<Vec<u8>, CheckpointError> {
    let end = End { checkpoint: checkpoint.sign(signer)?, key: signer.verifier().to_string() };
    let mut line = canonical::write(&end);
    line.push(b'\n');
    Ok(line)
}
