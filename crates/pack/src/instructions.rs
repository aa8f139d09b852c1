//! The bodies of functions: locals, opcodes, operands, and what each is guessed from.

use crate::direction::{Direction, Form};
use crate::model::{Model, hash};
use crate::stack::{Signature, Stack};

/// What an operand is. Operands of one kind are guessed from each other.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Local,
    Offset,
    Global,
    Integer,
    Long,
    Float,
    Function,
    Label,
    Labels,
    Type,
    Align,
    Block,
    Other,
    Declared,
}

const KINDS: usize = Kind::Declared as usize + 1;
/// Mixers: each kind of operand has 32; those of opcodes follow.
const OPCODE_MIXERS: usize = KINDS * 32;

/// The opcodes that are coded in one group, by frequency; 15 stands for any other.
const FREQUENT: [u32; 15] =
    [0x20, 0x41, 0x6a, 0x28, 0x21, 0x10, 0x36, 0x0b, 0x22, 0x02, 0x0d, 0x0c, 0x37, 0x45, 0x29];

/// No instruction has more operands; an implementation limit of the web.
const MOST: i64 = 65520;

#[derive(Debug, Default)]
pub(crate) struct Instructions {
    pub(crate) types: Vec<Signature>,
    /// The types of the functions, imported ones first.
    pub(crate) functions: Vec<usize>,
    stack: Stack,
    /// Which body this is.
    body: u32,
    /// The opcodes before, the last one first.
    opcodes: [u32; 5],
    /// The instructions before with their operands, as hashes, the last one first.
    whole: [u32; 4],
    /// The last operand of each kind.
    operands: [u32; KINDS],
}

impl Instructions {
    /// One body, without its length. `None` if it holds what is unknown.
    pub(crate) fn body(&mut self, model: &mut Model, side: &mut impl Direction) -> Option<()> {
        self.body += 1;
        self.opcodes = [0; 5];
        self.whole = [0; 4];
        self.operands = [0; KINDS];
        let mut seen = 0;
        for _ in
            0..self.operand(model, side, Kind::Declared, Form::Unsigned, &mut seen, 0).min(MOST)
        {
            self.operand(model, side, Kind::Declared, Form::Unsigned, &mut seen, 1);
            self.operand(model, side, Kind::Declared, Form::Byte, &mut seen, 2);
        }
        self.stack.begin();
        while !self.stack.ended() {
            self.instruction(model, side)?;
            if side.lost() {
                return None;
            }
        }
        Some(())
    }

    fn instruction(&mut self, model: &mut Model, side: &mut impl Direction) -> Option<()> {
        let op = self.opcode(model, side);
        let mut seen = op;
        let (top, depth) = (hash(self.stack.top(), self.stack.height()), self.stack.depth());
        let mut operand =
            |kind, form, extra| self.operand(model, side, kind, form, &mut seen, extra);
        let (mut own, mut called) = (op, None);
        match op {
            0x02..=0x04 => _ = operand(Kind::Block, Form::Signed, top),
            0x0c | 0x0d => _ = operand(Kind::Label, Form::Unsigned, depth),
            0x0e => {
                for place in 0..=operand(Kind::Labels, Form::Unsigned, top).min(MOST) {
                    operand(Kind::Labels, Form::Unsigned, place as u32);
                }
            }
            0x10 | 0xd2 => {
                own = operand(Kind::Function, Form::Unsigned, top) as u32;
                called = self.functions.get(own as usize).copied();
            }
            0x11 => {
                own = operand(Kind::Type, Form::Unsigned, top) as u32;
                operand(Kind::Other, Form::Unsigned, 0);
                called = Some(own as usize);
            }
            0x20..=0x22 => own = operand(Kind::Local, Form::Unsigned, top) as u32,
            0x23 | 0x24 => own = operand(Kind::Global, Form::Unsigned, top) as u32,
            0x28..=0x3e => {
                operand(Kind::Align, Form::Unsigned, top);
                own = operand(Kind::Offset, Form::Unsigned, top) as u32;
            }
            0x41 => own = operand(Kind::Integer, Form::Signed, top) as u32,
            0x42 => _ = operand(Kind::Long, Form::Signed, top),
            0x43 | 0x44 => {
                for place in 0..if op == 0x43 { 4 } else { 8 } {
                    operand(Kind::Float, Form::Byte, place);
                }
            }
            0x1c => {
                for _ in 0..operand(Kind::Other, Form::Unsigned, 2).min(MOST) {
                    operand(Kind::Other, Form::Byte, 3);
                }
            }
            0x25 | 0x26 | 0x3f | 0x40 | 0xd0 => _ = operand(Kind::Other, Form::Unsigned, 0),
            0xfc => {
                own = operand(Kind::Other, Form::Unsigned, 0) as u32;
                for _ in
                    0..*[0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 2, 1, 2, 1, 2, 1, 1, 1].get(own as usize)?
                {
                    operand(Kind::Other, Form::Unsigned, 1);
                }
            }
            0x00 | 0x01 | 0x05 | 0x0b | 0x0f | 0x1a | 0x1b | 0x45..=0xc4 | 0xd1 => {}
            _ => return None,
        }
        let signature = called.and_then(|place| self.types.get(place)).copied().unwrap_or_default();
        self.stack.apply(op, own, signature);
        self.opcodes.rotate_right(1);
        self.opcodes[0] = op;
        self.whole.rotate_right(1);
        self.whole[0] = seen;
        Some(())
    }

    fn opcode(&mut self, model: &mut Model, side: &mut impl Direction) -> u32 {
        let height = self.stack.height();
        let [last, second, earlier @ ..] = self.opcodes;
        let two = hash(last, second);
        let five = earlier.into_iter().fold(two, hash);
        let [first_whole, second_whole, ..] = self.whole;
        let contexts = [
            hash(two, height),
            five,
            hash(first_whole, second_whole),
            self.whole.into_iter().fold(0, hash),
        ];
        let rank = |op| FREQUENT.iter().position(|frequent| *frequent == op).unwrap_or(15);
        let mixer = OPCODE_MIXERS + (height as usize * 16 + rank(last)) * 4;

        let op = side.next(Form::Byte) as u32;
        let coded = model.group(side, rank(op) as u32, 4, &contexts, 1, mixer);
        let op = match FREQUENT.get(coded as usize) {
            Some(frequent) => *frequent,
            None => model.byte(side, op, &contexts.map(|context| hash(context, 15)), mixer + 1),
        };
        side.known(Form::Byte, op.into());
        op
    }

    /// Codes an operand of an instruction of which so much is `seen`. `extra` is another thing to guess it from.
    fn operand(
        &mut self,
        model: &mut Model,
        side: &mut impl Direction,
        kind: Kind,
        form: Form,
        seen: &mut u32,
        extra: u32,
    ) -> i64 {
        let this = hash(*seen, kind as u32);
        let [t, u, v, ..] = self.whole;
        let last = self.operands[kind as usize];
        let contexts = match kind {
            Kind::Align | Kind::Block => [this; 4], // The instruction all but says it.
            _ => [
                hash(this, hash(hash(t, u), v)),
                hash(this, hash(last, self.opcodes[0])),
                hash(this, self.body),
                hash(this, extra),
            ],
        };
        let value = side.next(form);
        let mixer = kind as usize * 32;
        let value = match kind {
            Kind::Local => model.small(side, value, &contexts, mixer),
            _ => model.number(side, value, &contexts, mixer),
        };
        side.known(form, value);
        let short = hash(value as u32, (value >> 32) as u32);
        self.operands[kind as usize] = short;
        *seen = hash(*seen, short);
        value
    }
}
