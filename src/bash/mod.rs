//! bash's language: from a text to commands. Running them is `shell`'s work (and that of the programs inside images).

pub mod arithmetic;
pub mod ast;

pub(crate) mod regex;

mod brace;
mod compound;
mod parser;
pub(crate) mod pattern;
mod redirect;
mod word;

pub use parser::{ParseError, Parser, is_name};
pub(crate) use pattern::Pattern;
