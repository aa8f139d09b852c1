//! Fuzzes `kobune_fuzz::gotemplate`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kobune_fuzz::gotemplate(data));
