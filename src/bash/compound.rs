//! Commands made of lists: `if`, `for`, `case`, `[[ … ]]`, `(( … ))`. A part of the parser.

use super::ast::{Command, Compound, List, Token, Word};
use super::parser::{DEPTH_MAX, Parsed, Parser, is_name, syntax, unfinished};

impl Parser {
    pub(super) fn if_command(&mut self) -> Parsed<Command> {
        self.take("if");
        let mut branches = Vec::new();
        let otherwise = loop {
            let condition = self.list(&["then"])?;
            self.take("then");
            let body = self.list(&["elif", "else", "fi"])?;
            branches.push((condition, body));
            if self.stands_at(&["elif"]) {
                self.take("elif");
            } else if self.stands_at(&["else"]) {
                self.take("else");
                break Some(self.list(&["fi"])?);
            } else {
                break None;
            }
        };
        self.take("fi");
        self.with_redirects(Compound::If(branches, otherwise))
    }

    pub(super) fn for_command(&mut self) -> Parsed<Command> {
        self.take("for");
        self.blanks();
        if self.stands("((") {
            return self.count_command();
        }
        let Some(name) = self.plain_word() else { return self.unexpected() };
        if !is_name(&name) {
            return syntax(format!("`{name}': not a valid identifier"));
        }
        self.skip_word(&name);
        self.line_breaks()?;
        let mut words = None;
        if self.stands_at(&["in"]) {
            self.take("in");
            let list = words.insert(Vec::new());
            loop {
                self.blanks();
                match self.operator() {
                    None if self.at >= self.text.len() => return unfinished(),
                    None => list.extend(self.words()?),
                    Some(";" | "\n") => break,
                    Some(_) => return self.unexpected(),
                }
            }
        }
        if self.operator() == Some(";") {
            self.take(";");
        }
        self.line_breaks()?;
        let body = self.do_group()?;
        self.with_redirects(Compound::For(name, words, body))
    }

    /// `((first; condition; step)); do …; done`
    fn count_command(&mut self) -> Parsed<Command> {
        let text = self.doubled()?;
        let mut parts = Vec::new();
        for part in text.split(';') {
            parts.push(self.deeper(|parser| super::word::here_document(part, parser))?);
        }
        let Ok(parts) = <[Word; 3]>::try_from(parts) else {
            return syntax("syntax error: arithmetic expression required");
        };
        self.blanks();
        if self.operator() == Some(";") {
            self.take(";");
        }
        self.line_breaks()?;
        let body = self.do_group()?;
        self.with_redirects(Compound::Count(Box::new(parts), body))
    }

    /// The text between `((` and `))`.
    pub(super) fn doubled(&mut self) -> Parsed<String> {
        self.at += 2;
        let (start, mut open) = (self.at, 0_usize);
        while let Some(c) = self.text.get(self.at) {
            match c {
                '(' => open += 1,
                ')' if open == 0 && self.text.get(self.at + 1) == Some(&')') => {
                    let text = self.text[start..self.at].iter().collect();
                    self.at += 2;
                    return Ok(text);
                }
                ')' if open == 0 => break,
                ')' => open -= 1,
                _ => {}
            }
            self.at += 1;
        }
        if self.at >= self.text.len() {
            return unfinished();
        }
        syntax("syntax error: `((' without `))'; for two subshells write `( ('")
    }

    /// `[[ … ]]`
    pub(super) fn test_command(&mut self) -> Parsed<Command> {
        self.take("[[");
        let (mut tokens, mut open) = (Vec::new(), 0_usize);
        loop {
            self.line_breaks()?;
            if self.at >= self.text.len() {
                return unfinished();
            }
            let word = self.plain_word();
            // What stands behind `=~` is one word, brackets and bars included.
            let regex = matches!(tokens.last(), Some(Token::Word(last)) if super::word::literal(last) == "=~");
            match (self.operator(), word.as_deref()) {
                _ if regex => tokens.push(Token::Word(self.regex_word()?)),
                (Some("("), _) => {
                    open += 1;
                    if open > DEPTH_MAX {
                        return syntax(format!(
                            "syntax error: nested more than {DEPTH_MAX} levels deep"
                        ));
                    }
                    self.take("(");
                    tokens.push(Token::Operator("("));
                }
                (Some(operator @ (")" | "&&" | "||" | "<" | ">")), _) => {
                    open -= usize::from(operator == ")" && open > 0);
                    self.take(operator);
                    tokens.push(Token::Operator(operator));
                }
                (Some(_), _) => return self.unexpected(),
                (None, Some("]]")) => break,
                (None, Some("!")) => {
                    self.at += 1;
                    tokens.push(Token::Operator("!"));
                }
                (None, _) => tokens.push(Token::Word(self.word()?)),
            }
        }
        self.take("]]");
        if tokens.is_empty() {
            return syntax("syntax error near `]]'");
        }
        self.with_redirects(Compound::Test(tokens))
    }

    pub(super) fn case_command(&mut self) -> Parsed<Command> {
        self.take("case");
        self.blanks();
        let subject = self.word()?;
        self.line_breaks()?;
        self.expect("in")?;
        let mut arms = Vec::new();
        loop {
            self.line_breaks()?;
            if self.stands_at(&["esac"]) {
                self.take("esac");
                break;
            }
            if self.operator() == Some("(") {
                self.take("(");
            }
            let mut patterns = Vec::new();
            loop {
                self.blanks();
                patterns.push(self.word()?);
                self.blanks();
                if self.operator() != Some("|") {
                    break;
                }
                self.take("|");
            }
            self.expect(")")?;
            let body = self.list(&[";;", "esac"])?;
            if self.stands_at(&[";;"]) {
                self.take(";;");
            }
            arms.push((patterns, body));
        }
        self.with_redirects(Compound::Case(subject, arms))
    }

    pub(super) fn do_group(&mut self) -> Parsed<List> {
        self.expect("do")?;
        let body = self.list(&["done"])?;
        self.take("done");
        Ok(body)
    }
}
