//! awk's expressions, by precedence. A part of the parser.

use super::parse::{KEYWORDS, Parsed, Parser};
use super::tree::{Expr, Place};
use crate::bash::regex::{Syntax, compile};
use crate::manifest::parse_float;

/// Functions, and how many arguments they take at least and at most.
const FUNCTIONS: &[(&str, usize, usize)] = &[
    ("gsub", 2, 3),
    ("index", 2, 2),
    ("int", 1, 1),
    ("length", 0, 1),
    ("match", 2, 2),
    ("split", 2, 3),
    ("sprintf", 1, 99),
    ("sub", 2, 3),
    ("substr", 2, 3),
    ("tolower", 1, 1),
    ("toupper", 1, 1),
];

/// What awk knows and this one does not.
const REFUSED: &[&str] = &["function", "func", "getline", "system", "close", "do"];

impl Parser {
    /// `k]` or `i, j]`.
    pub(super) fn index(&mut self) -> Parsed<Expr> {
        let mut list = self.unprinted(Self::list)?.into_iter();
        self.expect("]")?;
        let first = list.next().unwrap_or(Expr::Number(0.0));
        let join = |left, right| {
            let separator = Expr::Text("\u{1c}".to_owned());
            Expr::Binary("", Box::new(Expr::Binary("", left, Box::new(separator))), right)
        };
        Ok(list.fold(first, |left, right| join(Box::new(left), Box::new(right))))
    }

    /// Inside brackets `>` compares again.
    fn unprinted<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        let printing = std::mem::replace(&mut self.printing, false);
        let parsed = parse(self);
        self.printing = printing;
        parsed
    }

    pub(super) fn expr(&mut self) -> Parsed<Expr> {
        self.deeper(|parser| {
            let condition = parser.level(0)?;
            if !parser.eat("?") {
                return Ok(condition);
            }
            let then = parser.expr()?;
            parser.newlines();
            parser.expect(":")?;
            let otherwise = parser.expr()?;
            Ok(Expr::Choice(Box::new([condition, then, otherwise])))
        })
    }

    /// The operator of a level that stands here; weakest first.
    fn operator(&mut self, level: usize) -> Option<&'static str> {
        const LEVELS: &[&[&str]] = &[
            &["||"],
            &["&&"],
            &["in"],
            &["!~", "~"],
            &["==", "!=", "<=", ">=", "<", ">"],
            &[""],
            &["+", "-"],
            &["*", "/", "%"],
        ];
        self.blanks();
        let operators = LEVELS.get(level)?;
        if level == 2 {
            return (self.word() == "in").then_some("in");
        }
        if level == 5 {
            let word = self.word();
            let operand = matches!(self.peek(), Some('"' | '$' | '(' | '.'))
                || (!word.is_empty() && !KEYWORDS.contains(&word.as_str()));
            return operand.then_some("");
        }
        let operator = operators.iter().copied().find(|operator| self.stands(operator))?;
        let next = self.text.get(self.at + operator.len()).copied();
        let assigns = level >= 6 && next == Some('=');
        let steps = level == 6 && next == operator.chars().next();
        let prints = operator == ">" && self.printing;
        (!assigns && !steps && !prints).then_some(operator)
    }

    fn level(&mut self, level: usize) -> Parsed<Expr> {
        if level > 7 {
            return self.unary();
        }
        let mut left = self.level(level + 1)?;
        while let Some(operator) = self.operator(level) {
            self.at += operator.len();
            if operator == "in" {
                left = Expr::In(Box::new(left), self.name()?);
                continue;
            }
            if level < 2 {
                self.newlines();
            }
            let right = self.level(level + 1)?;
            left = Expr::Binary(operator, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Parsed<Expr> {
        self.blanks();
        let stepped = self.stands("++") || self.stands("--");
        match self.peek() {
            Some('!') if !self.stands("!~") => {
                self.at += 1;
                self.deeper(Self::unary).map(|operand| Expr::Not(Box::new(operand)))
            }
            Some('-') if !stepped => {
                self.at += 1;
                self.deeper(Self::unary).map(|operand| Expr::Negative(Box::new(operand)))
            }
            Some('+') if !stepped => {
                self.at += 1;
                let operand = self.deeper(Self::unary)?;
                Ok(Expr::Binary("+", Box::new(Expr::Number(0.0)), Box::new(operand)))
            }
            _ => self.power(),
        }
    }

    fn power(&mut self) -> Parsed<Expr> {
        let base = self.primary()?;
        if self.eat("^") {
            let exponent = self.deeper(Self::unary)?;
            return Ok(Expr::Binary("^", Box::new(base), Box::new(exponent)));
        }
        Ok(base)
    }

    fn primary(&mut self) -> Parsed<Expr> {
        self.blanks();
        match self.peek() {
            Some('(') => {
                self.at += 1;
                let inner = self.unprinted(Self::expr)?;
                self.expect(")")?;
                Ok(inner)
            }
            Some('"') => self.string(),
            Some('/') => self.regex(),
            Some('0'..='9' | '.') => self.number(),
            Some('+' | '-') => {
                let up = if self.eat("++") { 1.0 } else { -1.0 };
                if up < 0.0 {
                    self.expect("--")?;
                }
                if let Expr::Get(place) = self.deeper(Self::primary)? {
                    return Ok(Expr::Step(place, up, false));
                }
                self.wrong()
            }
            Some('$') => {
                self.at += 1;
                let index = self.deeper(Self::field_index)?;
                self.assigned(Place::Field(Box::new(index)))
            }
            _ => self.named(),
        }
    }

    /// What stands behind `$`: `1`, `NF`, `(NF-1)`, `i++` steps the field.
    fn field_index(&mut self) -> Parsed<Expr> {
        self.blanks();
        match self.peek() {
            Some('$') => {
                self.at += 1;
                let index = self.deeper(Self::field_index)?;
                Ok(Expr::Get(Place::Field(Box::new(index))))
            }
            Some('(' | '0'..='9' | '-' | '+') => self.primary(),
            _ => {
                let name = self.name()?;
                if self.stands("[") {
                    self.at += 1;
                    let index = self.index()?;
                    return Ok(Expr::Get(Place::Element(name, Box::new(index))));
                }
                Ok(Expr::Get(Place::Name(name)))
            }
        }
    }

    fn named(&mut self) -> Parsed<Expr> {
        let word = self.word();
        if REFUSED.contains(&word.as_str()) {
            return Err(format!("`{word}' is not simulated"));
        }
        if let Some((name, least, most)) = FUNCTIONS.iter().find(|(name, ..)| *name == word) {
            self.at += name.len();
            let mut arguments = Vec::new();
            if self.eat("(") && !self.eat(")") {
                arguments = self.unprinted(Self::list)?;
                self.expect(")")?;
            }
            if arguments.len() < *least || arguments.len() > *most {
                return Err(format!(
                    "{} is invalid as number of arguments for {name}",
                    arguments.len()
                ));
            }
            return Ok(Expr::Call(name, arguments));
        }
        let name = self.name()?;
        if self.stands("(") {
            return Err(format!("function `{name}' not defined"));
        }
        if self.stands("[") {
            self.at += 1;
            let index = self.deeper(Self::index)?;
            return self.assigned(Place::Element(name, Box::new(index)));
        }
        self.assigned(Place::Name(name))
    }

    /// A place, with what is done to it.
    fn assigned(&mut self, place: Place) -> Parsed<Expr> {
        self.blanks();
        if self.eat("++") {
            return Ok(Expr::Step(place, 1.0, true));
        }
        if self.eat("--") {
            return Ok(Expr::Step(place, -1.0, true));
        }
        for operator in ["+=", "-=", "*=", "/=", "%=", "^="] {
            if self.eat(operator) {
                let sign = operator.chars().next().unwrap_or('+');
                self.newlines();
                return Ok(Expr::Set(place, sign, Box::new(self.expr()?)));
            }
        }
        if self.stands("=") && !self.stands("==") {
            self.at += 1;
            self.newlines();
            return Ok(Expr::Set(place, '=', Box::new(self.expr()?)));
        }
        Ok(Expr::Get(place))
    }

    fn number(&mut self) -> Parsed<Expr> {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_digit() || c == '.') {
            self.at += 1;
        }
        let exponent = self.text.get(self.at..).unwrap_or_default();
        let signed = usize::from(matches!(exponent.get(1), Some('+' | '-')));
        if matches!(exponent, ['e' | 'E', ..])
            && exponent.get(1 + signed).is_some_and(char::is_ascii_digit)
        {
            self.at += 1 + signed;
            while self.peek().is_some_and(|c| c.is_ascii_digit()) {
                self.at += 1;
            }
        }
        let text: String = self.text[start..self.at].iter().collect();
        parse_float(&text).map_or_else(|| self.wrong(), |number| Ok(Expr::Number(number)))
    }

    fn string(&mut self) -> Parsed<Expr> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let c = self.peek().filter(|c| *c != '\n').ok_or("unterminated string")?;
            self.at += 1;
            match c {
                '"' => return Ok(Expr::Text(text)),
                '\\' => {
                    let escaped = self.peek().ok_or("unterminated string")?;
                    self.at += 1;
                    match escaped {
                        'n' => text.push('\n'),
                        't' => text.push('\t'),
                        'r' => text.push('\r'),
                        '"' | '\\' | '/' => text.push(escaped),
                        other => text.extend(['\\', other]),
                    }
                }
                c => text.push(c),
            }
        }
    }

    fn regex(&mut self) -> Parsed<Expr> {
        self.at += 1;
        let (mut text, mut in_bracket) = (String::new(), false);
        loop {
            let c = self.peek().filter(|c| *c != '\n').ok_or("unterminated regexp")?;
            self.at += 1;
            match c {
                '/' if !in_bracket => break,
                '\\' if self.peek() == Some('/') => {
                    self.at += 1;
                    text.push('/');
                }
                '\\' => {
                    text.push('\\');
                    text.extend(self.peek());
                    self.at += 1;
                }
                c => {
                    in_bracket = c == '[' || (in_bracket && c != ']');
                    text.push(c);
                }
            }
        }
        compile(&text, Syntax::Extended, false).map(Expr::Regex)
    }
}
