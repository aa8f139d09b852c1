//! Fuzzes `kobune_fuzz::selectors`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kobune_fuzz::selectors(data));
