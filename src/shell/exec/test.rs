//! `[[ … ]]`: conditions in which words are neither split nor matched with file names.
//!
//! What `test` knows is asked of the command `test`; `==` matches a pattern and `=~` a regular expression.
//! *Differs:* quotes inside a regular expression do not make its letters stand for themselves; no `BASH_REMATCH`.

use super::{Io, Shell, expand, simple};
use crate::bash::Pattern;
use crate::bash::ast::Token;
use crate::bash::regex::{Syntax, compile};

/// A part with its word expanded, as a text and as a pattern.
enum Part {
    Operator(&'static str),
    Word(String, String),
}

/// The exit code of a condition.
pub(super) async fn test(shell: &Shell, tokens: &[Token], io: &Io) -> i32 {
    let mut parts = Vec::new();
    for token in tokens {
        parts.push(match token {
            Token::Operator(operator) => Part::Operator(operator),
            Token::Word(word) => {
                let text = expand::text(shell, word, io).await;
                match (text, expand::pattern(shell, word, io).await) {
                    (Ok(text), Ok(pattern)) => Part::Word(text, pattern),
                    (Err(message), _) | (_, Err(message)) => {
                        return shell.complain(io, &message, 1);
                    }
                }
            }
        });
    }
    let mut asking = Asking { shell, io, parts, at: 0 };
    match asking.either().await {
        Ok(_) if asking.at < asking.parts.len() => {
            shell.complain(io, "syntax error in conditional expression", 2)
        }
        Ok(holds) => i32::from(!holds),
        Err(message) => shell.complain(io, &message, 2),
    }
}

struct Asking<'a> {
    shell: &'a Shell,
    io: &'a Io,
    parts: Vec<Part>,
    at: usize,
}

impl Asking<'_> {
    fn takes(&mut self, wanted: &str) -> bool {
        let stands =
            matches!(self.parts.get(self.at), Some(Part::Operator(found)) if *found == wanted);
        self.at += usize::from(stands);
        stands
    }

    /// Both sides are asked: asking changes nothing.
    async fn either(&mut self) -> Result<bool, String> {
        let mut holds = self.both().await?;
        while self.takes("||") {
            holds |= self.both().await?;
        }
        Ok(holds)
    }

    async fn both(&mut self) -> Result<bool, String> {
        let mut holds = self.one().await?;
        while self.takes("&&") {
            holds &= self.one().await?;
        }
        Ok(holds)
    }

    async fn one(&mut self) -> Result<bool, String> {
        let mut negated = false;
        while self.takes("!") {
            negated = !negated;
        }
        let holds = if self.takes("(") {
            let holds = Box::pin(self.either()).await?;
            if !self.takes(")") {
                return Err("syntax error in conditional expression".to_owned());
            }
            holds
        } else {
            self.primary().await?
        };
        Ok(holds != negated)
    }

    fn word(&mut self) -> Option<(String, String)> {
        let Some(Part::Word(text, pattern)) = self.parts.get(self.at) else { return None };
        self.at += 1;
        Some((text.clone(), pattern.clone()))
    }

    async fn primary(&mut self) -> Result<bool, String> {
        let Some((left, _)) = self.word() else {
            return Err("syntax error in conditional expression".to_owned());
        };
        for (operator, order) in
            [("<", std::cmp::Ordering::Less), (">", std::cmp::Ordering::Greater)]
        {
            if self.takes(operator) {
                let right = self.word().unwrap_or_default().0;
                return Ok(left.cmp(&right) == order);
            }
        }
        let Some((middle, _)) = self.word() else { return Ok(!left.is_empty()) };
        let unary = left.len() == 2 && left.starts_with('-');
        if unary {
            return self.ask(vec![left, middle]).await;
        }
        let Some((right, pattern)) = self.word() else {
            return Err(format!("conditional binary operator expected near `{middle}'"));
        };
        match middle.as_str() {
            "=" | "==" => Ok(Pattern::new(&pattern).matches(&left)),
            "!=" => Ok(!Pattern::new(&pattern).matches(&left)),
            "=~" => compile(&right, Syntax::Extended, false).map(|regex| regex.is_match(&left)),
            _ => self.ask(vec![left, middle, right]).await,
        }
    }

    /// Asks `test`.
    async fn ask(&self, words: Vec<String>) -> Result<bool, String> {
        let none = std::collections::BTreeMap::new();
        let asked = Box::pin(simple::named(self.shell, "test", words, none, self.io.clone()));
        match asked.await {
            Ok(0) => Ok(true),
            Ok(1) => Ok(false),
            _ => Err("syntax error in conditional expression".to_owned()),
        }
    }
}
