//! Label selectors: `app=web,tier in (a, b),!old` as text, and the `LabelSelector` of specs.
//!
//! Models kubernetes apimachinery `pkg/labels/selector.go` and `pkg/apis/meta/v1/helpers.go`.

use std::collections::BTreeSet;
use std::fmt;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::{Labels, names};
use crate::order;
use crate::quote::quote;

/// Which objects are meant, by their labels. Requirements stand in the order of their keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    requirements: Vec<Requirement>,
    /// Matches nothing, whatever the requirements.
    nothing: bool,
}

/// One condition on a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The label's key.
    pub key: String,
    /// What is asked of it.
    pub operator: Operator,
    /// What it is compared with; sorted when it came from a text.
    pub values: Vec<String>,
}

/// What can be asked of a label.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `=`
    Equals,
    /// `==`
    DoubleEquals,
    /// `!=`
    NotEquals,
    /// `in (…)`
    In,
    /// `notin (…)`
    NotIn,
    /// The key alone.
    Exists,
    /// `!key`
    DoesNotExist,
    /// `>`
    GreaterThan,
    /// `<`
    LessThan,
}

impl Selector {
    /// Matches every object.
    pub fn everything() -> Self {
        Self { requirements: Vec::new(), nothing: false }
    }

    /// Matches no object.
    pub fn nothing() -> Self {
        Self { requirements: Vec::new(), nothing: true }
    }

    /// Matches objects that have all these labels.
    pub fn from_labels(labels: &Labels) -> Self {
        let requirements = labels
            .iter()
            .map(|(key, value)| Requirement {
                key: key.clone(),
                operator: Operator::Equals,
                values: vec![value.clone()],
            })
            .collect();
        Self { requirements, nothing: false }
    }

    /// Reads a selector's text; the error is upstream's sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parser = Parser { items: scan(text), at: 0 };
        let mut requirements = parser.parse()?;
        order::sort_by(&mut requirements, |left, right| left.key.cmp(&right.key));
        Ok(Self { requirements, nothing: false })
    }

    /// A spec's selector: none matches nothing, an empty one everything.
    pub fn from_label_selector(selector: Option<&LabelSelector>) -> Result<Self, String> {
        let Some(selector) = selector else { return Ok(Self::nothing()) };
        let mut requirements = Vec::new();
        for (key, value) in selector.match_labels.iter().flatten() {
            let values = vec![value.clone()];
            requirements.push(requirement(key, Operator::Equals, values)?);
        }
        for expression in selector.match_expressions.iter().flatten() {
            let operator = match expression.operator.as_str() {
                "In" => Operator::In,
                "NotIn" => Operator::NotIn,
                "Exists" => Operator::Exists,
                "DoesNotExist" => Operator::DoesNotExist,
                other => {
                    let message =
                        format!("{} is not a valid label selector operator", quote(other));
                    return Err(message);
                }
            };
            let values = expression.values.clone().unwrap_or_default();
            requirements.push(requirement(&expression.key, operator, values)?);
        }
        order::sort_by(&mut requirements, |left, right| left.key.cmp(&right.key));
        Ok(Self { requirements, nothing: false })
    }

    /// Whether it says nothing, and so matches everything.
    pub fn is_everything(&self) -> bool {
        self.requirements.is_empty() && !self.nothing
    }

    /// The conditions, in the order of their keys.
    pub fn requirements(&self) -> &[Requirement] {
        &self.requirements
    }

    /// Whether an object with these labels is meant.
    pub fn matches(&self, labels: Option<&Labels>) -> bool {
        let labels = labels.unwrap_or(const { &Labels::new() });
        !self.nothing && self.requirements.iter().all(|requirement| requirement.matches(labels))
    }
}

impl Requirement {
    /// Whether these labels meet it.
    pub fn matches(&self, labels: &Labels) -> bool {
        let value = labels.get(&self.key);
        match self.operator {
            Operator::In | Operator::Equals | Operator::DoubleEquals => {
                value.is_some_and(|value| self.values.contains(value))
            }
            Operator::NotIn | Operator::NotEquals => {
                value.is_none_or(|value| !self.values.contains(value))
            }
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
            Operator::GreaterThan | Operator::LessThan => {
                let number = value.and_then(|value| parse_int(value));
                let bound = self.values.first().and_then(|bound| parse_int(bound));
                let (Some(number), Some(bound)) = (number, bound) else { return false };
                if self.operator == Operator::GreaterThan { number > bound } else { number < bound }
            }
        }
    }
}

/// Go's `ParseInt`: decimal, with a sign if one likes.
fn parse_int(text: &str) -> Option<i64> {
    text.parse().ok()
}

/// The canonical text.
impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, requirement) in self.requirements.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{requirement}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut values: Vec<&str> = self.values.iter().map(String::as_str).collect();
        order::sort(&mut values);
        let (key, values) = (&self.key, values.join(","));
        match self.operator {
            Operator::Equals => write!(f, "{key}={values}"),
            Operator::DoubleEquals => write!(f, "{key}=={values}"),
            Operator::NotEquals => write!(f, "{key}!={values}"),
            Operator::In => write!(f, "{key} in ({values})"),
            Operator::NotIn => write!(f, "{key} notin ({values})"),
            Operator::Exists => write!(f, "{key}"),
            Operator::DoesNotExist => write!(f, "!{key}"),
            Operator::GreaterThan => write!(f, "{key}>{values}"),
            Operator::LessThan => write!(f, "{key}<{values}"),
        }
    }
}

/// Checks a requirement; several faults stand in brackets.
fn requirement(key: &str, operator: Operator, values: Vec<String>) -> Result<Requirement, String> {
    let mut errors = Vec::new();
    let key_errors = names::qualified_name(key);
    if !key_errors.is_empty() {
        errors.push(format!("key: Invalid value: {}: {}", quote(key), key_errors.join("; ")));
    }
    let complaint =
        match operator {
            Operator::In | Operator::NotIn => values
                .is_empty()
                .then_some("for 'in', 'notin' operators, values set can't be empty"),
            Operator::Exists | Operator::DoesNotExist => (!values.is_empty())
                .then_some("values set must be empty for exists and does not exist"),
            Operator::Equals | Operator::DoubleEquals | Operator::NotEquals => {
                (values.len() != 1).then_some("exact-match compatibility requires one single value")
            }
            Operator::GreaterThan | Operator::LessThan => (values.len() != 1)
                .then_some("for 'Gt', 'Lt' operators, exactly one value is required"),
        };
    if let Some(complaint) = complaint {
        let quoted: Vec<String> = values.iter().map(|value| quote(value)).collect();
        errors.push(format!("values: Invalid value: [{}]: {complaint}", quoted.join(",")));
    }
    if matches!(operator, Operator::GreaterThan | Operator::LessThan) {
        for (index, value) in values.iter().enumerate().filter(|(_, v)| parse_int(v).is_none()) {
            errors.push(format!(
                "values[{index}]: Invalid value: {}: for 'Gt', 'Lt' operators, the value must be an integer",
                quote(value)
            ));
        }
    }
    for (index, value) in values.iter().enumerate() {
        let value_errors = names::label_value(value);
        if !value_errors.is_empty() {
            errors.push(format!(
                "values[{index}][{key}]: Invalid value: {}: {}",
                quote(value),
                value_errors.join("; ")
            ));
        }
    }
    match errors.as_slice() {
        [] => Ok(Requirement { key: key.to_owned(), operator, values }),
        [one] => Err(one.clone()),
        many => Err(format!("[{}]", many.join(", "))),
    }
}

#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Token {
    Error,
    End,
    Close,
    Comma,
    Not,
    DoubleEquals,
    Equals,
    Greater,
    Identifier,
    In,
    Less,
    NotEquals,
    NotIn,
    Open,
}

fn token_of(word: &str) -> Option<Token> {
    Some(match word {
        ")" => Token::Close,
        "," => Token::Comma,
        "!" => Token::Not,
        "==" => Token::DoubleEquals,
        "=" => Token::Equals,
        ">" => Token::Greater,
        "in" => Token::In,
        "<" => Token::Less,
        "!=" => Token::NotEquals,
        "notin" => Token::NotIn,
        "(" => Token::Open,
        _ => return None,
    })
}

fn is_special(letter: char) -> bool {
    matches!(letter, '=' | '!' | '(' | ')' | ',' | '>' | '<')
}

fn is_space(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\r' | '\n')
}

/// Words and signs; the last is the end. A NUL ends the text, as upstream.
fn scan(text: &str) -> Vec<(Token, String)> {
    let mut items = Vec::new();
    let mut letters = text.chars().take_while(|letter| *letter != '\0').peekable();
    loop {
        while letters.next_if(|letter| is_space(*letter)).is_some() {}
        let mut word = String::new();
        match letters.peek() {
            None => {
                items.push((Token::End, word));
                return items;
            }
            Some(letter) if is_special(*letter) => {
                let mut found = None;
                while let Some(letter) = letters.peek().copied().filter(|l| is_special(*l)) {
                    word.push(letter);
                    match token_of(&word) {
                        Some(token) => found = Some((token, word.clone())),
                        None if found.is_some() => break,
                        None => {}
                    }
                    letters.next();
                }
                let unknown = || (Token::Error, format!("error expected: keyword found '{word}'"));
                items.push(found.unwrap_or_else(unknown));
            }
            Some(_) => {
                let part = |letter: &char| !is_special(*letter) && !is_space(*letter);
                while let Some(letter) = letters.next_if(part) {
                    word.push(letter);
                }
                items.push((token_of(&word).unwrap_or(Token::Identifier), word));
            }
        }
    }
}

struct Parser {
    items: Vec<(Token, String)>,
    at: usize,
}

impl Parser {
    /// What comes next; `in` and `notin` are words except where an operator is expected.
    fn look(&self) -> (Token, String) {
        let last = self.items.len().saturating_sub(1);
        let (token, word) =
            self.items.get(self.at.min(last)).cloned().unwrap_or((Token::End, String::new()));
        if matches!(token, Token::In | Token::NotIn) {
            (Token::Identifier, word)
        } else {
            (token, word)
        }
    }

    fn next(&mut self) -> (Token, String) {
        let item = self.look();
        self.at += 1;
        item
    }

    fn parse(&mut self) -> Result<Vec<Requirement>, String> {
        let mut requirements = Vec::new();
        loop {
            let (token, word) = self.look();
            if token == Token::End {
                return Ok(requirements);
            }
            if !matches!(token, Token::Identifier | Token::Not) {
                return Err(format!("found '{word}', expected: !, identifier, or 'end of string'"));
            }
            let requirement = self
                .requirement()
                .map_err(|error| format!("unable to parse requirement: {error}"))?;
            requirements.push(requirement);
            let (token, word) = self.next();
            if token == Token::End {
                return Ok(requirements);
            }
            if token != Token::Comma {
                return Err(format!("found '{word}', expected: ',' or 'end of string'"));
            }
            let (token, word) = self.look();
            if !matches!(token, Token::Identifier | Token::Not) {
                return Err(format!("found '{word}', expected: identifier after ','"));
            }
        }
    }

    fn requirement(&mut self) -> Result<Requirement, String> {
        let (mut token, mut key) = self.next();
        let negated = token == Token::Not;
        if negated {
            (token, key) = self.next();
        }
        if token != Token::Identifier {
            return Err(format!("found '{key}', expected: identifier"));
        }
        let errors = names::qualified_name(&key);
        if !errors.is_empty() {
            return Err(format!("<nil>: Invalid value: {}: {}", quote(&key), errors.join("; ")));
        }
        let (operator, values) = if negated {
            (Operator::DoesNotExist, Vec::new())
        } else if matches!(self.look().0, Token::End | Token::Comma) {
            (Operator::Exists, Vec::new())
        } else {
            let operator = self.operator()?;
            let values = match operator {
                Operator::In | Operator::NotIn => self.values()?,
                Operator::Equals
                | Operator::DoubleEquals
                | Operator::NotEquals
                | Operator::Exists
                | Operator::DoesNotExist
                | Operator::GreaterThan
                | Operator::LessThan => self.exact_value()?,
            };
            (operator, values.into_iter().collect())
        };
        requirement(&key, operator, values)
    }

    fn operator(&mut self) -> Result<Operator, String> {
        let (token, word) = self.items.get(self.at).cloned().unwrap_or((Token::End, String::new()));
        self.at += 1;
        let operators = [
            (Token::In, Operator::In),
            (Token::NotIn, Operator::NotIn),
            (Token::Equals, Operator::Equals),
            (Token::DoubleEquals, Operator::DoubleEquals),
            (Token::NotEquals, Operator::NotEquals),
            (Token::Greater, Operator::GreaterThan),
            (Token::Less, Operator::LessThan),
        ];
        let found = operators.iter().find(|(one, _)| *one == token).map(|(_, operator)| *operator);
        found.ok_or_else(|| format!("found '{word}', expected: in, notin, =, ==, !=, gt, lt"))
    }

    fn exact_value(&mut self) -> Result<BTreeSet<String>, String> {
        if matches!(self.look().0, Token::End | Token::Comma) {
            return Ok(order::set([String::new()]));
        }
        match self.next() {
            (Token::Identifier, word) => Ok(order::set([word])),
            (_, word) => Err(format!("found '{word}', expected: identifier")),
        }
    }

    fn values(&mut self) -> Result<BTreeSet<String>, String> {
        let (token, word) = self.next();
        if token != Token::Open {
            return Err(format!("found '{word}' expected: '('"));
        }
        let (token, word) = self.look();
        if token == Token::Close {
            self.next();
            return Ok(order::set([String::new()]));
        }
        if !matches!(token, Token::Identifier | Token::Comma) {
            return Err(format!("found '{word}', expected: ',', ')' or identifier"));
        }
        let values = self.identifiers()?;
        if self.next().0 == Token::Close {
            Ok(values)
        } else {
            Err(format!("found '{word}', expected: ')'"))
        }
    }

    fn identifiers(&mut self) -> Result<BTreeSet<String>, String> {
        let mut values = BTreeSet::new();
        loop {
            match self.next() {
                (Token::Identifier, word) => {
                    values.insert(word);
                    match self.look() {
                        (Token::Comma, _) => {}
                        (Token::Close, _) => return Ok(values),
                        (_, word) => return Err(format!("found '{word}', expected: ',' or ')'")),
                    }
                }
                (Token::Comma, _) => {
                    if values.is_empty() {
                        values.insert(String::new());
                    }
                    let next = self.look().0;
                    if matches!(next, Token::Close | Token::Comma) {
                        values.insert(String::new());
                    }
                    if next == Token::Close {
                        return Ok(values);
                    }
                }
                (_, word) => return Err(format!("found '{word}', expected: ',', or identifier")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_prints_and_matches() {
        let labels = Labels::from([("app".to_owned(), "web".to_owned())]);
        for (text, canonical, matches) in [
            ("", "", true),
            ("app=web", "app=web", true),
            ("tier!=db, app in (b,web)", "app in (b,web),tier!=db", true),
            ("!app", "!app", false),
            ("app notin ()", "app notin ()", true),
            ("app", "app", true),
            ("in=in", "in=in", false),
        ] {
            let selector = Selector::parse(text).unwrap();
            assert_eq!(selector.to_string(), canonical);
            assert_eq!(selector.matches(Some(&labels)), matches, "{text}");
        }
    }

    #[test]
    fn a_missing_selector_matches_nothing_and_an_empty_one_everything() {
        let selector = |selector| Selector::from_label_selector(selector).unwrap();
        assert!(!selector(None).matches(None));
        assert!(selector(Some(&LabelSelector::default())).matches(None));
    }
}
