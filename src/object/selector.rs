//! Label selectors as people write them: `app=web,tier in (front,back),!canary`.
//!
//! Models apimachinery `pkg/labels/selector.go`: lexer, parser, requirements and their sentences.

use std::cmp::Ordering;
use std::fmt;

use super::labels::Labels;
use super::names;

/// Requirements on labels; all must be met. Ordered by key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    requirements: Vec<Requirement>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Requirement {
    key: String,
    operator: Operator,
    /// In order, each once.
    values: Vec<String>,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Operator {
    In,
    NotIn,
    Equals,
    DoubleEquals,
    NotEquals,
    Exists,
    DoesNotExist,
    GreaterThan,
    LessThan,
}

impl Selector {
    /// Reads a selector; the error is upstream's sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut requirements = Parser::new(text).parse()?;
        requirements.sort_by(|left, right| left.key.cmp(&right.key));
        Ok(Self { requirements })
    }

    /// Whether it selects these labels.
    pub fn matches(&self, labels: Option<&Labels>) -> bool {
        self.requirements.iter().all(|requirement| requirement.matches(labels))
    }

    /// Whether it has no requirement.
    pub fn is_everything(&self) -> bool {
        self.requirements.is_empty()
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, requirement) in self.requirements.iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            requirement.fmt(f)?;
        }
        Ok(())
    }
}

impl Requirement {
    fn matches(&self, labels: Option<&Labels>) -> bool {
        let value = labels.and_then(|labels| labels.get(&self.key));
        let listed = || value.is_some_and(|value| self.values.contains(value));
        match self.operator {
            Operator::In | Operator::Equals | Operator::DoubleEquals => listed(),
            Operator::NotIn | Operator::NotEquals => !listed(),
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
            Operator::GreaterThan => self.compares(value, Ordering::Greater),
            Operator::LessThan => self.compares(value, Ordering::Less),
        }
    }

    fn compares(&self, value: Option<&String>, wanted: Ordering) -> bool {
        let value = value.and_then(|value| value.parse::<i64>().ok());
        let bound = self.values.first().and_then(|bound| bound.parse().ok());
        value.zip(bound).is_some_and(|(value, bound)| value.cmp(&bound) == wanted)
    }

    /// Checks what the grammar cannot (`NewRequirement`).
    fn check(&self) -> Result<(), String> {
        if matches!(self.operator, Operator::In | Operator::NotIn) && self.values.is_empty() {
            return Err(
                "values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty"
                    .into(),
            );
        }
        if matches!(self.operator, Operator::GreaterThan | Operator::LessThan) {
            for (index, value) in self.values.iter().enumerate() {
                if value.parse::<i64>().is_err() {
                    return Err(format!(
                        "values[{index}]: Invalid value: {value:?}: for 'Gt', 'Lt' operators, the value must be an integer"
                    ));
                }
            }
        }
        for (index, value) in self.values.iter().enumerate() {
            let problems = names::label_value(value);
            if !problems.is_empty() {
                let key = &self.key;
                let problems = problems.join("; ");
                return Err(format!(
                    "values[{index}][{key}]: Invalid value: {value:?}: {problems}"
                ));
            }
        }
        Ok(())
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (key, values) = (&self.key, self.values.join(","));
        match self.operator {
            Operator::In => write!(f, "{key} in ({values})"),
            Operator::NotIn => write!(f, "{key} notin ({values})"),
            Operator::Equals => write!(f, "{key}={values}"),
            Operator::DoubleEquals => write!(f, "{key}=={values}"),
            Operator::NotEquals => write!(f, "{key}!={values}"),
            Operator::Exists => write!(f, "{key}"),
            Operator::DoesNotExist => write!(f, "!{key}"),
            Operator::GreaterThan => write!(f, "{key}>{values}"),
            Operator::LessThan => write!(f, "{key}<{values}"),
        }
    }
}

/// A token and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Token {
    kind: TokenKind,
    text: String,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum TokenKind {
    End,
    Error,
    Identifier,
    In,
    NotIn,
    Equals,
    DoubleEquals,
    NotEquals,
    Not,
    Open,
    Close,
    Comma,
    Greater,
    Less,
}

fn symbol(text: &str) -> Option<TokenKind> {
    Some(match text {
        ")" => TokenKind::Close,
        "," => TokenKind::Comma,
        "!" => TokenKind::Not,
        "==" => TokenKind::DoubleEquals,
        "=" => TokenKind::Equals,
        "!=" => TokenKind::NotEquals,
        "(" => TokenKind::Open,
        ">" => TokenKind::Greater,
        "<" => TokenKind::Less,
        _ => return None,
    })
}

fn is_special(character: char) -> bool {
    matches!(character, '=' | '!' | '(' | ')' | ',' | '>' | '<')
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

/// All tokens of a text; the last is the end.
fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(first) = rest.next() {
        if is_blank(first) {
            continue;
        }
        let mut word = String::from(first);
        if is_special(first) {
            while let Some(next) = rest.peek().copied().filter(|next| is_special(*next)) {
                let longer = format!("{word}{next}");
                if symbol(&longer).is_none() && symbol(&word).is_some() {
                    break;
                }
                word = longer;
                rest.next();
            }
            let kind = symbol(&word).unwrap_or(TokenKind::Error);
            tokens.push(Token { kind, text: word });
            continue;
        }
        while let Some(next) = rest.next_if(|next| !is_special(*next) && !is_blank(*next)) {
            word.push(next);
        }
        let kind = match word.as_str() {
            "in" => TokenKind::In,
            "notin" => TokenKind::NotIn,
            _ => TokenKind::Identifier,
        };
        tokens.push(Token { kind, text: word });
    }
    tokens.push(Token { kind: TokenKind::End, text: String::new() });
    tokens
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn new(text: &str) -> Self {
        Self { tokens: tokens(text), at: 0 }
    }

    /// The next token, where `in` and `notin` are names like others.
    fn peek(&self) -> Token {
        let mut token = self.tokens[self.at.min(self.tokens.len() - 1)].clone();
        if matches!(token.kind, TokenKind::In | TokenKind::NotIn) {
            token.kind = TokenKind::Identifier;
        }
        token
    }

    fn next(&mut self) -> Token {
        let token = self.peek();
        self.at += 1;
        token
    }

    fn parse(&mut self) -> Result<Vec<Requirement>, String> {
        let mut requirements = Vec::new();
        loop {
            let token = self.peek();
            match token.kind {
                TokenKind::Identifier | TokenKind::Not => {}
                TokenKind::End => return Ok(requirements),
                _ => {
                    let text = token.text;
                    return Err(format!(
                        "found '{text}', expected: !, identifier, or 'end of string'"
                    ));
                }
            }
            let requirement = self.requirement();
            requirements.push(
                requirement.map_err(|problem| format!("unable to parse requirement: {problem}"))?,
            );
            let token = self.next();
            match token.kind {
                TokenKind::End => return Ok(requirements),
                TokenKind::Comma => {
                    let after = self.peek();
                    if !matches!(after.kind, TokenKind::Identifier | TokenKind::Not) {
                        return Err(format!(
                            "found '{}', expected: identifier after ','",
                            after.text
                        ));
                    }
                }
                _ => {
                    return Err(format!(
                        "found '{}', expected: ',' or 'end of string'",
                        token.text
                    ));
                }
            }
        }
    }

    fn requirement(&mut self) -> Result<Requirement, String> {
        let mut token = self.next();
        let not = token.kind == TokenKind::Not;
        if not {
            token = self.next();
        }
        if token.kind != TokenKind::Identifier {
            return Err(format!("found '{}', expected: identifier", token.text));
        }
        let key = token.text;
        let problems = names::qualified_name(&key);
        if !problems.is_empty() {
            return Err(format!("<nil>: Invalid value: {key:?}: {}", problems.join("; ")));
        }
        let ends = matches!(self.peek().kind, TokenKind::End | TokenKind::Comma);
        let (operator, mut values) = match (not, ends) {
            (true, _) => (Operator::DoesNotExist, Vec::new()),
            (false, true) => (Operator::Exists, Vec::new()),
            (false, false) => {
                let operator = self.operator()?;
                let listed = matches!(operator, Operator::In | Operator::NotIn);
                (operator, if listed { self.values()? } else { vec![self.exact_value()?] })
            }
        };
        values.sort();
        values.dedup();
        let requirement = Requirement { key, operator, values };
        requirement.check()?;
        Ok(requirement)
    }

    fn operator(&mut self) -> Result<Operator, String> {
        let token = self.tokens[self.at.min(self.tokens.len() - 1)].clone();
        self.at += 1;
        Ok(match token.kind {
            TokenKind::In => Operator::In,
            TokenKind::NotIn => Operator::NotIn,
            TokenKind::Equals => Operator::Equals,
            TokenKind::DoubleEquals => Operator::DoubleEquals,
            TokenKind::NotEquals => Operator::NotEquals,
            TokenKind::Greater => Operator::GreaterThan,
            TokenKind::Less => Operator::LessThan,
            _ => {
                let text = token.text;
                return Err(format!("found '{text}', expected: in, notin, =, ==, !=, gt, lt"));
            }
        })
    }

    fn exact_value(&mut self) -> Result<String, String> {
        if matches!(self.peek().kind, TokenKind::End | TokenKind::Comma) {
            return Ok(String::new());
        }
        let token = self.next();
        if token.kind == TokenKind::Identifier {
            return Ok(token.text);
        }
        Err(format!("found '{}', expected: identifier", token.text))
    }

    fn values(&mut self) -> Result<Vec<String>, String> {
        let open = self.next();
        if open.kind != TokenKind::Open {
            return Err(format!("found '{}' expected: '('", open.text));
        }
        let first = self.peek();
        match first.kind {
            TokenKind::Identifier | TokenKind::Comma => {}
            TokenKind::Close => {
                self.next();
                return Ok(Vec::new());
            }
            _ => return Err(format!("found '{}', expected: ',', ')' or identifier", first.text)),
        }
        let values = self.list()?;
        // The list ends before the bracket, whatever it is made of.
        self.next();
        Ok(values)
    }

    fn list(&mut self) -> Result<Vec<String>, String> {
        let mut values = Vec::new();
        loop {
            let token = self.next();
            let after = self.peek();
            match (token.kind, after.kind) {
                (TokenKind::Identifier, TokenKind::Comma) => values.push(token.text),
                (TokenKind::Identifier, TokenKind::Close) => {
                    values.push(token.text);
                    return Ok(values);
                }
                (TokenKind::Identifier, _) => {
                    return Err(format!("found '{}', expected: ',' or ')'", after.text));
                }
                (TokenKind::Comma, next) => {
                    if values.is_empty() || next == TokenKind::Close {
                        values.push(String::new());
                    }
                    if next == TokenKind::Close {
                        return Ok(values);
                    }
                    if next == TokenKind::Comma {
                        self.next();
                        values.push(String::new());
                    }
                }
                _ => return Err(format!("found '{}', expected: ',', or identifier", token.text)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str) -> Result<String, String> {
        Selector::parse(text).map(|selector| selector.to_string())
    }

    #[test]
    fn selectors_have_one_canonical_form() {
        let cases = [
            ("", ""),
            ("b=1,a", "a,b=1"),
            ("tier in (front, back,),!x", "tier in (,back,front),!x"),
            ("a==b, c!=d,n>5", "a==b,c!=d,n>5"),
            ("in in (notin)", "in in (notin)"),
        ];
        for (text, form) in cases {
            assert_eq!(canonical(text).as_deref(), Ok(form), "{text}");
        }
    }

    #[test]
    fn mistakes_have_the_real_words() {
        let cases = [
            (",", "found ',', expected: !, identifier, or 'end of string'"),
            ("a,,", "found ',', expected: identifier after ','"),
            ("a=b c", "found 'c', expected: ',' or 'end of string'"),
            ("a in ", "unable to parse requirement: found '' expected: '('"),
            ("a in (b c)", "unable to parse requirement: found 'c', expected: ',' or ')'"),
            (
                "a>x",
                "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer",
            ),
        ];
        for (text, message) in cases {
            assert_eq!(canonical(text).unwrap_err(), message, "{text}");
        }
    }

    #[test]
    fn labels_are_matched() {
        let labels: Labels = [("app", "web"), ("n", "7")]
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        for (text, expected) in
            [("app=web", true), ("app!=web", false), ("x!=1", true), ("n>6", true), ("n<7", false)]
        {
            let selector = Selector::parse(text).unwrap();
            assert_eq!(selector.matches(Some(&labels)), expected, "{text}");
        }
    }
}
