//! The commands that can be typed at the prompt, one file a command; help and completion derive from the same value.

pub mod kubectl;

use crate::shell::Command;

/// Every command.
pub static COMMANDS: &[&Command] = &[&kubectl::KUBECTL];
