//! Kobune (小舟): a deterministic container-orchestration sandbox.
//!
//! This crate is the pure core: it knows no browser, no wall clock, no network and no threads. The page
//! (`src/app`) and the headless runner (`src/main.rs`) are its two faces.
//!
//! The modules stand in the order in which they should be read. A module may use the ones above it, never the
//! ones below; `tests/architecture.rs` checks it.

pub mod quantity;
pub mod quote;
pub mod random;
pub mod time;

pub mod archive;

pub mod order;

pub mod persistent;

pub mod bash;

pub mod manifest;
mod text;

pub mod object;
pub mod store;

pub mod engine;
pub mod network;

pub mod controller;
pub mod kubelet;
pub mod scheduler;

pub mod cluster;

pub mod output;

pub mod shell;
pub mod transcript;

pub mod command;

pub mod journal;
pub mod lesson;

pub mod view;
