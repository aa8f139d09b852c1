//! What was packed comes back byte for byte, however it arrives; what is damaged is refused.

use kobune_pack::{Unpacker, pack, unpack};

/// A section: its number, its length, its contents.
fn section(id: u8, contents: &[u8]) -> Vec<u8> {
    [&[id], &length(contents.len())[..], contents].concat()
}

fn length(bytes: usize) -> Vec<u8> {
    let mut left = bytes;
    let mut written = Vec::new();
    while left > 127 {
        written.push((left & 127) as u8 | 128);
        left >>= 7;
    }
    written.push(left as u8);
    written
}

/// Each instruction with its operands; what a validator would say to their order does not matter.
const INSTRUCTIONS: &[&[u8]] = &[
    &[0x00, 0x01],                                                 // unreachable, nop
    &[0x02, 0x40, 0x03, 0x7f, 0x0b, 0x0b],                         // block, loop, end
    &[0x20, 0x00, 0x04, 0x40, 0x05, 0x0b],                         // if, else
    &[0x20, 0x90, 0x01, 0x21, 0x0e, 0x22, 0x0f],                   // locals 144, 14, 15
    &[0x23, 0x00, 0x24, 0x00, 0x0c, 0x00, 0x0d, 0x00],             // globals, br, br_if
    &[0x0e, 0x02, 0x00, 0x00, 0x00],                               // br_table
    &[0x10, 0x00, 0x10, 0x01, 0x11, 0x01, 0x00, 0xd2, 0x01],       // call, call_indirect, ref.func
    &[0x1a, 0x1b, 0x1c, 0x01, 0x7f, 0x25, 0x00, 0x26, 0x00],       // drop, select, tables
    &[0x28, 0x02, 0x80, 0x20, 0x3e, 0x00, 0x04, 0x37, 0x03, 0x08], // loads and stores
    &[0x3f, 0x00, 0x40, 0x00, 0xd0, 0x70, 0xd1],                   // memory, null
    &[0x41, 0x7f, 0x41, 0x80, 0x80, 0x80, 0x80, 0x78, 0x41, 0xff, 0xff, 0xff, 0xff, 0x07], // -1, least, greatest
    &[0x42, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f], // the least i64
    &[0x42, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00], // the greatest
    &[0x43, 1, 2, 3, 255, 0x44, 1, 2, 3, 4, 5, 6, 7, 255],               // doubles
    &[0x45, 0x46, 0x6a, 0x67, 0x7c, 0xa7, 0xc4],                         // numeric
    &[0xfc, 0x00, 0xfc, 0x08, 0x00, 0x00, 0xfc, 0x0a, 0x00, 0x00, 0xfc, 0x0b, 0x00], // memory.copy and the like
];

fn module() -> Vec<u8> {
    let mut body = vec![2, 3, 0x7f, 1, 0x7e];
    body.extend(INSTRUCTIONS.concat());
    body.push(0x0b);
    let body = [length(body.len()), body].concat();
    let bodies = [length(300), body.repeat(300)].concat();
    let text = "小舟は小さな船です。".repeat(200);
    [
        b"\0asm\x01\0\0\0".to_vec(),
        section(1, &[2, 0x60, 1, 0x7f, 1, 0x7f, 0x60, 2, 0x7f, 0x7e, 0]),
        section(
            2,
            &[
                &[4][..],
                b"\x01a\x01b\x00\x01",
                b"\x01a\x01c\x01\x70\x01\x01\x02",
                b"\x01a\x01d\x02\x00\x01",
                b"\x01a\x01e\x03\x7f\x00",
            ]
            .concat(),
        ),
        section(3, &[length(300), vec![1; 300]].concat()),
        section(10, &bodies),
        section(11, &[&[1, 1][..], &length(text.len()), text.as_bytes()].concat()),
        section(0, b"\x04name"),
    ]
    .concat()
}

#[test]
fn a_module_with_every_instruction_comes_back() {
    let module = module();
    let packed = pack(&module).expect("the module is known");
    assert!(packed.len() * 20 < module.len(), "{} of {}", packed.len(), module.len());
    assert!(unpack(&packed) == Some(module));
}

#[test]
fn it_comes_back_in_whatever_pieces_it_arrives() {
    let module = module();
    let packed = pack(&module).expect("the module is known");
    for size in [1, 7, 100] {
        let mut unpacker = Unpacker::default();
        for piece in packed.chunks(size) {
            unpacker.packed().extend_from_slice(piece);
            assert!(unpacker.advance(false));
        }
        assert!(unpacker.advance(true));
        assert!(unpacker.output() == module);
    }
}

#[test]
fn what_the_walk_does_not_know_is_refused() {
    for (why, module) in [
        ("an unknown instruction", section(10, &[1, 3, 0, 0xfb, 0x0b])),
        ("a length written with more bytes than it needs", vec![0, 0x80, 0]),
        ("a module that ends in a section", vec![1, 5, 1]),
        ("a body that ends before its length does", section(10, &[1, 4, 0, 0x0b, 0x0b, 0x0b])),
    ] {
        assert!(pack(&[&b"\0asm\x01\0\0\0"[..], &module].concat()).is_none(), "{why}");
    }
    assert_eq!(pack(b"no module"), None);
}

#[test]
fn damage_ends_the_unpacking() {
    let module = module();
    let packed = pack(&module).expect("the module is known");
    for end in (0..packed.len()).step_by(499) {
        assert!(unpack(&packed[..end]).as_ref() != Some(&module), "{end} bytes");
    }
    for place in (8..packed.len() - 8).step_by(251) {
        let mut damaged = packed.clone();
        damaged[place] ^= 0x55;
        assert!(unpack(&damaged).as_ref() != Some(&module), "byte {place}");
    }
}
