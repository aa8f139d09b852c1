//! What is expected: the chance of each bit, learned from all bits before it.
//!
//! A symbol is coded in groups of up to four bits. For each context and group there is a line of sixteen slots: a tag, and
//! for each place in the group's tree of bits the history of what came there. Maps, which learn too, turn a history into a
//! probability; a mixer turns those of all contexts into one chance, in the logistic domain, and learns which to believe.

use crate::direction::Direction;
use crate::histories::Histories;

/// A byte each. Measured on a page of 4.1 MB: 973 kB with 1 << 22, 956 with 23, 944 with 24, 937 with 25; each step
/// costs a few hundredths of the time.
const SLOTS: usize = 1 << 25;
const LINE: usize = 16;
/// How quickly mixers learn.
const LEARNING: f32 = 0.012 / 65536.0;
/// The mixers there are; each belongs to one kind of symbol, and group in it.
const MIXERS: usize = 2048;
/// Each symbol is guessed from so many.
const CONTEXTS: usize = 4;
/// Mixers before they have learned.
const TRUST: f32 = 0.3;

pub(crate) struct Model {
    slots: Box<[u8; SLOTS]>,
    histories: Histories,
    /// For 32 mixers and each of their contexts: how likely a one is after each history, of 65536.
    maps: Box<[[[u16; 256]; CONTEXTS]; MIXERS / 32]>,
    mixers: Box<[[f32; CONTEXTS]; MIXERS]>,
    stretch: Box<[f32; 4096]>,
    squash: Box<[u16; 4096]>,
}

/// Two numbers as one, well strewn.
pub(crate) fn hash(a: u32, b: u32) -> u32 {
    (a.wrapping_mul(0x9e37_79b1) ^ b.wrapping_add(0x7f4a_7c15))
        .wrapping_mul(0x85eb_ca6b)
        .rotate_left(13)
}

impl Model {
    pub(crate) fn new() -> Self {
        let histories = Histories::new();
        Self {
            slots: boxed(0),
            maps: boxed([histories.chances(); CONTEXTS]),
            histories,
            mixers: boxed([TRUST; CONTEXTS]),
            stretch: stretch(),
            squash: squash(),
        }
    }

    /// Codes a byte. Takes two mixers.
    pub(crate) fn byte(
        &mut self,
        side: &mut impl Direction,
        value: u32,
        contexts: &[u32; CONTEXTS],
        mixer: usize,
    ) -> u32 {
        let high = self.group(side, value >> 4 & 15, 4, contexts, 1, mixer);
        high << 4 | self.group(side, value & 15, 4, contexts, high | 16, mixer + 1)
    }

    /// Codes a small number: in one group below 15. Takes 32 mixers.
    pub(crate) fn small(
        &mut self,
        side: &mut impl Direction,
        value: i64,
        contexts: &[u32; CONTEXTS],
        mixer: usize,
    ) -> i64 {
        let first = self.group(side, value.clamp(0, 15) as u32, 4, contexts, 1, mixer);
        if first < 15 {
            return first.into();
        }
        let rest = self.number(side, value - 15, &contexts.map(|context| hash(context, 15)), mixer);
        rest.saturating_add(15)
    }

    /// Codes a number of any size: how long it is, then its bits. Takes 32 mixers.
    pub(crate) fn number(
        &mut self,
        side: &mut impl Direction,
        value: i64,
        contexts: &[u32; CONTEXTS],
        mixer: usize,
    ) -> i64 {
        let magnitude = (if value < 0 { !value } else { value }).cast_unsigned();
        let kind = 64 - magnitude.leading_zeros() + if value < 0 { 65 } else { 0 };
        let mut coded = self.group(side, kind.min(15), 4, contexts, 1, mixer);
        if coded == 15 {
            let high = self.group(side, kind >> 4 & 15, 4, contexts, 2, mixer + 1);
            coded = high << 4 | self.group(side, kind & 15, 4, contexts, 100 + high, mixer + 2);
        }
        let (negative, length) = if coded >= 65 { (true, coded - 65) } else { (false, coded) };
        let (mut found, mut left, mut salt) =
            (u64::from(length > 0), length.saturating_sub(1).min(63), hash(coded, 77));
        let mut place = mixer + if length > 15 { 15 } else { 3 };
        while left > 0 {
            let bits = (left - 1) % 4 + 1;
            left -= bits;
            let wanted = (magnitude >> left) as u32 & ((1 << bits) - 1);
            let group = self.group(side, wanted, bits, contexts, salt, place);
            found = found << bits | u64::from(group);
            salt = hash(salt, group + 1);
            place = (place + 1).min(mixer + 31);
        }
        if negative { !found.cast_signed() } else { found.cast_signed() }
    }

    /// Codes up to four bits. What stands before them in their symbol is told by `salt`.
    pub(crate) fn group(
        &mut self,
        side: &mut impl Direction,
        value: u32,
        bits: u32,
        contexts: &[u32; CONTEXTS],
        salt: u32,
        mixer: usize,
    ) -> u32 {
        let lines = self.lines(contexts, salt);
        let mut node = 1;
        for place in (0..bits).rev() {
            let set =
                self.bit(side, value >> place & 1 == 1, &lines.map(|line| line | node), mixer);
            node = node << 1 | usize::from(set);
        }
        node as u32 - (1 << bits)
    }

    /// Where the lines of the contexts begin. All are asked for before any is looked at: memory is what takes the time.
    fn lines(&mut self, contexts: &[u32; CONTEXTS], salt: u32) -> [usize; CONTEXTS] {
        let hashes: [u32; CONTEXTS] =
            std::array::from_fn(|i| hash(contexts[i] ^ (i as u32) << 28, salt));
        let places =
            hashes.map(|hash| (hash.wrapping_mul(0x2c1b_3c6d) >> 6) as usize & (SLOTS - LINE));
        let tags = places.map(|place| [self.slots[place], self.slots[place ^ LINE]]);
        std::array::from_fn(|i| {
            let tag = (hashes[i] >> 3) as u8 | 1;
            match tags[i] {
                [first, _] if first == tag => places[i],
                [_, second] if second == tag => places[i] ^ LINE,
                _ => self.clear(places[i], tag),
            }
        })
    }

    /// Makes room for a line that is new. Of its two places, the one is cleared that has met less.
    fn clear(&mut self, first: usize, tag: u8) -> usize {
        let second = first ^ LINE;
        let line = if self.slots[second | 1] < self.slots[first | 1] { second } else { first };
        self.slots[line..][..LINE].fill(0);
        self.slots[line] = tag;
        line
    }

    #[inline]
    fn bit(
        &mut self,
        side: &mut impl Direction,
        set: bool,
        places: &[usize; CONTEXTS],
        mixer: usize,
    ) -> bool {
        let slots = places.map(|place| self.slots[place & (SLOTS - 1)]);
        let maps = &mut self.maps[(mixer & (MIXERS - 1)) >> 5];
        let says: [f32; CONTEXTS] =
            std::array::from_fn(|i| self.stretch[usize::from(maps[i][usize::from(slots[i])] >> 4)]);
        let weights = &mut self.mixers[mixer & (MIXERS - 1)];
        let sum: f32 = (0..CONTEXTS).map(|i| says[i] * weights[i]).sum();
        let chance = self.squash[((sum * 128.0) as i32 + 2048).clamp(0, 4095) as usize];
        let set = side.bit(set, chance);

        let wrong = ((i32::from(set) << 16) - i32::from(chance)) as f32 * LEARNING;
        (0..CONTEXTS).for_each(|i| weights[i] += wrong * says[i]);
        let target = if set { 0xffff } else { 0 };
        for i in 0..CONTEXTS {
            let chance = &mut maps[i][usize::from(slots[i])];
            *chance = (i32::from(*chance) + ((target - i32::from(*chance)) >> 7)) as u16;
            self.slots[places[i] & (SLOTS - 1)] = self.histories.after(slots[i], set);
        }
        set
    }
}

/// So many of the same, never on the stack.
fn boxed<T: Clone, const N: usize>(value: T) -> Box<[T; N]> {
    vec![value; N]
        .into_boxed_slice()
        .try_into()
        .unwrap_or_else(|_| unreachable!("as many as asked for"))
}

/// For each probability, ln(p / (1 - p)). Summed up from the slope, for want of a logarithm that is the same everywhere.
fn stretch() -> Box<[f32; 4096]> {
    let mut values = boxed(0.0);
    let mut sum = 0.0;
    for above in 0..2048 {
        values[2048 + above] = sum;
        values[2047 - above] = -sum;
        let p = 0.5 + (above as f32 + 0.5) / 4096.0;
        sum += 1.0 / (p * (1.0 - p)) / 4096.0;
    }
    values
}

/// 1 / (1 + e^-x), of 65536, for x from -16 to 16 in steps of 1/128.
fn squash() -> Box<[u16; 4096]> {
    const ROOT: f64 = 1.007_843_097_206_448; // e^(1/128)
    let mut power: f64 = 8_886_110.520_507_872; // e^16
    let mut values = boxed(0);
    for value in values.iter_mut() {
        *value = (65536.0 / (1.0 + power)).clamp(1.0, 65535.0) as u16;
        power /= ROOT;
    }
    values
}
