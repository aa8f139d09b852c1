//! Kobune.
fn main() {}
