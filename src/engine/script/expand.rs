//! Words of a script: quotes, `$NAME`, `${NAME:-default}`, `$(command)`.

use brush_parser::word::{
    Parameter, ParameterExpr, SpecialParameter, WordPiece, WordPieceWithSource, parse,
};

/// Expands a word as written; an unquoted value is split at blanks, an empty one vanishes.
pub(super) fn word(
    text: &str,
    lookup: &dyn Fn(&str) -> Option<String>,
    run: &dyn Fn(&str) -> String,
) -> Vec<String> {
    let Ok(pieces) = parse(text, &brush_parser::ParserOptions::default()) else {
        return vec![text.to_owned()];
    };
    let mut fields = Fields { lookup, run, done: Vec::new(), open: None };
    fields.pieces(&pieces, false);
    fields.done.extend(fields.open);
    fields.done
}

struct Fields<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    run: &'a dyn Fn(&str) -> String,
    done: Vec<String>,
    open: Option<String>,
}

impl Fields<'_> {
    fn pieces(&mut self, pieces: &[WordPieceWithSource], quoted: bool) {
        for piece in pieces {
            match &piece.piece {
                WordPiece::Text(text) | WordPiece::SingleQuotedText(text) => self.append(text),
                WordPiece::AnsiCQuotedText(text) => {
                    self.append(&text.replace("\\n", "\n").replace("\\t", "\t"));
                }
                WordPiece::EscapeSequence(text) => {
                    self.append(text.strip_prefix('\\').unwrap_or(text));
                }
                WordPiece::DoubleQuotedSequence(inner)
                | WordPiece::GettextDoubleQuotedSequence(inner) => {
                    self.append("");
                    self.pieces(inner, true);
                }
                WordPiece::TildeExpansion(_) => self.append("/root"),
                WordPiece::ParameterExpansion(expression) => {
                    let value = self.parameter(expression);
                    self.value(&value, quoted);
                }
                WordPiece::CommandSubstitution(line)
                | WordPiece::BackquotedCommandSubstitution(line) => {
                    let value = (self.run)(line);
                    self.value(&value, quoted);
                }
                WordPiece::ArithmeticExpression(expression) => {
                    let value = super::tools::arithmetic(&expression.value, self.lookup);
                    self.append(&value);
                }
            }
        }
    }

    fn append(&mut self, text: &str) {
        self.open.get_or_insert_default().push_str(text);
    }

    fn value(&mut self, value: &str, quoted: bool) {
        if quoted {
            self.append(value);
            return;
        }
        for (index, field) in value.split_whitespace().enumerate() {
            if index > 0 {
                self.done.extend(self.open.take());
            }
            self.append(field);
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "all other expansions of bash give nothing")]
    fn parameter(&self, expression: &ParameterExpr) -> String {
        match expression {
            ParameterExpr::Parameter { parameter, .. } => self.get(parameter).unwrap_or_default(),
            ParameterExpr::UseDefaultValues { parameter, default_value, .. }
            | ParameterExpr::AssignDefaultValues { parameter, default_value, .. } => self
                .get(parameter)
                .filter(|value| !value.is_empty())
                .unwrap_or_else(|| default_value.clone().unwrap_or_default()),
            ParameterExpr::ParameterLength { parameter, .. } => {
                self.get(parameter).unwrap_or_default().chars().count().to_string()
            }
            _ => String::new(),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "all other parameters of bash are unset")]
    fn get(&self, parameter: &Parameter) -> Option<String> {
        match parameter {
            Parameter::Named(name) => (self.lookup)(name),
            Parameter::Special(SpecialParameter::LastExitStatus) => (self.lookup)("?"),
            Parameter::Special(SpecialParameter::ProcessId) => (self.lookup)("$"),
            _ => None,
        }
    }
}
