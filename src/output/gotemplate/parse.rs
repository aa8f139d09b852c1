//! Words to a tree. Models Go `text/template/parse/parse.go`.

use std::collections::BTreeMap;
use std::fmt;

use super::function;
use super::lex::{Item, Kind, lex};
use super::node::{Control, Node, Operand, Pipe, Term, number};
use crate::output::jsonpath::unquote;
use crate::quote::quote;

/// The template itself and those that it defines.
type Parsed = (Vec<Node>, BTreeMap<String, Vec<Node>>);

/// How deep parentheses and blocks may nest.
const DEPTH_MAX: usize = 100;

/// How a list of nodes ends.
#[derive(PartialEq, Eq)]
enum Stop {
    Eof,
    End,
    Else,
}

pub(super) fn parse(text: &str) -> Result<Parsed, String> {
    let mut parser = Parser {
        items: lex(text),
        at: 0,
        seen: 0,
        action_line: 0,
        depth: 0,
        ranges: 0,
        variables: vec!["$".to_owned()],
        defined: BTreeMap::new(),
    };
    let (root, end) = parser.list(true)?;
    match end {
        Stop::Eof => Ok((root, parser.defined)),
        Stop::End => Err(parser.fault("unexpected {{end}}")),
        Stop::Else => Err(parser.fault("unexpected {{else}}")),
    }
}

struct Parser {
    items: Vec<Item>,
    at: usize,
    /// The last word that was looked at: errors name its line.
    seen: usize,
    action_line: usize,
    depth: usize,
    /// In how many ranges this is.
    ranges: usize,
    variables: Vec<String>,
    defined: BTreeMap<String, Vec<Node>>,
}

impl Parser {
    /// The next word; the last one, the end, again and again.
    fn next(&mut self) -> Item {
        let item = self.peek();
        self.at = (self.at + 1).min(self.items.len());
        item
    }

    fn peek(&mut self) -> Item {
        let last = self.items.len().saturating_sub(1);
        let at = self.at.min(last);
        self.seen = self.seen.max(at);
        self.items[at].clone()
    }

    fn skip_space(&mut self) {
        while self.peek().kind == Kind::Space {
            self.at += 1;
        }
    }

    fn next_word(&mut self) -> Item {
        self.skip_space();
        self.next()
    }

    fn fault(&self, problem: impl fmt::Display) -> String {
        let line = self.items.get(self.seen).map_or(1, |item| item.line);
        format!("template: output:{line}: {problem}")
    }

    fn unexpected(&self, item: &Item, context: &str) -> String {
        if item.kind != Kind::Error {
            return self.fault(format!("unexpected {} in {context}", item.shown()));
        }
        let mut extra = String::new();
        if self.action_line != 0 && self.action_line != item.line {
            let of = if item.text.ends_with(" action") { "" } else { " in action" };
            extra = format!("{of} started at output:{}", self.action_line);
        }
        self.fault(format!("{}{extra}", item.text))
    }

    fn expect(&mut self, kind: Kind, context: &str) -> Result<Item, String> {
        let item = self.next_word();
        if item.kind == kind { Ok(item) } else { Err(self.unexpected(&item, context)) }
    }

    fn deeper<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, String>,
    ) -> Result<T, String> {
        if self.depth == DEPTH_MAX {
            return Err(self.fault("exceeded maximum nesting depth"));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// Nodes up to an `{{end}}`, an `{{else}}` or, at the top, the end of the text.
    fn list(&mut self, top: bool) -> Result<(Vec<Node>, Stop), String> {
        let mut nodes = Vec::new();
        loop {
            let item = self.next_word();
            match item.kind {
                Kind::Eof if top => return Ok((nodes, Stop::Eof)),
                Kind::Eof => return Err(self.fault("unexpected EOF")),
                Kind::Text => nodes.push(Node::Text(item.text)),
                Kind::LeftDelim => {
                    self.action_line = item.line;
                    let found = self.action(top);
                    self.action_line = 0;
                    match found? {
                        Ok(node) => nodes.extend(node),
                        Err(end) => return Ok((nodes, end)),
                    }
                }
                _ => return Err(self.unexpected(&item, "input")),
            }
        }
    }

    /// An action: a node (none for a definition), or the end of the list.
    fn action(&mut self, top: bool) -> Result<Result<Option<Node>, Stop>, String> {
        self.skip_space();
        let item = self.peek();
        if item.kind != Kind::Keyword || item.text == "nil" {
            let pipe = self.pipeline("command", Kind::RightDelim)?;
            return Ok(Ok(Some(Node::Action(pipe))));
        }
        self.next();
        Ok(Ok(match item.text.as_str() {
            "if" => Some(self.control(Control::If, "if")?),
            "range" => Some(self.control(Control::Range, "range")?),
            "with" => Some(self.control(Control::With, "with")?),
            "template" => Some(self.template()?),
            "block" => Some(self.block()?),
            "break" | "continue" => Some(self.jump(&item)?),
            "define" if top => {
                self.define()?;
                None
            }
            "end" => {
                self.expect(Kind::RightDelim, "end")?;
                return Ok(Err(Stop::End));
            }
            "else" => {
                self.skip_space();
                let next = self.peek();
                if !next.is("if") && !next.is("with") {
                    self.expect(Kind::RightDelim, "else")?;
                }
                return Ok(Err(Stop::Else));
            }
            _ => return Err(self.unexpected(&item, "command")),
        }))
    }

    fn jump(&mut self, word: &Item) -> Result<Node, String> {
        self.skip_space();
        let item = self.peek();
        let shown = format!("{{{{{}}}}}", word.text);
        if item.kind != Kind::RightDelim {
            return Err(self.unexpected(&item, &shown));
        }
        self.next();
        if self.ranges == 0 {
            return Err(self.fault(format!("{shown} outside {{{{range}}}}")));
        }
        Ok(if word.text == "break" { Node::Break } else { Node::Continue })
    }

    fn control(&mut self, control: Control, context: &str) -> Result<Node, String> {
        self.deeper(|parser| {
            let variables = parser.variables.len();
            let pipe = parser.pipeline(context, Kind::RightDelim)?;
            let ranges = usize::from(control == Control::Range);
            parser.ranges += ranges;
            let (list, end) = parser.list(false)?;
            parser.ranges -= ranges;
            let otherwise = if end == Stop::Else { parser.otherwise(control)? } else { Vec::new() };
            parser.variables.truncate(variables);
            Ok(Node::Control(control, pipe, list, otherwise))
        })
    }

    /// What follows `{{else}}`; `{{else if}}` is an `if` of its own that shares the `{{end}}`.
    fn otherwise(&mut self, control: Control) -> Result<Vec<Node>, String> {
        let chained = match control {
            Control::If => "if",
            Control::With => "with",
            Control::Range => "",
        };
        let next = self.peek();
        if next.is(chained) {
            self.next();
            return Ok(vec![self.control(control, chained)?]);
        }
        let (list, end) = self.list(false)?;
        if end != Stop::End {
            return Err(self.fault("expected end; found {{else}}"));
        }
        Ok(list)
    }

    fn template_name(&mut self, context: &str) -> Result<(usize, String), String> {
        let item = self.next_word();
        match item.kind {
            Kind::String | Kind::RawString => Ok((item.at, self.unquoted(&item)?)),
            _ => Err(self.unexpected(&item, context)),
        }
    }

    fn template(&mut self) -> Result<Node, String> {
        let (at, name) = self.template_name("template clause")?;
        self.skip_space();
        if self.peek().kind == Kind::RightDelim {
            self.next();
            return Ok(Node::Template(at, name, None));
        }
        let pipe = self.pipeline("template clause", Kind::RightDelim)?;
        Ok(Node::Template(at, name, Some(pipe)))
    }

    fn block(&mut self) -> Result<Node, String> {
        let (at, name) = self.template_name("block clause")?;
        let pipe = self.pipeline("block clause", Kind::RightDelim)?;
        self.definition(&name, "block clause")?;
        Ok(Node::Template(at, name, Some(pipe)))
    }

    fn define(&mut self) -> Result<(), String> {
        let (_, name) = self.template_name("define clause")?;
        self.expect(Kind::RightDelim, "define clause")?;
        self.definition(&name, "define clause")
    }

    /// The body of a definition, which sees no variables from outside.
    fn definition(&mut self, name: &str, context: &str) -> Result<(), String> {
        let outside = std::mem::replace(&mut self.variables, vec!["$".to_owned()]);
        let ranges = std::mem::take(&mut self.ranges);
        let (list, end) = self.deeper(|parser| parser.list(false))?;
        if end != Stop::End {
            return Err(self.fault(format!("unexpected {{{{else}}}} in {context}")));
        }
        (self.variables, self.ranges) = (outside, ranges);
        let empty = |nodes: &[Node]| {
            nodes.iter().all(|node| matches!(node, Node::Text(text) if text.trim().is_empty()))
        };
        match self.defined.get(name) {
            Some(there) if !empty(there) && !empty(&list) => {
                let problem = format!("multiple definition of template {}", quote(name));
                return Err(self.fault(format!("template: {problem}")));
            }
            Some(there) if !empty(there) => {}
            Some(_) | None => {
                self.defined.insert(name.to_owned(), list);
            }
        }
        Ok(())
    }

    fn pipeline(&mut self, context: &str, end: Kind) -> Result<Pipe, String> {
        self.skip_space();
        let at = self.peek().at;
        let mut pipe = Pipe { at, assigns: false, variables: Vec::new(), commands: Vec::new() };
        self.declarations(&mut pipe, context)?;
        loop {
            self.skip_space();
            let item = self.peek();
            match item.kind {
                kind if kind == end => {
                    self.next();
                    self.check(&pipe, context)?;
                    return Ok(pipe);
                }
                Kind::Bool
                | Kind::CharConstant
                | Kind::Dot
                | Kind::Field
                | Kind::Identifier
                | Kind::Number
                | Kind::RawString
                | Kind::String
                | Kind::Variable
                | Kind::LeftParen => {
                    let command = self.command()?;
                    pipe.commands.push(command);
                }
                _ if item.is("nil") => {
                    let command = self.command()?;
                    pipe.commands.push(command);
                }
                _ => {
                    self.next();
                    return Err(self.unexpected(&item, context));
                }
            }
        }
    }

    /// `$x :=`, `$x =`, and `$i, $x :=` in a range.
    fn declarations(&mut self, pipe: &mut Pipe, context: &str) -> Result<(), String> {
        loop {
            let before = self.at;
            let variable = self.peek();
            if variable.kind != Kind::Variable {
                return Ok(());
            }
            self.next();
            self.skip_space();
            let next = self.peek();
            let comma = next.kind == Kind::Char && next.text == ",";
            if !comma && !matches!(next.kind, Kind::Assign | Kind::Declare) {
                self.at = before;
                return Ok(());
            }
            self.next();
            pipe.variables.push(variable.text.clone());
            self.variables.push(variable.text);
            if !comma {
                pipe.assigns = next.kind == Kind::Assign;
                return Ok(());
            }
            if context != "range" || pipe.variables.len() >= 2 {
                return Err(self.fault(format!("too many declarations in {context}")));
            }
            self.skip_space();
            if !matches!(self.peek().kind, Kind::Variable | Kind::RightDelim | Kind::RightParen) {
                return Err(self.fault("range can only initialize variables"));
            }
        }
    }

    fn check(&self, pipe: &Pipe, context: &str) -> Result<(), String> {
        if pipe.commands.is_empty() {
            return Err(self.fault(format!("missing value for {context}")));
        }
        for (index, command) in pipe.commands.iter().enumerate().skip(1) {
            let first = command.first().map(|operand| &operand.term);
            if matches!(
                first,
                Some(
                    Term::Bool(_)
                        | Term::Dot
                        | Term::Nil
                        | Term::Int(..)
                        | Term::Float(..)
                        | Term::String(..)
                )
            ) {
                let stage = index + 1;
                let problem = format!("non executable command in pipeline stage {stage}");
                return Err(self.fault(problem));
            }
        }
        Ok(())
    }

    fn command(&mut self) -> Result<Vec<Operand>, String> {
        let mut words = Vec::new();
        loop {
            self.skip_space();
            words.extend(self.operand()?);
            let item = self.next();
            match item.kind {
                Kind::Space => {}
                Kind::RightDelim | Kind::RightParen => {
                    self.at -= 1;
                    break;
                }
                Kind::Pipe => break,
                _ => return Err(self.unexpected(&item, "operand")),
            }
        }
        if words.is_empty() {
            return Err(self.fault("empty command"));
        }
        Ok(words)
    }

    /// A term with the fields behind it.
    fn operand(&mut self) -> Result<Option<Operand>, String> {
        let Some(mut operand) = self.term()? else { return Ok(None) };
        let first = self.peek();
        if first.kind != Kind::Field {
            return Ok(Some(operand));
        }
        let mut more = Vec::new();
        while self.peek().kind == Kind::Field {
            let item = self.next();
            more.push(item.text.trim_start_matches('.').to_owned());
        }
        match &mut operand.term {
            Term::Field(fields) | Term::Variable(_, fields) => {
                fields.append(&mut more);
                operand.at = first.at;
            }
            Term::Bool(_)
            | Term::String(..)
            | Term::Int(..)
            | Term::Float(..)
            | Term::Nil
            | Term::Dot => {
                let term = operand.term.to_string();
                return Err(self.fault(format!("unexpected . after term {}", quote(&term))));
            }
            Term::Identifier(_) | Term::Pipe(_) | Term::Chain(..) => {
                let term = Term::Chain(Box::new(operand), more);
                operand = Operand { at: first.at, term };
            }
        }
        Ok(Some(operand))
    }

    fn term(&mut self) -> Result<Option<Operand>, String> {
        let item = self.next_word();
        let term = match item.kind {
            Kind::Identifier if function::is_known(&item.text) => Term::Identifier(item.text),
            Kind::Identifier => {
                return Err(self.fault(format!("function {} not defined", quote(&item.text))));
            }
            Kind::Dot => Term::Dot,
            Kind::Keyword if item.text == "nil" => Term::Nil,
            Kind::Variable if self.variables.contains(&item.text) => {
                Term::Variable(item.text, Vec::new())
            }
            Kind::Variable => {
                return Err(self.fault(format!("undefined variable {}", quote(&item.text))));
            }
            Kind::Field => Term::Field(vec![item.text.trim_start_matches('.').to_owned()]),
            Kind::Bool => Term::Bool(item.text == "true"),
            Kind::Number | Kind::CharConstant => {
                number(&item.text, item.kind).map_err(|problem| self.fault(problem))?
            }
            Kind::LeftParen => {
                let context = "parenthesized pipeline";
                let pipe = self.deeper(|parser| parser.pipeline(context, Kind::RightParen))?;
                return Ok(Some(Operand { at: pipe.at, term: Term::Pipe(pipe) }));
            }
            Kind::String | Kind::RawString => {
                let text = self.unquoted(&item)?;
                Term::String(item.text, text)
            }
            _ => {
                self.at -= 1;
                return Ok(None);
            }
        };
        Ok(Some(Operand { at: item.at, term }))
    }

    fn unquoted(&self, item: &Item) -> Result<String, String> {
        let raw = item.text.strip_prefix('`').and_then(|text| text.strip_suffix('`'));
        let text = raw.map_or_else(|| unquote(&item.text, '"'), |raw| Some(raw.replace('\r', "")));
        text.ok_or_else(|| self.fault("invalid syntax"))
    }
}
