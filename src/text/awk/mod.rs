//! awk's language: fields of lines chosen, counted and printed. Models POSIX awk with gawk's messages, in part.
//!
//! Patterns, `BEGIN` and `END`, fields, variables, arrays, arithmetic, loops and the common functions. A program that runs
//! too long ends with an error. *Differs:* functions of one's own, `getline` and output to files or commands are refused
//! by name; `for (k in a)` goes in order of text.

mod expr;
mod functions;
mod parse;
mod run;
mod tree;
mod value;

pub(crate) use self::parse::parse;
pub(crate) use self::run::{Leave, Machine, When};
pub(crate) use self::value::Value;

impl Machine {
    /// Sets what `-F` says.
    pub(crate) fn separate_by(&mut self, separator: &str) {
        let separator = if separator == "t" { "\t" } else { separator };
        self.assign("FS", Value::Text(separator.replace("\\t", "\t")));
    }

    /// Sets what `-v NAME=VALUE` says; false if it says nothing of the kind.
    pub(crate) fn set(&mut self, text: &str) -> bool {
        let Some((name, value)) = text.split_once('=') else { return false };
        self.assign(name, Value::Input(value.replace("\\n", "\n").replace("\\t", "\t")));
        true
    }

    /// Runs all of the program's moments over a text; the message of what went wrong.
    pub(crate) fn over(&mut self, text: &str) -> Result<(), String> {
        let mut result = self.run(When::Begin);
        if result.is_ok() && !self.only_begins() {
            for (index, line) in text.lines().enumerate() {
                let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
                result = self.read(line.to_owned(), number);
                if result.is_ok() {
                    result = self.run(When::Record);
                }
                match result {
                    Err(Leave::Next) => result = Ok(()),
                    Ok(()) => {}
                    Err(_) => break,
                }
            }
            if matches!(result, Ok(()) | Err(Leave::Exit)) {
                result = self.run(When::End);
            }
        }
        if let Err(Leave::Failed(message)) = result { Err(message) } else { Ok(()) }
    }
}
