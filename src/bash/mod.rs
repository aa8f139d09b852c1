//! bash's language: from a text to commands. Running them is `shell`'s work (and that of the programs inside images).

pub mod arithmetic;
pub mod ast;

mod brace;
mod parser;
mod redirect;
mod word;

pub use parser::{ParseError, Parser, is_name};
