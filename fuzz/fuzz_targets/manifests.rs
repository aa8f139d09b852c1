//! Fuzzes `kobune_fuzz::manifests`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kobune_fuzz::manifests(data));
