//! Fuzzes `kobune_fuzz::shell`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kobune_fuzz::shell(data));
