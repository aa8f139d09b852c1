//! Fuzzes `kobune_fuzz::jsonpath`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kobune_fuzz::jsonpath(data));
