//! The one source of chance: a seeded generator, split by name.
//!
//! Same seed, same names, same numbers, natively and in wasm. Splitting by name keeps the streams apart: a
//! controller that draws one number more does not change which node the scheduler picks. The generator is
//! `SplitMix64` (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).

/// A generator; cloning it clones its future.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Random {
    state: u64,
}

/// The letters Kubernetes builds random suffixes from (apimachinery `pkg/util/rand`): no vowels, no 0, 1, 3.
const SUFFIX_LETTERS: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";

impl Random {
    /// The root generator of a world.
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// An independent generator named `name`; the parent is left as it was.
    #[must_use]
    pub fn split(&self, name: &str) -> Self {
        // FNV-1a over the name, then one round of mixing with the parent's state.
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self { state: mix(self.state ^ hash) }
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.state)
    }

    /// A number below `bound` (0 if `bound` is 0), by multiplication; the bias is below 2^-32 for small bounds.
    pub fn below(&mut self, bound: usize) -> usize {
        let wide = u128::from(self.next_u64()) * (bound as u128);
        usize::try_from(wide >> 64).unwrap_or(0)
    }

    /// A random name suffix as the API server's name generator makes: `x2kqp`.
    pub fn suffix(&mut self, letters: usize) -> String {
        (0..letters).map(|_| char::from(SUFFIX_LETTERS[self.below(SUFFIX_LETTERS.len())])).collect()
    }

    /// A version 4 UUID in its usual text form.
    pub fn uid(&mut self) -> String {
        let (high, low) = (self.next_u64(), self.next_u64());
        let (time_low, time_mid, time_high) =
            (high >> 32, (high >> 16) & 0xffff, (high & 0x0fff) | 0x4000);
        let (clock, node) = (((low >> 48) & 0x3fff) | 0x8000, low & 0xffff_ffff_ffff);
        let mut uid = String::with_capacity(36);
        hex(&mut uid, time_low, 8);
        for (part, digits) in [(time_mid, 4), (time_high, 4), (clock, 4), (node, 12)] {
            uid.push('-');
            hex(&mut uid, part, digits);
        }
        uid
    }

    /// So many hexadecimal digits.
    pub fn hex(&mut self, digits: usize) -> String {
        let mut text = String::with_capacity(digits);
        while text.len() < digits {
            let missing = (digits - text.len()).min(16);
            hex(&mut text, self.next_u64(), missing);
        }
        text
    }
}

/// Writes the last so many hexadecimal digits of a number; `format!` takes ten times as long, and uids are many.
pub fn hex(text: &mut String, value: u64, digits: usize) {
    for place in (0..digits).rev() {
        let digit = u32::try_from(value >> (4 * place) & 0xf).unwrap_or(0);
        text.push(char::from_digit(digit, 16).unwrap_or('0'));
    }
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_repeatable_and_apart() {
        let root = Random::new(1);
        assert_eq!(root.split("a").next_u64(), root.split("a").next_u64());
        assert_ne!(root.split("a").next_u64(), root.split("b").next_u64());
    }

    #[test]
    fn uid_has_the_shape_of_a_version_4_uuid() {
        let uid = Random::new(7).uid();
        let parts: Vec<_> = uid.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
        assert_eq!(uid.as_bytes()[14], b'4');
        assert_eq!(Random::new(7).hex(20).len(), 20);
        let mut text = String::new();
        hex(&mut text, 0x1_2fa0, 6);
        assert_eq!(text, "012fa0");
    }
}
