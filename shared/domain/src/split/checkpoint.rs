//! A place between two records where a later run can take the file up again.

use super::signature::Signatures;
use super::{Gap, Limits, Mode, Shape, Splitter};
use serde::{Deserialize, Serialize};

/// What a splitter knows between two records: small enough to store beside the file's state.
///
/// It says nothing about which file it belongs to: keep the object's ETag with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The next byte to push is the one at this place of the decompressed file.
    pub offset: u64,
    /// Elements or lines reported so far.
    pub ordinal: u64,
    path: String,
    shape: Shape,
    gap: Gap,
    lined: Option<bool>,
    mark: u64,
    broken_at: u64,
    signatures: Signatures,
}

impl Splitter {
    /// The place reached, if it lies between two records; `None` inside one, and outside the
    /// record array.
    #[must_use]
    pub fn checkpoint(&self) -> Option<Checkpoint> {
        let Mode::Between(gap) = self.mode else {
            return None;
        };
        Some(Checkpoint {
            offset: self.offset,
            ordinal: self.ordinal,
            path: self.path.clone(),
            shape: self.shape,
            gap,
            lined: self.lined,
            mark: self.mark,
            broken_at: self.broken_at,
            signatures: self.signatures.clone(),
        })
    }

    /// A splitter that goes on at a checkpoint: the next byte pushed must be the one at
    /// `checkpoint.offset`. It reports exactly what the first one would have reported from there.
    #[must_use]
    pub fn resume(limits: Limits, checkpoint: &Checkpoint) -> Self {
        let mut splitter = Self::new(limits);
        splitter.mode = Mode::Between(checkpoint.gap);
        splitter.offset = checkpoint.offset;
        splitter.ordinal = checkpoint.ordinal;
        splitter.path.clone_from(&checkpoint.path);
        splitter.shape = checkpoint.shape;
        splitter.lined = checkpoint.lined;
        splitter.mark = checkpoint.mark;
        splitter.broken_at = checkpoint.broken_at;
        splitter.signatures.clone_from(&checkpoint.signatures);
        splitter
    }
}
