//! What a slot remembers: so many zeros and so many ones, of late. Each such history has a number that fits a byte.

/// So many of one bit are told apart, when the other was met 0, 1, 2 ... times.
const MOST: [u8; 7] = [60, 40, 16, 9, 7, 6, 6];

pub(crate) struct Histories {
    /// By number; the longer, the later. The first has met nothing.
    met: Vec<(u8, u8)>,
    /// The number of the history that follows, after a zero and after a one.
    next: [[u8; 256]; 2],
}

impl Histories {
    pub(crate) fn new() -> Self {
        let mut met = Vec::new();
        for total in 0..=MOST[0] {
            met.extend(
                (0..=total).map(|ones| (total - ones, ones)).filter(|history| kept(*history)),
            );
        }
        let number = |history| met.iter().position(|known| *known == history).unwrap_or(0) as u8;
        let mut next = [[0; 256]; 2];
        for (place, &(zeros, ones)) in met.iter().enumerate().take(256) {
            let (more, fewer) = after(zeros, ones);
            next[0][place] = number((more, fewer));
            let (more, fewer) = after(ones, zeros);
            next[1][place] = number((fewer, more));
        }
        Self { met, next }
    }

    /// The history after a bit.
    #[inline]
    pub(crate) fn after(&self, history: u8, set: bool) -> u8 {
        self.next[usize::from(set)][usize::from(history)]
    }

    /// For each history how likely a one is next, of 65536, as far as can be said before any was seen.
    pub(crate) fn chances(&self) -> [u16; 256] {
        std::array::from_fn(|number| {
            let (zeros, ones) = self.met.get(number).copied().unwrap_or((0, 0));
            ((f32::from(ones) + 0.4) / (f32::from(zeros + ones) + 0.8) * 65535.0) as u16
        })
    }
}

fn kept((zeros, ones): (u8, u8)) -> bool {
    MOST.get(usize::from(zeros.min(ones))).is_some_and(|most| zeros.max(ones) <= *most)
}

/// One more of a bit; of the other, what was long ago is forgotten.
fn after(same: u8, other: u8) -> (u8, u8) {
    let (mut same, mut other) = (same + 1, other.min(other / 2 + 1));
    while !kept((same, other)) {
        if same > other {
            same -= 1;
        } else {
            other -= 1;
        }
    }
    (same, other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_histories_as_a_byte_can_tell_apart() {
        let Histories { met, .. } = Histories::new();
        assert!(met.len() <= 256, "{} histories", met.len());
        assert!(
            met.iter().all(|&(zeros, ones)| kept(after(zeros, ones)) && kept(after(ones, zeros)))
        );
    }
}
