//! The two directions of the walk: from a module to packed bytes, and back.

use crate::coder::{Decoder, Encoder};

/// How a number is written in a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Byte,
    Unsigned,
    Signed,
}

/// What the walk asks of a direction.
pub(crate) trait Direction {
    /// The next number of the module, passed over, when packing; when unpacking anything.
    fn next(&mut self, form: Form) -> i64;
    /// The number is known: when unpacking it goes behind the module.
    fn known(&mut self, form: Form, value: i64);
    /// Codes a bit that is set with the chance given, of 65536. When unpacking, `set` means nothing; the answer is the bit.
    fn bit(&mut self, set: bool, chance: u16) -> bool;
    /// A part begins that is written behind its length.
    fn open(&mut self);
    /// That part ends.
    fn close(&mut self);
    /// Whether more of the module follows, when packing.
    fn more(&self) -> bool;
    /// Whether more was read, or written, than there is.
    fn lost(&self) -> bool;
}

/// From a module to packed bytes.
#[derive(Debug)]
pub(crate) struct Packing<'m> {
    module: &'m [u8],
    at: usize,
    coder: Encoder,
}

impl<'m> Packing<'m> {
    pub(crate) fn new(module: &'m [u8]) -> Self {
        Self { module, at: 0, coder: Encoder::new() }
    }

    pub(crate) fn packed_len(&self) -> usize {
        self.coder.len()
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.coder.finish()
    }
}

impl Direction for Packing<'_> {
    fn next(&mut self, form: Form) -> i64 {
        read(self.module, &mut self.at, form)
    }

    fn known(&mut self, _: Form, _: i64) {}

    fn bit(&mut self, set: bool, chance: u16) -> bool {
        self.coder.bit(set, chance);
        set
    }

    fn open(&mut self) {
        self.next(Form::Unsigned);
    }

    fn close(&mut self) {}

    fn more(&self) -> bool {
        self.at < self.module.len()
    }

    fn lost(&self) -> bool {
        self.at > self.module.len()
    }
}

/// From packed bytes to the module. Before them stand two numbers of four bytes: how many bytes a step may need, and how
/// many the module has.
#[derive(Debug, Default)]
pub(crate) struct Unpacking {
    packed: Vec<u8>,
    coder: Decoder,
    output: Vec<u8>,
    /// Where the open part begins.
    opened: Option<usize>,
}

const HEAD: usize = 8;
/// What says that it is larger is damaged.
const LARGEST: usize = 64 << 20;

impl Unpacking {
    pub(crate) fn packed(&mut self) -> &mut Vec<u8> {
        &mut self.packed
    }

    pub(crate) fn output(&self) -> &[u8] {
        &self.output
    }

    pub(crate) fn into_output(self) -> Vec<u8> {
        self.output
    }

    /// Whether all that the next step may need has arrived.
    pub(crate) fn has_arrived(&self) -> bool {
        self.packed.len() >= (HEAD + self.coder.at).saturating_add(self.head(0))
    }

    /// Whether the module is as long as it should be.
    pub(crate) fn is_whole(&self) -> bool {
        self.output.len() == self.head(4)
    }

    /// The number that stands at a place before the packed bytes.
    fn head(&self, at: usize) -> usize {
        let number = self
            .packed
            .get(at..)
            .and_then(<[u8]>::first_chunk)
            .map(|bytes| u32::from_le_bytes(*bytes));
        number.and_then(|number| usize::try_from(number).ok()).unwrap_or(0)
    }
}

impl Direction for Unpacking {
    fn next(&mut self, _: Form) -> i64 {
        0
    }

    fn known(&mut self, form: Form, value: i64) {
        write(&mut self.output, form, value);
    }

    fn bit(&mut self, _: bool, chance: u16) -> bool {
        self.coder.bit(self.packed.get(HEAD..).unwrap_or_default(), chance)
    }

    fn open(&mut self) {
        self.opened = Some(self.output.len());
    }

    fn close(&mut self) {
        let Some(from) = self.opened.take() else { return };
        let mut length = Vec::with_capacity(5);
        write(
            &mut length,
            Form::Unsigned,
            i64::try_from(self.output.len() - from).unwrap_or_default(),
        );
        self.output.splice(from..from, length);
    }

    fn more(&self) -> bool {
        false
    }

    fn lost(&self) -> bool {
        // The coder reads four bytes ahead.
        self.coder.at > self.packed.len() || self.output.len() > self.head(4).min(LARGEST)
    }
}

/// Reads a number. Behind the end there are zeros, and `at` goes on.
pub(crate) fn read(bytes: &[u8], at: &mut usize, form: Form) -> i64 {
    let mut next = || {
        *at += 1;
        bytes.get(*at - 1).copied().unwrap_or(0)
    };
    if form == Form::Byte {
        return i64::from(next());
    }
    let (mut value, mut shift) = (0, 0);
    loop {
        let byte = next();
        if shift < 64 {
            value |= i64::from(byte & 0x7f) << shift;
        }
        shift += 7;
        if byte & 0x80 == 0 {
            let negative = form == Form::Signed && byte & 0x40 != 0 && shift < 64;
            return if negative { value | -1 << shift } else { value };
        }
    }
}

/// Writes a number, in the shortest way.
fn write(bytes: &mut Vec<u8>, form: Form, mut value: i64) {
    loop {
        let byte = (value & 0x7f) as u8;
        let rest = value >> 7;
        let last = match form {
            Form::Byte => {
                bytes.push((value & 0xff) as u8);
                return;
            }
            Form::Unsigned => rest == 0,
            Form::Signed => rest == 0 && byte & 0x40 == 0 || rest == -1 && byte & 0x40 != 0,
        };
        bytes.push(if last { byte } else { byte | 0x80 });
        if last {
            return;
        }
        value = rest;
    }
}
