//! Fills a template: walks its tree with a value as the dot. Models Go `text/template/exec.go`.

use serde_json::Value;

use super::Template;
use super::function;
use super::node::{Control, Node, Operand, Pipe, Term, command_text};
use super::value::Val;
use crate::quote::quote;

/// How many nodes and operands may be looked at, how much may be written, how deep templates may call each other.
const STEPS_MAX: usize = 5_000_000;
const BYTES_MAX: usize = 16 << 20;
const DEPTH_MAX: usize = 100;

/// Why a walk stops.
pub(super) enum Stop {
    /// A fault, in Go's words.
    Fault(String),
    /// `{{break}}` and `{{continue}}`, until their range meets them.
    Break,
    Continue,
}

pub(super) type Walked<T> = Result<T, Stop>;

pub(super) fn fill(
    template: &Template,
    object: &Value,
    missing_allowed: bool,
) -> (String, Result<(), String>) {
    let dot = Val::Json { value: std::borrow::Cow::Borrowed(object), wrapped: false };
    let mut state = State {
        template,
        missing_allowed,
        out: String::new(),
        name: "output",
        place: None,
        variables: vec![("$", dot.clone())],
        depth: 0,
        steps: 0,
    };
    let result = match state.walk(&dot, &template.root) {
        Err(Stop::Fault(problem)) => Err(problem),
        Ok(()) | Err(Stop::Break | Stop::Continue) => Ok(()),
    };
    (state.out, result)
}

/// Where something went wrong: a byte of the text, and what stands there.
enum Place<'a> {
    Word(&'a Operand),
    Pipe(&'a Pipe),
    Command(&'a [Operand]),
    Template(usize, &'a str, Option<&'a Pipe>),
}

pub(super) struct State<'a> {
    template: &'a Template,
    pub(super) missing_allowed: bool,
    out: String,
    /// The template that runs.
    name: &'a str,
    place: Option<Place<'a>>,
    variables: Vec<(&'a str, Val<'a>)>,
    depth: usize,
    steps: usize,
}

impl<'a> State<'a> {
    /// A fault at the place last looked at.
    pub(super) fn fault(&self, problem: impl std::fmt::Display) -> Stop {
        let (at, shown) = match &self.place {
            None => return Stop::Fault(format!("template: {}: {problem}", self.name)),
            Some(Place::Word(operand)) => (operand.at, operand.term.to_string()),
            Some(Place::Pipe(pipe)) => (pipe.at, pipe.to_string()),
            Some(Place::Command(command)) => {
                (command.first().map_or(0, |operand| operand.at), command_text(command))
            }
            Some(Place::Template(at, name, pipe)) => {
                let pipe = pipe.map(|pipe| format!(" {pipe}")).unwrap_or_default();
                (*at, format!("{{{{template {}{pipe}}}}}", quote(name)))
            }
        };
        let before = self.template.text.get(..at).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let byte = before.rsplit('\n').next().unwrap_or_default().len();
        Stop::Fault(format!(
            "template: output:{line}:{byte}: executing {} at <{shown}>: {problem}",
            quote(self.name)
        ))
    }

    fn step(&mut self) -> Walked<()> {
        self.steps += 1;
        if self.steps > STEPS_MAX || self.out.len() > BYTES_MAX {
            return Err(self.fault("the template goes on for too long"));
        }
        Ok(())
    }

    fn walk(&mut self, dot: &Val<'a>, nodes: &'a [Node]) -> Walked<()> {
        for node in nodes {
            self.step()?;
            match node {
                Node::Text(text) => self.out.push_str(text),
                Node::Action(pipe) => {
                    let value = self.pipeline(dot, pipe)?;
                    if pipe.variables.is_empty() {
                        self.out.push_str(&value.text());
                    }
                }
                Node::Control(control, pipe, list, otherwise) => {
                    let mark = self.variables.len();
                    let value = self.pipeline(dot, pipe)?;
                    let walked = match control {
                        Control::Range => self.range(dot, pipe, &value, list, otherwise),
                        Control::If if value.is_true() => self.walk(dot, list),
                        Control::With if value.is_true() => self.walk(&value, list),
                        Control::If | Control::With => self.walk(dot, otherwise),
                    };
                    self.variables.truncate(mark);
                    walked?;
                }
                Node::Template(at, name, pipe) => self.call(dot, *at, name, pipe.as_ref())?,
                Node::Break => return Err(Stop::Break),
                Node::Continue => return Err(Stop::Continue),
            }
        }
        Ok(())
    }

    fn range(
        &mut self,
        dot: &Val<'a>,
        pipe: &'a Pipe,
        value: &Val<'a>,
        list: &'a [Node],
        otherwise: &'a [Node],
    ) -> Walked<()> {
        let count = match value {
            Val::Missing => 0,
            Val::Int(count) => self.count_of(pipe, *count)?,
            Val::Json { value: json, .. } => match &**json {
                Value::Null => 0,
                Value::Array(items) => items.len(),
                Value::Object(map) => map.len(),
                Value::Number(number) if number.is_i64() => {
                    self.count_of(pipe, number.as_i64().unwrap_or_default())?
                }
                Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                    return Err(self.fault(format!("range can't iterate over {}", value.text())));
                }
            },
        };
        if count == 0 {
            return self.walk(dot, otherwise);
        }
        let mark = self.variables.len();
        for index in 0..count {
            let (key, element) = function::entry_at(value, index);
            match pipe.variables.len() {
                0 => {}
                1 => self.set_top(1, element.clone()),
                _ => {
                    self.set_top(1, element.clone());
                    self.set_top(2, key);
                }
            }
            let walked = self.walk(&element, list);
            self.variables.truncate(mark);
            match walked {
                Err(Stop::Break) => break,
                Ok(()) | Err(Stop::Continue) => {}
                Err(fault) => return Err(fault),
            }
            self.step()?;
        }
        Ok(())
    }

    /// How often a range over a number goes round.
    fn count_of(&self, pipe: &Pipe, number: i64) -> Walked<usize> {
        if pipe.variables.len() > 1 {
            let problem = format!("can't use {number} to iterate over more than one variable");
            return Err(self.fault(problem));
        }
        Ok(usize::try_from(number).unwrap_or(0))
    }

    fn set_top(&mut self, from_top: usize, value: Val<'a>) {
        let at = self.variables.len().checked_sub(from_top);
        if let Some((_, slot)) = at.and_then(|at| self.variables.get_mut(at)) {
            *slot = value;
        }
    }

    fn call(
        &mut self,
        dot: &Val<'a>,
        at: usize,
        name: &'a str,
        pipe: Option<&'a Pipe>,
    ) -> Walked<()> {
        self.place = Some(Place::Template(at, name, pipe));
        let template = self.template;
        let Some(body) = template.defined.get(name) else {
            return Err(self.fault(format!("template {} not defined", quote(name))));
        };
        if self.depth == DEPTH_MAX {
            return Err(self.fault(format!("exceeded maximum template depth ({DEPTH_MAX})")));
        }
        let dot = match pipe {
            Some(pipe) => self.pipeline(dot, pipe)?,
            None => Val::Missing,
        };
        let outside = std::mem::replace(&mut self.variables, vec![("$", dot.clone())]);
        let outer = std::mem::replace(&mut self.name, name);
        self.depth += 1;
        let walked = self.walk(&dot, body);
        self.depth -= 1;
        (self.name, self.variables) = (outer, outside);
        walked
    }

    fn pipeline(&mut self, dot: &Val<'a>, pipe: &'a Pipe) -> Walked<Val<'a>> {
        self.place = Some(Place::Pipe(pipe));
        let mut last = None;
        for command in &pipe.commands {
            last = Some(self.command(dot, command, last)?.unwrapped());
        }
        let value = last.unwrap_or(Val::Missing);
        for variable in &pipe.variables {
            if !pipe.assigns {
                self.variables.push((variable, value.clone()));
                continue;
            }
            let found = self.variables.iter_mut().rev().find(|(name, _)| name == variable);
            match found {
                Some((_, slot)) => *slot = value.clone(),
                None => return Err(self.fault(format!("undefined variable: {variable}"))),
            }
        }
        Ok(value)
    }

    fn command(
        &mut self,
        dot: &Val<'a>,
        command: &'a [Operand],
        last: Option<Val<'a>>,
    ) -> Walked<Val<'a>> {
        self.step()?;
        let Some((first, arguments)) = command.split_first() else { return Ok(Val::Missing) };
        let has_arguments = !arguments.is_empty() || last.is_some();
        match &first.term {
            Term::Identifier(name) => {
                self.place = Some(Place::Word(first));
                let value = self.function(dot, name, arguments, last)?;
                return value.map_err(|problem| {
                    self.place = Some(Place::Command(command));
                    self.fault(format!("error calling {name}: {problem}"))
                });
            }
            Term::Pipe(pipe) => {
                self.not_a_function(first, has_arguments)?;
                return self.pipeline(dot, pipe);
            }
            Term::Nil => {
                self.place = Some(Place::Word(first));
                self.not_a_function(first, has_arguments)?;
                return Err(self.fault("nil is not a command"));
            }
            Term::Field(_) | Term::Variable(..) | Term::Chain(..) => {}
            Term::Dot | Term::Bool(_) | Term::Int(..) | Term::Float(..) | Term::String(..) => {
                self.place = Some(Place::Word(first));
                self.not_a_function(first, has_arguments)?;
            }
        }
        self.operand(dot, first, has_arguments)
    }

    fn not_a_function(&self, first: &Operand, has_arguments: bool) -> Walked<()> {
        if has_arguments {
            let problem = format!("can't give argument to non-function {}", first.term);
            return Err(self.fault(problem));
        }
        Ok(())
    }

    /// The value of a word that is no call.
    fn operand(
        &mut self,
        dot: &Val<'a>,
        operand: &'a Operand,
        has_arguments: bool,
    ) -> Walked<Val<'a>> {
        self.step()?;
        self.place = Some(Place::Word(operand));
        match &operand.term {
            Term::Dot => Ok(dot.clone()),
            Term::Nil => Ok(Val::Missing),
            Term::Bool(flag) => Ok(Val::own(*flag)),
            Term::Int(_, number) => Ok(Val::Int(*number)),
            Term::Float(_, number) => Ok(Val::own(*number)),
            Term::String(_, text) => Ok(Val::own(text.as_str())),
            Term::Field(fields) => self.fields(dot.clone(), fields, has_arguments),
            Term::Variable(name, fields) => {
                let found = self.variables.iter().rev().find(|(known, _)| known == name);
                let Some(value) = found.map(|(_, value)| value.clone()) else {
                    return Err(self.fault(format!("undefined variable: {name}")));
                };
                if fields.is_empty() {
                    self.not_a_function(operand, has_arguments)?;
                }
                self.fields(value, fields, has_arguments)
            }
            Term::Chain(inner, fields) => {
                let value = self.argument(dot, inner)?;
                self.fields(value, fields, has_arguments)
            }
            Term::Pipe(pipe) => self.pipeline(dot, pipe),
            Term::Identifier(name) => {
                let value = self.function(dot, name, &[], None)?;
                value.map_err(|problem| {
                    self.place = Some(Place::Word(operand));
                    self.fault(format!("error calling {name}: {problem}"))
                })
            }
        }
    }

    /// The value of an argument, in an `interface {}`.
    fn argument(&mut self, dot: &Val<'a>, operand: &'a Operand) -> Walked<Val<'a>> {
        self.operand(dot, operand, false)
    }

    fn fields(
        &self,
        mut value: Val<'a>,
        fields: &[String],
        has_arguments: bool,
    ) -> Walked<Val<'a>> {
        for (index, field) in fields.iter().enumerate() {
            let last = index + 1 == fields.len();
            value = self.field(&value, field, last && has_arguments)?;
        }
        Ok(value)
    }

    fn field(&self, receiver: &Val<'a>, field: &str, has_arguments: bool) -> Walked<Val<'a>> {
        let Val::Json { value, .. } = receiver else {
            if let Val::Int(_) = receiver {
                return Err(self.fault(format!("can't evaluate field {field} in type int")));
            }
            if !self.missing_allowed {
                let problem = format!("nil data; no entry for key {}", quote(field));
                return Err(self.fault(problem));
            }
            return Ok(Val::Missing);
        };
        if value.is_null() {
            return Err(self.fault(format!("nil pointer evaluating interface {{}}.{field}")));
        }
        if !value.is_object() {
            let kind = receiver.type_name();
            return Err(self.fault(format!("can't evaluate field {field} in type {kind}")));
        }
        if has_arguments {
            return Err(self.fault(format!("{field} is not a method but has arguments")));
        }
        match function::entry(receiver, field) {
            Some(found) => Ok(found),
            None if self.missing_allowed => Ok(Val::Missing),
            None => Err(self.fault(format!("map has no entry for key {}", quote(field)))),
        }
    }

    /// Calls a function; the inner error is what the function itself says.
    fn function(
        &mut self,
        dot: &Val<'a>,
        name: &str,
        arguments: &'a [Operand],
        last: Option<Val<'a>>,
    ) -> Walked<Result<Val<'a>, String>> {
        let given = arguments.len() + usize::from(last.is_some());
        let (wanted, most) = function::arity(name);
        if most.is_none() && given < wanted {
            let got = arguments.len();
            let problem =
                format!("wrong number of args for {name}: want at least {wanted} got {got}");
            return Err(self.fault(problem));
        }
        if most.is_some_and(|most| given != most) {
            let problem = format!("wrong number of args for {name}: want {wanted} got {given}");
            return Err(self.fault(problem));
        }
        let mut values = Vec::with_capacity(given);
        for (index, operand) in arguments.iter().enumerate() {
            let value = self.argument(dot, operand)?;
            let value = self.checked(name, index, value, Some(operand))?;
            // `and` and `or` look at no more than they must.
            if (name == "and" || name == "or")
                && value.clone().unwrapped().is_true() == (name == "or")
            {
                return Ok(Ok(value));
            }
            values.push(value);
        }
        if let Some(last) = last {
            values.push(self.checked(name, arguments.len(), last, None)?);
        }
        if name == "and" || name == "or" {
            return Ok(Ok(values.pop().unwrap_or(Val::Missing)));
        }
        if let ("call", Some(first), Some(value)) = (name, arguments.first(), values.first())
            && !matches!(value.clone().unwrapped(), Val::Missing)
        {
            let problem = format!("non-function {} of type {}", first.term, value.inner_type());
            return Ok(Err(problem));
        }
        Ok(function::call(name, values))
    }

    /// Texts are asked for by `base64decode` and as the format of `printf`.
    fn checked(
        &self,
        name: &str,
        index: usize,
        value: Val<'a>,
        operand: Option<&Operand>,
    ) -> Walked<Val<'a>> {
        if index > 0 || name != "base64decode" && name != "printf" {
            return Ok(value);
        }
        let literal = operand.map(|operand| &operand.term);
        let problem = match (&value, literal) {
            (Val::Json { value, .. }, _) if value.is_string() => {
                return Ok(value_of(&value.clone()));
            }
            (_, Some(Term::Nil)) => "cannot assign nil to string".to_owned(),
            (_, Some(term @ (Term::Bool(_) | Term::Int(..) | Term::Float(..)))) => {
                format!("expected string; found {term}")
            }
            (Val::Missing, _) => "invalid value; expected string".to_owned(),
            (Val::Json { value: json, .. }, _) if json.is_null() => {
                format!("wrong type for value; expected string; got {}", value.type_name())
            }
            (Val::Json { .. } | Val::Int(_), _) => {
                format!("wrong type for value; expected string; got {}", value.inner_type())
            }
        };
        Err(self.fault(problem))
    }
}

fn value_of<'a>(value: &std::borrow::Cow<'a, Value>) -> Val<'a> {
    Val::Json { value: value.clone(), wrapped: false }
}
