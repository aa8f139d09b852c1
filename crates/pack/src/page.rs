//! What the page calls. Bytes go through the memory that both see.

use std::cell::RefCell;

use kobune_pack::Unpacker;

thread_local! {
    static UNPACKER: RefCell<Unpacker> = RefCell::default();
}

/// Room for so many more packed bytes: where the page is to write them.
#[unsafe(no_mangle)]
extern "C" fn room(length: usize) -> *const u8 {
    UNPACKER.with_borrow_mut(|unpacker| {
        let packed = unpacker.packed();
        let from = packed.len();
        packed.resize(from + length, 0);
        packed[from..].as_ptr()
    })
}

/// Unpacks what has arrived: how many bytes of the module there are now, or -1 if the packed bytes are broken.
#[unsafe(no_mangle)]
extern "C" fn unpack(complete: bool) -> isize {
    UNPACKER.with_borrow_mut(|unpacker| {
        if unpacker.advance(complete) {
            isize::try_from(unpacker.output().len()).unwrap_or(-1)
        } else {
            -1
        }
    })
}

/// Where the module stands, until the next call.
#[unsafe(no_mangle)]
extern "C" fn unpacked() -> *const u8 {
    UNPACKER.with_borrow(|unpacker| unpacker.output().as_ptr())
}
