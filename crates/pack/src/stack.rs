//! The operand stack as a validator sees it, as far as guessing needs it: for each value, where it came from.

/// How many values a function takes and gives.
pub(crate) type Signature = (usize, usize);

#[derive(Debug, Default)]
pub(crate) struct Stack {
    values: Vec<u32>,
    /// How high the stack was where each open block began.
    blocks: Vec<usize>,
}

/// More is never guessed from.
const DEEPEST: usize = 4096;

impl Stack {
    /// A function begins.
    pub(crate) fn begin(&mut self) {
        self.values.clear();
        self.blocks = vec![0];
    }

    /// The function has ended.
    pub(crate) fn ended(&self) -> bool {
        self.blocks.is_empty()
    }

    /// The blocks that are open.
    pub(crate) fn depth(&self) -> u32 {
        self.blocks.len() as u32
    }

    /// How many values the innermost block has; no more than five count.
    pub(crate) fn height(&self) -> u32 {
        let base = self.blocks.last().copied().unwrap_or(0);
        self.values.len().saturating_sub(base).min(5) as u32
    }

    /// Where the value on top came from.
    pub(crate) fn top(&self) -> u32 {
        self.values.last().copied().unwrap_or(u32::MAX)
    }

    /// What an instruction does. `operand` tells its values from others; `signature` is that of what it calls.
    pub(crate) fn apply(&mut self, op: u32, operand: u32, signature: Signature) {
        match op {
            0x02 | 0x03 => self.open(),
            0x04 => {
                self.take(1);
                self.open();
            }
            0x05 => self.values.truncate(self.blocks.last().copied().unwrap_or(0)),
            0x0b => self.values.truncate(self.blocks.pop().unwrap_or(0)),
            _ => {
                let (takes, gives) = effect(op, operand, signature);
                self.take(takes);
                (0..gives).for_each(|_| self.give(operand.rotate_left(8) ^ op));
            }
        }
    }

    fn open(&mut self) {
        self.blocks.push(self.values.len());
    }

    fn take(&mut self, count: usize) {
        self.values.truncate(self.values.len().saturating_sub(count));
    }

    fn give(&mut self, value: u32) {
        if self.values.len() < DEEPEST {
            self.values.push(value);
        }
    }
}

/// How many values an instruction takes and gives.
fn effect(op: u32, operand: u32, signature: Signature) -> Signature {
    match op {
        0x10 => signature,
        0x11 => (signature.0 + 1, signature.1),
        0x0d | 0x0e | 0x1a | 0x21 | 0x24 => (1, 0),
        0x1b | 0x1c => (3, 1),
        0x20 | 0x23 | 0x3f | 0x41..=0x44 | 0xd0 | 0xd2 => (0, 1),
        0x36..=0x3e => (2, 0),
        0xfc if operand >= 8 => (3, 0),
        0x46..=0x4f | 0x51..=0x66 | 0x6a..=0x78 | 0x7c..=0x8a | 0x92..=0x98 | 0xa0..=0xa6 => (2, 1),
        0x22 | 0x25..=0x35 | 0x40 | 0x45..=0xc4 | 0xd1 | 0xfc => (1, 1),
        _ => (0, 0),
    }
}
