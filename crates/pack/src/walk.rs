//! The sections of a module, step by step. Only bodies of functions are looked into; other sections are guessed as bytes.

use crate::direction::{Direction, Form, read};
use crate::instructions::Instructions;
use crate::model::{Model, hash};

const TYPES: i64 = 1;
const IMPORTS: i64 = 2;
const FUNCTIONS: i64 = 3;
const CODE: i64 = 10;
const DATA: i64 = 11;

/// So many plain bytes are one step.
const PIECE: i64 = 1024;
/// Mixers of plain bytes stand behind all others.
const PLAIN_MIXERS: usize = 2048 - 32;

enum Stage {
    Head,
    Section,
    Plain { id: i64, left: i64 },
    Bodies { left: i64 },
}

pub(crate) struct Walk {
    stage: Stage,
    model: Model,
    instructions: Instructions,
    /// The section so far, where its bytes are guessed from each other.
    section: Vec<u8>,
}

impl Default for Walk {
    fn default() -> Self {
        Self::new()
    }
}

impl Walk {
    pub(crate) fn new() -> Self {
        Self {
            stage: Stage::Head,
            model: Model::new(),
            instructions: Instructions::default(),
            section: Vec::new(),
        }
    }

    /// The next step. `None` if the module, or what was packed, is broken or unknown; otherwise whether more steps follow.
    pub(crate) fn step(&mut self, side: &mut impl Direction) -> Option<bool> {
        self.stage = match self.stage {
            Stage::Head => {
                for byte in *b"\0asm\x01\0\0\0" {
                    side.next(Form::Byte);
                    side.known(Form::Byte, byte.into());
                }
                Stage::Section
            }
            Stage::Section => {
                let more = side.more();
                if !side.bit(more, 1 << 15) {
                    return Some(false);
                }
                self.open(side)
            }
            Stage::Plain { id, left } => {
                (0..left.min(PIECE)).for_each(|_| self.plain(side, id));
                if left > PIECE {
                    Stage::Plain { id, left: left - PIECE }
                } else {
                    self.learn(id);
                    Stage::Section
                }
            }
            Stage::Bodies { left: 0 } => Stage::Section,
            Stage::Bodies { left } => {
                side.open();
                self.instructions.body(&mut self.model, side)?;
                side.close();
                Stage::Bodies { left: left - 1 }
            }
        };
        (!side.lost()).then_some(true)
    }

    fn open(&mut self, side: &mut impl Direction) -> Stage {
        self.section.clear();
        let mut number = |form| {
            let value = side.next(form);
            let value = self.model.number(side, value, &[0; 4], PLAIN_MIXERS - 32);
            side.known(form, value);
            value
        };
        let (id, length) = (number(Form::Byte), number(Form::Unsigned));
        if id == CODE {
            Stage::Bodies { left: number(Form::Unsigned) }
        } else {
            Stage::Plain { id, left: length }
        }
    }

    fn plain(&mut self, side: &mut impl Direction, id: i64) {
        let back = |distance: usize| {
            self.section.len().checked_sub(distance).map_or(0, |at| u32::from(self.section[at]))
        };
        let place = self.section.len() as u32 & 3;
        let data = u32::from(id == DATA);
        let two = hash(hash(data, back(1)), back(2));
        let contexts = [
            hash(data, back(1)),
            two,
            hash(hash(two, back(3)), back(4)),
            hash(hash(back(4), back(8)), place | 4),
        ];
        let byte = side.next(Form::Byte) as u32;
        let byte =
            self.model.byte(side, byte, &contexts, PLAIN_MIXERS + (data * 4 + place) as usize * 2);
        side.known(Form::Byte, byte.into());
        self.section.push(byte as u8);
    }

    /// What a section that has ended says about functions.
    fn learn(&mut self, id: i64) {
        let mut numbers = Numbers { bytes: &self.section, at: 0 };
        let Instructions { types, functions, .. } = &mut self.instructions;
        match id {
            TYPES => {
                for _ in 0..numbers.next() {
                    numbers.next(); // The form.
                    types.push((numbers.pass(), numbers.pass()));
                }
            }
            IMPORTS => {
                for _ in 0..numbers.next() {
                    numbers.pass();
                    numbers.pass();
                    match numbers.next() {
                        0 => functions.push(numbers.next()),
                        1 => {
                            numbers.next();
                            numbers.limits();
                        }
                        2 => numbers.limits(),
                        3 => drop((numbers.next(), numbers.next())),
                        _ => drop(numbers.next()),
                    }
                }
            }
            FUNCTIONS => functions.extend((0..numbers.next()).map(|_| numbers.next())),
            _ => {}
        }
    }
}

/// The numbers of a section. None is above the section's length: nothing could be counted by it.
struct Numbers<'s> {
    bytes: &'s [u8],
    at: usize,
}

impl Numbers<'_> {
    fn next(&mut self) -> usize {
        usize::try_from(read(self.bytes, &mut self.at, Form::Unsigned))
            .unwrap_or(0)
            .min(self.bytes.len())
    }

    /// Passes over a list of bytes: how many there were.
    fn pass(&mut self) -> usize {
        let count = self.next();
        self.at += count;
        count
    }

    fn limits(&mut self) {
        let flags = self.next();
        self.next();
        if flags & 1 == 1 {
            self.next();
        }
    }
}
