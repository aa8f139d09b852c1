//! The range coder: bits with probabilities to bytes, and back. As in LZMA, with 16 bits of probability.

/// Below this the range is widened by a byte.
const NARROW: u32 = 1 << 24;

/// The part of the range that stands for a bit that is set, given its probability of 65536.
fn share(range: u32, chance: u16) -> u32 {
    // Below the range, since the chance is below 1.
    ((u64::from(range) * u64::from(chance)) >> 16) as u32
}

#[derive(Debug)]
pub(crate) struct Encoder {
    low: u64,
    range: u32,
    /// The last byte that is not written yet, since a carry might reach it, and how many of 0xff follow it.
    held: u8,
    follow: usize,
    bytes: Vec<u8>,
}

impl Encoder {
    pub(crate) fn new() -> Self {
        Self { low: 0, range: u32::MAX, held: 0, follow: 0, bytes: Vec::new() }
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len() + self.follow
    }

    pub(crate) fn bit(&mut self, set: bool, chance: u16) {
        let share = share(self.range, chance);
        if set {
            self.range = share;
        } else {
            self.low += u64::from(share);
            self.range -= share;
        }
        while self.range < NARROW {
            self.range <<= 8;
            self.shift();
        }
    }

    fn shift(&mut self) {
        let [_, _, _, carry, byte, ..] = self.low.to_be_bytes();
        if carry != 0 || byte != 0xff {
            self.bytes.push(self.held.wrapping_add(carry));
            self.bytes.extend(std::iter::repeat_n(0xff_u8.wrapping_add(carry), self.follow));
            self.follow = 0;
            self.held = byte;
        } else {
            self.follow += 1;
        }
        self.low = (self.low & 0x00ff_ffff) << 8;
    }

    pub(crate) fn finish(mut self) -> Vec<u8> {
        for _ in 0..5 {
            self.shift();
        }
        // The first was held before there was any.
        self.bytes.split_off(1)
    }
}

#[derive(Debug, Default)]
pub(crate) struct Decoder {
    range: u32,
    code: u32,
    /// How many of the bytes are read.
    pub(crate) at: usize,
}

impl Decoder {
    pub(crate) fn bit(&mut self, bytes: &[u8], chance: u16) -> bool {
        if self.range == 0 {
            self.range = u32::MAX;
            (0..4).for_each(|_| self.read(bytes));
        }
        let share = share(self.range, chance);
        let set = self.code < share;
        if set {
            self.range = share;
        } else {
            self.code -= share;
            self.range -= share;
        }
        while self.range < NARROW {
            self.range <<= 8;
            self.read(bytes);
        }
        set
    }

    fn read(&mut self, bytes: &[u8]) {
        self.code = self.code << 8 | u32::from(bytes.get(self.at).copied().unwrap_or(0));
        self.at += 1;
    }
}
