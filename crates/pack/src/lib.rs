//! Packs a WebAssembly module, and unpacks it.
//!
//! A packer of bytes sees neither instructions nor what their operands are. This one walks the module as the specification's
//! chapter 5 writes it, guesses every opcode and operand from several contexts at once, mixes the guesses by how good they
//! have been, and codes each bit with that probability (as PAQ does). One walk serves both directions: what it meets comes
//! from the module when packing, and from the packed bytes when unpacking, so the two cannot disagree about the model.
//!
//! Deterministic on every platform: integers, and floats that are only added, multiplied and divided.

mod coder;
mod direction;
mod histories;
mod instructions;
mod model;
mod stack;
mod walk;

use direction::{Packing, Unpacking};
use walk::Walk;

/// The module, packed; `None` if it is not written in the shortest way, or holds what the walk does not know.
pub fn pack(module: &[u8]) -> Option<Vec<u8>> {
    let mut side = Packing::new(module);
    let mut walk = Walk::new();
    let (mut longest, mut before) = (0, 0);
    loop {
        let more = walk.step(&mut side)?;
        longest = longest.max(side.packed_len() - before);
        before = side.packed_len();
        if !more {
            break;
        }
    }
    let head = [longest + SLACK, module.len()]
        .map(|number| u32::try_from(number).map(u32::to_le_bytes).ok());
    let packed = [&head[0]?[..], &head[1]?, &side.finish()].concat();
    (unpack(&packed)? == module).then_some(packed)
}

/// How many bytes the coder may lag behind, or read ahead, at the end of a step.
const SLACK: usize = 64;

/// The module that was packed; `None` if these bytes are no such thing.
pub fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    let mut unpacker = Unpacker::default();
    unpacker.packed().extend_from_slice(packed);
    unpacker.advance(true).then(|| unpacker.side.into_output())
}

/// Unpacks bytes as they arrive.
#[derive(Default)]
pub struct Unpacker {
    side: Unpacking,
    walk: Walk,
    ended: bool,
}

impl std::fmt::Debug for Unpacker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unpacker").field("ended", &self.ended).finish_non_exhaustive()
    }
}

impl Unpacker {
    /// The packed bytes that have arrived. More may be put behind them.
    pub fn packed(&mut self) -> &mut Vec<u8> {
        self.side.packed()
    }

    /// The part of the module that is unpacked.
    pub fn output(&self) -> &[u8] {
        self.side.output()
    }

    /// Unpacks as far as what has arrived reaches; `complete` says that no more will come. Whether all went well so far:
    /// after the last bytes, whether the module is whole.
    pub fn advance(&mut self, complete: bool) -> bool {
        while !self.ended && (complete || self.side.has_arrived()) {
            match self.walk.step(&mut self.side) {
                Some(more) => self.ended = !more,
                None => return false,
            }
        }
        !complete || self.side.is_whole()
    }
}
