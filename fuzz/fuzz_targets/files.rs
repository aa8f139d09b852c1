//! Fuzzes `kobune_fuzz::files`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kobune_fuzz::files(data));
