//! Reading an expression. Depth is bounded; what cannot be read is told with its column.

use serde_json::{Number, Value};

use super::Problem;

/// An expression; columns are those of what errors are about.
#[derive(Debug)]
pub(super) enum Expr {
    Literal(Value),
    Name(usize, String),
    Field(usize, Box<Self>, String),
    List(Vec<Self>),
    Map(Vec<(Self, Self)>),
    /// A function, an operator or, with a target, which is the first argument, a method or a macro.
    Call {
        column: usize,
        name: String,
        target: bool,
        args: Vec<Self>,
    },
}

impl Expr {
    /// Whether a variable of this name is asked for anywhere.
    pub(super) fn mentions(&self, wanted: &str) -> bool {
        match self {
            Self::Literal(_) => false,
            Self::Name(_, name) => name == wanted,
            Self::Field(_, of, _) => of.mentions(wanted),
            Self::List(items) | Self::Call { args: items, .. } => {
                items.iter().any(|item| item.mentions(wanted))
            }
            Self::Map(entries) => {
                entries.iter().any(|(key, value)| key.mentions(wanted) || value.mentions(wanted))
            }
        }
    }
}

/// How deep an expression may nest, and how many operators, fields and calls it may have: with both, how deep its tree is.
const DEPTH_MAX: usize = 32;
const LINKS_MAX: usize = 200;

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Literal(Value),
    Word(String),
    Sign(&'static str),
    End,
}

const SIGNS: [&str; 25] = [
    "&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "+", "-", "*", "/", "%", "(", ")", "[", "]",
    "{", "}", ".", ",", ":", "?", "=",
];

/// Reads an expression.
pub(super) fn parse(source: &str) -> Result<Expr, Problem> {
    let mut parser = Parser { tokens: tokens(source)?, at: 0, depth: 0, links: 0 };
    let expr = parser.ternary()?;
    match parser.peek() {
        Token::End => Ok(expr),
        _ => Err(parser.unexpected()),
    }
}

fn tokens(source: &str) -> Result<Vec<(usize, Token)>, Problem> {
    let letters: Vec<char> = source.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(letter) = letters.get(at).copied() {
        let start = at;
        let quoted = |at: usize| matches!(letters.get(at), Some('"' | '\''));
        if letter.is_whitespace() {
            at += 1;
        } else if letter == '/' && letters.get(at + 1) == Some(&'/') {
            while letters.get(at).is_some_and(|letter| *letter != '\n') {
                at += 1;
            }
        } else if quoted(at) || matches!(letter, 'r' | 'R') && quoted(at + 1) {
            let raw = !quoted(at);
            at += usize::from(raw);
            let text = string(&letters, &mut at, raw)
                .ok_or((start, "Syntax error: token recognition error".to_owned()))?;
            tokens.push((start, Token::Literal(Value::String(text))));
        } else if letter.is_ascii_digit() {
            tokens.push((
                start,
                Token::Literal(number(&letters, &mut at).ok_or_else(|| {
                    (start, "Syntax error: this number cannot be read".to_owned())
                })?),
            ));
        } else if letter.is_ascii_alphabetic() || letter == '_' {
            let more = |letter: &&char| letter.is_ascii_alphanumeric() || **letter == '_';
            let word: String = letters.iter().skip(at).take_while(more).collect();
            at += word.len();
            tokens.push((
                start,
                match word.as_str() {
                    "true" => Token::Literal(Value::Bool(true)),
                    "false" => Token::Literal(Value::Bool(false)),
                    "null" => Token::Literal(Value::Null),
                    _ => Token::Word(word),
                },
            ));
        } else {
            let pair: String = letters.iter().skip(at).take(2).collect();
            let sign = SIGNS.iter().find(|sign| pair.starts_with(**sign)).copied();
            let sign = sign.ok_or_else(|| {
                (start, format!("Syntax error: token recognition error at: '{letter}'"))
            })?;
            at += sign.len();
            tokens.push((start, Token::Sign(sign)));
        }
    }
    tokens.push((letters.len(), Token::End));
    Ok(tokens)
}

/// A text in quotes; none if it does not end or escapes what cannot be.
fn string(letters: &[char], at: &mut usize, raw: bool) -> Option<String> {
    let quote = *letters.get(*at)?;
    *at += 1;
    let mut text = String::new();
    loop {
        let letter = *letters.get(*at)?;
        *at += 1;
        if letter == quote {
            return Some(text);
        }
        if letter != '\\' || raw {
            text.push(letter);
            continue;
        }
        let escaped = *letters.get(*at)?;
        *at += 1;
        text.push(match escaped {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            '\\' | '\'' | '"' | '`' | '?' => escaped,
            'u' => {
                let digits: String = letters.get(*at..*at + 4)?.iter().collect();
                *at += 4;
                char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?
            }
            _ => return None,
        });
    }
}

fn number(letters: &[char], at: &mut usize) -> Option<Value> {
    let more = |letter: &&char| letter.is_ascii_alphanumeric() || **letter == '.';
    let text: String = letters.iter().skip(*at).take_while(more).collect();
    *at += text.len();
    if let Some(digits) = text.strip_prefix("0x") {
        return i64::from_str_radix(digits, 16).ok().map(Value::from);
    }
    // Unsigned numbers are treated as the others.
    let digits = text.trim_end_matches(['u', 'U']);
    if digits.contains(['.', 'e', 'E']) {
        return Number::from_f64(crate::manifest::parse_float(digits)?).map(Value::Number);
    }
    digits.parse::<i64>().ok().map(Value::from)
}

struct Parser {
    tokens: Vec<(usize, Token)>,
    at: usize,
    depth: usize,
    links: usize,
}

/// Operators between two expressions, the loosest first.
const LEVELS: [&[&str]; 5] =
    [&["||"], &["&&"], &["==", "!=", "<=", ">=", "<", ">", "in"], &["+", "-"], &["*", "/", "%"]];

impl Parser {
    fn peek(&self) -> &Token {
        self.tokens.get(self.at).map_or(&Token::End, |(_, token)| token)
    }

    fn column(&self) -> usize {
        self.tokens.get(self.at).map_or(0, |(column, _)| *column)
    }

    fn unexpected(&self) -> Problem {
        let what = match self.peek() {
            Token::Literal(value) => value.to_string(),
            Token::Word(word) => word.clone(),
            Token::Sign(sign) => (*sign).to_owned(),
            Token::End => "<EOF>".to_owned(),
        };
        (self.column(), format!("Syntax error: mismatched input '{what}'"))
    }

    /// Takes a sign, if it is next.
    fn takes(&mut self, wanted: &str) -> bool {
        let found = match self.peek() {
            Token::Sign(sign) => *sign == wanted,
            Token::Word(word) => word == wanted,
            Token::Literal(_) | Token::End => false,
        };
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, wanted: &str) -> Result<(), Problem> {
        if self.takes(wanted) { Ok(()) } else { Err(self.unexpected()) }
    }

    /// Counts what makes the tree deeper.
    fn link(&mut self) -> Result<(), Problem> {
        self.links += 1;
        if self.links > LINKS_MAX {
            return Err((self.column(), "expression recursion limit exceeded".to_owned()));
        }
        Ok(())
    }

    fn ternary(&mut self) -> Result<Expr, Problem> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err((self.column(), "expression recursion limit exceeded".to_owned()));
        }
        let condition = self.binary(0)?;
        let column = self.column();
        let expr = if self.takes("?") {
            let yes = self.binary(0)?;
            self.expect(":")?;
            let no = self.ternary()?;
            call(column, "?:", vec![condition, yes, no])
        } else {
            condition
        };
        self.depth -= 1;
        Ok(expr)
    }

    fn binary(&mut self, level: usize) -> Result<Expr, Problem> {
        let Some(signs) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.binary(level + 1)?;
        loop {
            let column = self.column();
            let Some(sign) = signs.iter().find(|sign| self.takes(sign)) else { return Ok(left) };
            self.link()?;
            let right = self.binary(level + 1)?;
            left = call(column, sign, vec![left, right]);
        }
    }

    fn unary(&mut self) -> Result<Expr, Problem> {
        let column = self.column();
        let mut signs = Vec::new();
        while let Some(sign) = ["!", "-"].into_iter().find(|sign| self.takes(sign)) {
            self.link()?;
            signs.push(if sign == "!" { "!_" } else { "-_" });
        }
        let mut expr = self.member()?;
        for sign in signs.into_iter().rev() {
            expr = call(column, sign, vec![expr]);
        }
        Ok(expr)
    }

    fn member(&mut self) -> Result<Expr, Problem> {
        let mut expr = self.primary()?;
        loop {
            let column = self.column();
            if matches!(self.peek(), Token::Sign("." | "[")) {
                self.link()?;
            }
            if self.takes(".") {
                let Token::Word(name) = self.peek().clone() else { return Err(self.unexpected()) };
                self.at += 1;
                if self.takes("(") {
                    let mut args = vec![expr];
                    args.extend(self.list(")")?);
                    expr = Expr::Call { column, name, target: true, args };
                } else {
                    expr = Expr::Field(column, Box::new(expr), name);
                }
            } else if self.takes("[") {
                let index = self.ternary()?;
                self.expect("]")?;
                expr = call(column, "[]", vec![expr, index]);
            } else {
                return Ok(expr);
            }
        }
    }

    fn primary(&mut self) -> Result<Expr, Problem> {
        let column = self.column();
        match self.peek().clone() {
            Token::Literal(value) => {
                self.at += 1;
                Ok(Expr::Literal(value))
            }
            Token::Word(name) if name != "in" => {
                self.at += 1;
                if !self.takes("(") {
                    return Ok(Expr::Name(column, name));
                }
                let args = self.list(")")?;
                Ok(Expr::Call { column, name, target: false, args })
            }
            Token::Sign("(") => {
                self.at += 1;
                let expr = self.ternary()?;
                self.expect(")")?;
                Ok(expr)
            }
            Token::Sign("[") => {
                self.at += 1;
                self.list("]").map(Expr::List)
            }
            Token::Sign("{") => {
                self.at += 1;
                let mut entries = Vec::new();
                while !self.takes("}") {
                    let key = self.ternary()?;
                    self.expect(":")?;
                    entries.push((key, self.ternary()?));
                    if !self.takes(",") {
                        self.expect("}")?;
                        break;
                    }
                }
                Ok(Expr::Map(entries))
            }
            Token::Word(_) | Token::Sign(_) | Token::End => Err(self.unexpected()),
        }
    }

    /// Expressions up to a closing sign.
    fn list(&mut self, end: &str) -> Result<Vec<Expr>, Problem> {
        let mut items = Vec::new();
        while !self.takes(end) {
            items.push(self.ternary()?);
            if !self.takes(",") {
                self.expect(end)?;
                break;
            }
        }
        Ok(items)
    }
}

fn call(column: usize, name: &str, args: Vec<Expr>) -> Expr {
    Expr::Call { column, name: name.to_owned(), target: false, args }
}
