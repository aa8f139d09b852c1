//! Words of a running script: quotes, `$NAME`, `${NAME:-default}`, `$(command)`, `$((…))`.
//!
//! A command's words together stay below [`CHARACTERS_MAX`], so a variable that doubles itself ends with an error.

use super::{Pause, Piece, Script, Surroundings, Word, tools};
use crate::bash::ast::Operator;
use crate::bash::pattern::{cut, replace};
use crate::bash::{Pattern, arithmetic};
use crate::engine::Stream;

/// How much the words of one command may be.
pub(super) const CHARACTERS_MAX: usize = 128 * 1024;

/// The fields that a word becomes.
#[derive(Default)]
struct Fields {
    done: Vec<String>,
    open: Option<String>,
    size: usize,
}

impl Fields {
    fn append(&mut self, text: &str) -> Result<(), String> {
        self.size += text.len();
        if self.size > CHARACTERS_MAX {
            return Err("argument list too long".to_owned());
        }
        self.open.get_or_insert_default().push_str(text);
        Ok(())
    }

    /// A value outside quotes: split at blanks; an empty one vanishes.
    fn split(&mut self, value: &str) -> Result<(), String> {
        if value.starts_with(char::is_whitespace) {
            self.done.extend(self.open.take());
        }
        for (index, field) in value.split_whitespace().enumerate() {
            if index > 0 {
                self.done.extend(self.open.take());
            }
            self.append(field)?;
        }
        if value.ends_with(char::is_whitespace) {
            self.done.extend(self.open.take());
        }
        Ok(())
    }
}

impl Script {
    /// Words as a command gets them.
    pub(super) fn fields(
        &mut self,
        words: &[Word],
        around: &mut Surroundings<'_>,
    ) -> Result<Vec<String>, String> {
        let mut fields = Fields::default();
        for word in words {
            for piece in word {
                if matches!(piece, Piece::Parameter(name, None, true) if name == "@") {
                    for (index, argument) in self.arguments.clone().iter().enumerate() {
                        if index > 0 {
                            fields.done.extend(fields.open.take());
                        }
                        fields.append(argument)?;
                    }
                    continue;
                }
                let value = self.piece(piece, around)?;
                if piece.splits() { fields.split(&value)? } else { fields.append(&value)? }
            }
            fields.done.extend(fields.open.take());
        }
        Ok(fields.done)
    }

    /// A word as one text: nothing is split.
    pub(super) fn text(
        &mut self,
        word: &Word,
        around: &mut Surroundings<'_>,
    ) -> Result<String, String> {
        let mut fields = Fields::default();
        for piece in word {
            let value = self.piece(piece, around)?;
            fields.append(&value)?;
        }
        Ok(fields.open.unwrap_or_default())
    }

    fn piece(&mut self, piece: &Piece, around: &mut Surroundings<'_>) -> Result<String, String> {
        match piece {
            Piece::Text(text) => Ok(text.clone()),
            Piece::Length(name) => {
                let value = self.get(name, around).unwrap_or_default();
                Ok(value.chars().count().to_string())
            }
            Piece::Arithmetic(word) => {
                let text = self.text(word, around)?;
                let (value, assigned) =
                    arithmetic::evaluate(&text, &|name| self.get(name, around))?;
                for (name, value) in assigned {
                    self.variables.insert(name, value.to_string());
                }
                Ok(value.to_string())
            }
            Piece::Command(ops, _) => self.substitute(ops, around),
            Piece::Parameter(name, None, _) => Ok(self.get(name, around).unwrap_or_default()),
            Piece::Parameter(name, Some((operator, word)), _) => {
                let value = self.get(name, around);
                self.alternative(name, value, *operator, word, around)
            }
        }
    }

    /// Whether a word matches one of several patterns.
    pub(super) fn matches(
        &mut self,
        subject: &Word,
        patterns: &[Word],
        around: &mut Surroundings<'_>,
    ) -> Result<bool, String> {
        let subject = self.text(subject, around)?;
        for pattern in patterns {
            let pattern = self.text(pattern, around)?;
            if Pattern::new(&pattern).matches(&subject) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// `${NAME:-word}` and its kin; the compiler lets no others through.
    fn alternative(
        &mut self,
        name: &str,
        value: Option<String>,
        operator: Operator,
        word: &Word,
        around: &mut Surroundings<'_>,
    ) -> Result<String, String> {
        let empty = matches!(
            operator,
            Operator::Default(true)
                | Operator::Assign(true)
                | Operator::Alternative(true)
                | Operator::Error(true)
        );
        let value = value.filter(|value| !(empty && value.is_empty()));
        if matches!(operator, Operator::CutStart(_) | Operator::CutEnd(_)) {
            let value: Vec<char> = value.unwrap_or_default().chars().collect();
            let pattern = Pattern::new(&self.text(word, around)?);
            return Ok(cut(&value, &pattern, operator).iter().collect());
        }
        if let Operator::Replace(everywhere) = operator {
            let value: Vec<char> = value.unwrap_or_default().chars().collect();
            let whole = self.text(word, around)?;
            let (from, to) = whole.split_once('/').unwrap_or((&whole, ""));
            return Ok(replace(&value, &Pattern::new(from), &to.replace('\\', ""), everywhere));
        }
        if matches!(operator, Operator::Alternative(_)) {
            return if value.is_some() { self.text(word, around) } else { Ok(String::new()) };
        }
        if let Some(value) = value {
            return Ok(value);
        }
        let text = self.text(word, around)?;
        if matches!(operator, Operator::Error(_)) {
            let text = if text.is_empty() { "parameter not set" } else { &text };
            return Err(format!("{name}: {text}"));
        }
        if matches!(operator, Operator::Assign(_)) {
            self.variables.insert(name.to_owned(), text.clone());
        }
        Ok(text)
    }

    fn get(&self, name: &str, around: &Surroundings<'_>) -> Option<String> {
        match name {
            "?" => Some(self.status.to_string()),
            "$" => Some(if around.beside { tools::OWN_PID } else { "1" }.to_owned()),
            "#" => Some(self.arguments.len().to_string()),
            "@" | "*" => Some(self.arguments.join(" ")),
            "0" => Some("sh".to_owned()),
            place if place.starts_with(|c: char| c.is_ascii_digit()) => {
                let place: usize = place.parse().ok()?;
                self.arguments.get(place.checked_sub(1)?).cloned()
            }
            "HOSTNAME" => Some(around.launch.hostname.clone()),
            _ => self.variables.get(name).cloned(),
        }
    }

    /// The output of `$(…)`: run on copies, so what it changes is forgotten, as in a subshell. Its steps are taken from
    /// those of the script around it, so nesting does not multiply them.
    fn substitute(
        &mut self,
        ops: &std::sync::Arc<[super::Op]>,
        around: &mut Surroundings<'_>,
    ) -> Result<String, String> {
        let mut files = around.files.clone();
        let mut inner = Surroundings::new(around.now, around.launch, around.rules, &mut files);
        inner.beside = around.beside;
        let mut script = self.within(ops).ok_or("$(…): too many levels")?;
        let pause = script.go(0, &mut inner);
        self.steps = script.steps;
        let mut text = String::new();
        let (output, signals) = (inner.output, inner.signals);
        around.signals.extend(signals);
        for (stream, part) in output {
            match stream {
                Stream::Stdout => text.push_str(&part),
                Stream::Stderr => around.output.push((stream, part)),
            }
        }
        match pause {
            Pause::Exit(_) => {}
            Pause::Until(_) if self.steps == 0 => {
                return Err("$(…): too many commands at once".to_owned());
            }
            Pause::Become { argv, .. } => {
                let name = argv.first().map_or("", String::as_str);
                let message = format!("sh: {name}: not simulated in $(…)\n");
                around.output.push((Stream::Stderr, message));
            }
            Pause::Until(_) | Pause::Forever | Pause::Ask(_) => {
                let message = "sh: $(…): a command that waits is not simulated here\n".to_owned();
                around.output.push((Stream::Stderr, message));
            }
        }
        text.truncate(text.trim_end_matches('\n').len());
        Ok(text)
    }
}
