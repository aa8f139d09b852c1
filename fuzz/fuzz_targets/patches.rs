//! Fuzzes `kobune_fuzz::patches`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kobune_fuzz::patches(data));
