//! Running awk's program over records.

use std::cmp::Ordering;

use regex_lite::Regex;

use super::tree::{Expr, Item, Pattern, Place, Statement};
use super::value::{Value, whole};
use crate::bash::regex::{Syntax, compile};
use crate::persistent::OrdMap;

/// How many statements and expressions a program may run: an endless loop ends with an error.
const STEPS_MAX: u64 = 5_000_000;
/// The longest text and the longest output between two records.
pub(super) const BYTES_MAX: usize = 4 << 20;
/// The most fields of a record.
const FIELDS_MAX: usize = 10_000;

/// Why a list of statements ended early.
pub(crate) enum Leave {
    Next,
    Exit,
    Break,
    Continue,
    Failed(String),
}

pub(crate) type Ran<T> = Result<T, Leave>;

pub(super) fn failed<T>(message: impl Into<String>) -> Ran<T> {
    Err(Leave::Failed(message.into()))
}

/// A program at work.
pub(crate) struct Machine {
    items: Vec<Item>,
    /// By name; an array's elements by `name[index`.
    pub(super) variables: OrdMap<String, Value>,
    pub(super) record: String,
    fields: Vec<String>,
    /// What is to be printed.
    pub(crate) out: String,
    /// What `exit` said.
    pub(crate) code: i32,
    steps: u64,
}

/// The moments at which items run.
#[derive(Copy, Clone, PartialEq, Eq)]
pub(crate) enum When {
    Begin,
    Record,
    End,
}

impl Machine {
    pub(crate) fn new(items: Vec<Item>) -> Self {
        let mut machine = Self {
            items,
            variables: OrdMap::new(),
            record: String::new(),
            fields: Vec::new(),
            out: String::new(),
            code: 0,
            steps: 0,
        };
        for (name, value) in [("FS", " "), ("OFS", " "), ("ORS", "\n"), ("SUBSEP", "\u{1c}")] {
            machine.assign(name, Value::Text(value.to_owned()));
        }
        machine
    }

    pub(crate) fn assign(&mut self, name: &str, value: Value) {
        self.variables.insert(name.to_owned(), value);
    }

    /// Whether records need not be read.
    pub(crate) fn only_begins(&self) -> bool {
        self.items.iter().all(|item| matches!(item.pattern, Pattern::Begin))
    }

    /// Begins a record.
    pub(crate) fn read(&mut self, line: String, number: u32) -> Ran<()> {
        self.assign("NR", Value::Number(f64::from(number)));
        self.assign("FNR", Value::Number(f64::from(number)));
        self.set_record(line)
    }

    /// Runs the items of a moment.
    pub(crate) fn run(&mut self, when: When) -> Ran<()> {
        let mut items = std::mem::take(&mut self.items);
        let result = items.iter_mut().try_for_each(|item| self.item(item, when));
        self.items = items;
        result
    }

    fn item(&mut self, item: &mut Item, when: When) -> Ran<()> {
        let hit = match (&mut item.pattern, when) {
            (Pattern::Begin, When::Begin)
            | (Pattern::End, When::End)
            | (Pattern::Always, When::Record) => true,
            (Pattern::When(condition), When::Record) => self.eval(condition)?.holds(),
            (Pattern::Range(from, to, inside), When::Record) => {
                let hit = *inside || self.eval(from)?.holds();
                *inside = hit && !self.eval(to)?.holds();
                hit
            }
            _ => false,
        };
        match &item.action {
            _ if !hit => Ok(()),
            Some(statements) => self.all(statements),
            None => {
                let record = self.record.clone();
                self.print(&record)
            }
        }
    }

    fn print(&mut self, text: &str) -> Ran<()> {
        let end = self.get("ORS").text();
        self.write(text)?;
        self.write(&end)
    }

    fn write(&mut self, text: &str) -> Ran<()> {
        if self.out.len() + text.len() > BYTES_MAX {
            return failed("the output is too long");
        }
        self.out.push_str(text);
        Ok(())
    }

    fn step(&mut self) -> Ran<()> {
        self.steps += 1;
        if self.steps > STEPS_MAX { failed("the program runs too long") } else { Ok(()) }
    }

    fn all(&mut self, statements: &[Statement]) -> Ran<()> {
        statements.iter().try_for_each(|statement| self.statement(statement))
    }

    fn statement(&mut self, statement: &Statement) -> Ran<()> {
        self.step()?;
        match statement {
            Statement::Expression(expr) => self.eval(expr).map(drop),
            Statement::Print(list) if list.is_empty() => {
                let record = self.record.clone();
                self.print(&record)
            }
            Statement::Print(list) => {
                let mut texts = Vec::new();
                for expr in list {
                    texts.push(self.eval(expr)?.text());
                }
                let separator = self.get("OFS").text();
                self.print(&texts.join(&separator))
            }
            Statement::Printf(list) => {
                let text = self.formatted(list)?;
                self.write(&text)
            }
            Statement::If(condition, then, otherwise) => {
                if self.eval(condition)?.holds() {
                    self.statement(then)
                } else {
                    otherwise.as_ref().map_or(Ok(()), |otherwise| self.statement(otherwise))
                }
            }
            Statement::While(condition, body) => self.repeat(Some(condition), None, body),
            Statement::For(first, condition, step, body) => {
                if let Some(first) = first {
                    self.eval(first)?;
                }
                self.repeat(condition.as_ref(), step.as_ref(), body)
            }
            Statement::ForIn(name, array, body) => {
                for key in self.keys(array) {
                    self.assign(name, Value::Input(key));
                    if self.round(body)? {
                        break;
                    }
                }
                Ok(())
            }
            Statement::Block(statements) => self.all(statements),
            Statement::Delete(array, index) => {
                let keys = match index {
                    Some(index) => vec![self.eval(index)?.text()],
                    None => self.keys(array),
                };
                for key in keys {
                    self.variables.discard(&element(array, &key));
                }
                Ok(())
            }
            Statement::Next => Err(Leave::Next),
            Statement::Exit(code) => {
                if let Some(code) = code {
                    let code = whole(self.eval(code)?.number()).unwrap_or(0);
                    self.code = i32::try_from(code & 0xff).unwrap_or(0);
                }
                Err(Leave::Exit)
            }
            Statement::Break => Err(Leave::Break),
            Statement::Continue => Err(Leave::Continue),
        }
    }

    fn repeat(
        &mut self,
        condition: Option<&Expr>,
        step: Option<&Expr>,
        body: &Statement,
    ) -> Ran<()> {
        loop {
            if let Some(condition) = condition
                && !self.eval(condition)?.holds()
            {
                return Ok(());
            }
            if self.round(body)? {
                return Ok(());
            }
            if let Some(step) = step {
                self.eval(step)?;
            }
        }
    }

    /// One round of a loop; true if it was the last.
    fn round(&mut self, body: &Statement) -> Ran<bool> {
        match self.statement(body) {
            Ok(()) | Err(Leave::Continue) => Ok(false),
            Err(Leave::Break) => Ok(true),
            Err(leave) => Err(leave),
        }
    }

    pub(super) fn get(&self, name: &str) -> Value {
        match name {
            "NF" => Value::Number(count(self.fields.len())),
            _ => self.variables.get(name).cloned().unwrap_or(Value::Nothing),
        }
    }

    pub(super) fn keys(&self, array: &str) -> Vec<String> {
        let start = element(array, "");
        let keys = self.variables.range(start.clone()..);
        keys.map_while(|(key, _)| key.strip_prefix(&start).map(str::to_owned)).collect()
    }

    /// A place with its index worked out: 0 for a variable or element by its key, else a field.
    pub(super) fn place(&mut self, place: &Place) -> Ran<Result<String, usize>> {
        Ok(match place {
            Place::Name(name) => Ok(name.clone()),
            Place::Element(array, index) => Ok(element(array, &self.eval(index)?.text())),
            Place::Field(index) => {
                let index = self.eval(index)?;
                if index.number() < 0.0 {
                    return failed("attempt to access field -1");
                }
                Err(index.place())
            }
        })
    }

    pub(super) fn load(&self, place: &Result<String, usize>) -> Value {
        match place {
            Ok(name) => self.get(name),
            Err(0) => Value::Input(self.record.clone()),
            Err(index) => self
                .fields
                .get(index - 1)
                .map_or(Value::Nothing, |field| Value::Input(field.clone())),
        }
    }

    pub(super) fn store(&mut self, place: Result<String, usize>, value: Value) -> Ran<()> {
        match place {
            Ok(name) if name == "NF" => {
                let length = value.place();
                if length > FIELDS_MAX {
                    return failed("too many fields");
                }
                self.fields.resize(length, String::new());
                self.rebuild();
            }
            Ok(name) => self.variables.insert(name, value),
            Err(0) => return self.set_record(value.text()),
            Err(index) if index > FIELDS_MAX => return failed("too many fields"),
            Err(index) => {
                if self.fields.len() < index {
                    self.fields.resize(index, String::new());
                }
                if let Some(field) = self.fields.get_mut(index - 1) {
                    *field = value.text();
                }
                self.rebuild();
            }
        }
        Ok(())
    }

    fn rebuild(&mut self) {
        self.record = self.fields.join(&self.get("OFS").text());
    }

    fn set_record(&mut self, record: String) -> Ran<()> {
        let separator = self.get("FS").text();
        self.fields = parts(&record, &separator)?;
        self.record = record;
        Ok(())
    }

    pub(super) fn eval(&mut self, expr: &Expr) -> Ran<Value> {
        self.step()?;
        Ok(match expr {
            Expr::Number(number) => Value::Number(*number),
            Expr::Text(text) => Value::Text(text.clone()),
            Expr::Regex(regex) => truth(regex.is_match(&self.record)),
            Expr::Get(place) => {
                let place = self.place(place)?;
                self.load(&place)
            }
            Expr::Set(place, sign, right) => {
                let right = self.eval(right)?;
                let place = self.place(place)?;
                let value = match sign {
                    '=' => right,
                    sign => Value::Number(arithmetic(
                        *sign,
                        self.load(&place).number(),
                        right.number(),
                    )?),
                };
                self.store(place, value.clone())?;
                value
            }
            Expr::Step(place, up, after) => {
                let place = self.place(place)?;
                let before = self.load(&place).number();
                let now = arithmetic('+', before, *up)?;
                self.store(place, Value::Number(now))?;
                Value::Number(if *after { before } else { now })
            }
            Expr::Not(operand) => truth(!self.eval(operand)?.holds()),
            Expr::Negative(operand) => {
                Value::Number(arithmetic('-', 0.0, self.eval(operand)?.number())?)
            }
            Expr::Binary(operator, left, right) => self.binary(operator, left, right)?,
            Expr::Choice(parts) => {
                let [condition, then, otherwise] = &**parts;
                let chosen = if self.eval(condition)?.holds() { then } else { otherwise };
                self.eval(chosen)?
            }
            Expr::In(index, array) => {
                let key = element(array, &self.eval(index)?.text());
                truth(self.variables.contains_key(&key))
            }
            Expr::Call(name, arguments) => self.call(name, arguments)?,
        })
    }

    fn binary(&mut self, operator: &str, left: &Expr, right: &Expr) -> Ran<Value> {
        let a = self.eval(left)?;
        match operator {
            "&&" => return Ok(truth(a.holds() && self.eval(right)?.holds())),
            "||" => return Ok(truth(a.holds() || self.eval(right)?.holds())),
            "~" | "!~" => {
                let found = self.regex(right)?.is_match(&a.text());
                return Ok(truth(found == (operator == "~")));
            }
            _ => {}
        }
        let b = self.eval(right)?;
        let order = || a.compare(&b);
        Ok(match operator {
            "==" => truth(order() == Ordering::Equal),
            "!=" => truth(order() != Ordering::Equal),
            "<" => truth(order() == Ordering::Less),
            ">" => truth(order() == Ordering::Greater),
            "<=" => truth(order() != Ordering::Greater),
            ">=" => truth(order() != Ordering::Less),
            "" => {
                let text = a.text() + &b.text();
                if text.len() > BYTES_MAX {
                    return failed("a text became too long");
                }
                Value::Text(text)
            }
            sign => {
                let sign = sign.chars().next().unwrap_or('+');
                Value::Number(arithmetic(sign, a.number(), b.number())?)
            }
        })
    }

    /// A pattern: a regular expression as it stands, or a text that is one.
    pub(super) fn regex(&mut self, expr: &Expr) -> Ran<Regex> {
        if let Expr::Regex(regex) = expr {
            return Ok(regex.clone());
        }
        let text = self.eval(expr)?.text();
        compile(&text, Syntax::Extended, false).map_err(Leave::Failed)
    }
}

fn truth(holds: bool) -> Value {
    Value::Number(f64::from(u8::from(holds)))
}

pub(super) fn count(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

pub(super) fn element(array: &str, key: &str) -> String {
    format!("{array}[{key}")
}

#[expect(clippy::float_arithmetic, reason = "awk's numbers are doubles; none of them is kept")]
fn arithmetic(sign: char, a: f64, b: f64) -> Ran<f64> {
    Ok(match sign {
        '+' => a + b,
        '-' => a - b,
        '*' => a * b,
        '/' | '%' if b == 0.0 => return failed("division by zero"),
        '/' => a / b,
        '%' => a % b,
        _ => {
            // Whole exponents only, which is what `^` is used for.
            let exponent = whole(b).unwrap_or(0);
            let power = (0..exponent.unsigned_abs().min(1100)).fold(1.0, |power, _| power * a);
            if exponent < 0 { 1.0 / power } else { power }
        }
    })
}

/// A text taken apart at a separator: a blank stands for any blanks, more than one letter for a regular expression.
pub(super) fn parts(text: &str, separator: &str) -> Ran<Vec<String>> {
    let mut letters = separator.chars();
    let parts: Vec<String> = match (letters.next(), letters.next()) {
        _ if text.is_empty() => Vec::new(),
        (Some(' '), None) => text.split_whitespace().map(str::to_owned).collect(),
        (None, _) => text.chars().map(String::from).collect(),
        (Some(letter), None) if letter != '\\' => text.split(letter).map(str::to_owned).collect(),
        _ => {
            let regex = compile(separator, Syntax::Extended, false).map_err(Leave::Failed)?;
            regex.split(text).map(str::to_owned).collect()
        }
    };
    if parts.len() > FIELDS_MAX { failed("too many fields") } else { Ok(parts) }
}
