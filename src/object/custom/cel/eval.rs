//! What an expression gives for an object. Values are JSON's: whole numbers are ints, the others doubles.
//!
//! The words of errors are cel-go's. An evaluation ends after [`STEPS_MAX`] steps.

use std::borrow::Cow;
use std::cell::Cell;
use std::cmp::Ordering;

use serde_json::{Map, Number, Value};

use super::parse::Expr;
use crate::bash::regex::{Syntax, compile};
use crate::quote::number_g;

/// A variable, and those around it.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) name: &'a str,
    pub(super) value: &'a Value,
    pub(super) outer: Option<&'a Self>,
}

/// Methods whose first argument names a variable.
pub(super) const MACROS: [&str; 6] = ["all", "exists", "exists_one", "filter", "map", "existsOne"];

const FUNCTIONS: [&str; 8] = ["has", "size", "int", "string", "double", "bool", "dyn", "uint"];

const METHODS: [&str; 20] = [
    "size",
    "startsWith",
    "endsWith",
    "contains",
    "matches",
    "indexOf",
    "lastIndexOf",
    "lowerAscii",
    "upperAscii",
    "trim",
    "replace",
    "split",
    "join",
    "substring",
    "min",
    "max",
    "sum",
    "isSorted",
    "charAt",
    "reverse",
];

/// How many steps an evaluation may take.
const STEPS_MAX: usize = 200_000;

/// How long a text may become in which parts are replaced, in bytes.
const LENGTH_MAX: usize = 1 << 20;

const TOO_LONG: &str = "operation cancelled: actual cost limit exceeded";

/// Whether there is such a function, or such a method; an operator always is.
pub(super) fn is_function(name: &str, target: bool) -> bool {
    let operator = !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') || name == "in";
    if target {
        METHODS.contains(&name) || MACROS.contains(&name)
    } else {
        operator || FUNCTIONS.contains(&name)
    }
}

type Answer<'a> = Result<Cow<'a, Value>, String>;

/// Evaluates an expression; `steps` counts what was done for all rules of an object.
pub(super) fn evaluate(
    expr: &Expr,
    scope: &Scope<'_>,
    steps: &Cell<usize>,
) -> Result<Value, String> {
    let answer = Evaluation { steps }.value(expr, scope).map(Cow::into_owned);
    // Nothing decides over this, as it would over other errors.
    if steps.get() > STEPS_MAX { Err(TOO_LONG.to_owned()) } else { answer }
}

/// How many steps it takes to make a value.
fn weight(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(weight).sum::<usize>(),
        Value::Object(map) => 1 + map.values().map(weight).sum::<usize>(),
        Value::String(text) => 1 + text.len() / 64,
        Value::Null | Value::Bool(_) | Value::Number(_) => 1,
    }
}

struct Evaluation<'s> {
    steps: &'s Cell<usize>,
}

fn overload<T>() -> Result<T, String> {
    Err("no such overload".to_owned())
}

#[expect(clippy::unnecessary_wraps, reason = "it stands where answers stand")]
fn own<'a>(value: impl Into<Value>) -> Answer<'a> {
    Ok(Cow::Owned(value.into()))
}

impl Evaluation<'_> {
    fn charge(&self, steps: usize) -> Result<(), String> {
        self.steps.set(self.steps.get().saturating_add(steps));
        if self.steps.get() > STEPS_MAX { Err(TOO_LONG.to_owned()) } else { Ok(()) }
    }

    /// A value of one's own, which may be a copy.
    fn owned(&self, expr: &Expr, scope: &Scope<'_>) -> Result<Value, String> {
        let value = self.value(expr, scope)?;
        self.charge(weight(&value))?;
        Ok(value.into_owned())
    }

    fn value<'a>(&self, expr: &Expr, scope: &Scope<'a>) -> Answer<'a> {
        self.charge(1)?;
        match expr {
            Expr::Literal(value) => Ok(Cow::Owned(value.clone())),
            Expr::Name(_, name) => {
                let mut scope = Some(scope);
                while let Some(here) = scope {
                    if here.name == name {
                        return Ok(Cow::Borrowed(here.value));
                    }
                    scope = here.outer;
                }
                Err(format!("no such attribute(s): {name}"))
            }
            Expr::Field(_, of, name) => {
                let name = unescape(name);
                match self.value(of, scope)? {
                    Cow::Borrowed(of) => of.get(name).map(Cow::Borrowed),
                    Cow::Owned(of) => of.get(name).cloned().map(Cow::Owned),
                }
                .ok_or_else(|| format!("no such key: {name}"))
            }
            Expr::List(items) => {
                let values = items.iter().map(|item| self.owned(item, scope));
                own(values.collect::<Result<Vec<Value>, _>>()?)
            }
            Expr::Map(entries) => {
                let mut map = Map::new();
                for (key, value) in entries {
                    let key = show(&*self.value(key, scope)?);
                    map.insert(key, self.owned(value, scope)?);
                }
                own(map)
            }
            Expr::Call { name, target, args, .. } => {
                if *target && MACROS.contains(&name.as_str()) {
                    return self.each(name, args, scope);
                }
                self.call(name, *target, args, scope)
            }
        }
    }

    fn truth(&self, expr: &Expr, scope: &Scope<'_>) -> Result<bool, String> {
        self.value(expr, scope)?.as_bool().map_or_else(overload, Ok)
    }

    fn call<'a>(&self, name: &str, target: bool, args: &[Expr], scope: &Scope<'a>) -> Answer<'a> {
        match (name, args) {
            ("&&" | "||", [left, right]) => {
                // An error on one side does not matter where the other decides.
                let decides = name == "||";
                let left = self.truth(left, scope);
                if left == Ok(decides) {
                    return own(decides);
                }
                let right = self.truth(right, scope);
                if right == Ok(decides) {
                    return own(decides);
                }
                own(left? && right?)
            }
            ("?:", [condition, yes, no]) => {
                let chosen = if self.truth(condition, scope)? { yes } else { no };
                self.value(chosen, scope)
            }
            ("!_", [of]) => own(!self.truth(of, scope)?),
            ("has", [Expr::Field(_, of, name)]) => {
                own(self.value(of, scope)?.get(unescape(name)).is_some())
            }
            ("dyn", [of]) => self.value(of, scope),
            _ => {
                let values = args.iter().map(|arg| self.value(arg, scope));
                let values = values.collect::<Result<Vec<_>, _>>()?;
                let values: Vec<&Value> = values.iter().map(|value| &**value).collect();
                self.charge(values.iter().map(|value| weight(value)).sum())?;
                let answer = if target { method(name, &values) } else { function(name, &values) };
                answer.map(Cow::Owned)
            }
        }
    }

    /// A macro over the items of a list or the keys of a map.
    fn each<'a>(&self, name: &str, args: &[Expr], scope: &Scope<'a>) -> Answer<'a> {
        let [of, Expr::Name(_, variable), body @ ..] = args else { return overload() };
        let of = self.value(of, scope)?;
        self.charge(weight(&of))?;
        let items: Vec<Value> = match &*of {
            Value::Array(items) => items.clone(),
            Value::Object(map) => map.keys().map(|key| Value::from(key.as_str())).collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                return overload();
            }
        };
        let (condition, result) = match (name, body) {
            ("map", [condition, result]) => (Some(condition), result),
            (_, [result]) => (None, result),
            _ => return overload(),
        };
        let (mut chosen, mut count, mut failed) = (Vec::new(), 0, None);
        for item in &items {
            let scope = Scope { name: variable, value: item, outer: Some(scope) };
            if name == "map" {
                if condition.is_none_or(|condition| self.truth(condition, &scope) == Ok(true)) {
                    chosen.push(self.owned(result, &scope)?);
                }
                continue;
            }
            match self.truth(result, &scope) {
                Ok(true) if name == "filter" => chosen.push(item.clone()),
                Ok(true) => count += 1,
                Ok(false) => {}
                Err(problem) => failed = Some(problem),
            }
        }
        let whole = items.len();
        match name {
            "map" | "filter" => failed.map_or_else(|| own(chosen), Err),
            "exists" if count > 0 => own(true),
            // One that is false decides, whatever failed.
            "all" if failed.is_none() || count + 1 < whole => own(count == whole),
            "exists_one" | "existsOne" | "exists" | "all" => {
                failed.map_or_else(|| own(name != "exists" && count == 1), Err)
            }
            _ => overload(),
        }
    }
}

/// Fields whose names are words of the language are written with underscores around them.
fn unescape(name: &str) -> &str {
    name.strip_prefix("__").and_then(|rest| rest.strip_suffix("__")).unwrap_or(name)
}

fn show(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number_g(number),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

fn order(left: &Value, right: &Value) -> Result<Ordering, String> {
    let order = match (left, right) {
        (Value::Number(a), Value::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            _ => a.as_f64().zip(b.as_f64()).and_then(|(a, b)| a.partial_cmp(&b)),
        },
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        _ => None,
    };
    order.map_or_else(overload, Ok)
}

fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(_), Value::Number(_)) => order(left, right).is_ok_and(Ordering::is_eq),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b))
        }
        _ => left == right,
    }
}

/// Operators and functions.
fn function(name: &str, values: &[&Value]) -> Result<Value, String> {
    Ok(match (name, values) {
        ("==", [a, b]) => equal(a, b).into(),
        ("!=", [a, b]) => (!equal(a, b)).into(),
        ("<", [a, b]) => order(a, b)?.is_lt().into(),
        ("<=", [a, b]) => order(a, b)?.is_le().into(),
        (">", [a, b]) => order(a, b)?.is_gt().into(),
        (">=", [a, b]) => order(a, b)?.is_ge().into(),
        ("in", [one, Value::Array(items)]) => items.iter().any(|item| equal(item, one)).into(),
        ("in", [Value::String(key), Value::Object(map)]) => map.contains_key(key).into(),
        ("+", [Value::String(a), Value::String(b)]) => format!("{a}{b}").into(),
        ("+", [Value::Array(a), Value::Array(b)]) => [a.as_slice(), b.as_slice()].concat().into(),
        ("+" | "-" | "*" | "/" | "%", [Value::Number(a), Value::Number(b)]) => {
            return arithmetic(name, a, b);
        }
        ("-_", [Value::Number(of)]) => return arithmetic("-", &Number::from(0), of),
        ("[]", [Value::Array(items), Value::Number(at)]) => {
            let index = at.as_i64().and_then(|at| usize::try_from(at).ok());
            let item = index.and_then(|index| items.get(index));
            item.cloned().ok_or_else(|| format!("index out of bounds: {at}"))?
        }
        ("[]", [Value::Object(map), key]) => {
            let key = show(key);
            map.get(&key).cloned().ok_or_else(|| format!("no such key: {key}"))?
        }
        ("size", [of]) => return size(of),
        ("string", [of]) => show(of).into(),
        ("bool", [Value::String(text)]) => (text == "true").into(),
        ("bool", [of @ Value::Bool(_)]) => (*of).clone(),
        ("int" | "uint", [Value::Number(of)]) => whole(of)?.into(),
        ("int" | "uint", [Value::String(text)]) => text
            .parse::<i64>()
            .ok()
            .map_or_else(|| Err("type conversion error".to_owned()), Ok)?
            .into(),
        ("double", [Value::Number(of)]) => of.as_f64().unwrap_or(0.0).into(),
        ("double", [Value::String(text)]) => {
            let parsed = crate::manifest::parse_float(text);
            parsed.map_or_else(|| Err("type conversion error".to_owned()), Ok)?.into()
        }
        _ => return overload(),
    })
}

#[expect(clippy::cast_possible_truncation, reason = "CEL cuts doubles to ints")]
fn whole(number: &Number) -> Result<i64, String> {
    let cut = || number.as_f64().filter(|of| of.abs() < 9.2e18).map(|of| of as i64);
    number.as_i64().or_else(cut).ok_or_else(|| "range error".to_owned())
}

#[expect(clippy::float_arithmetic, reason = "CEL has doubles")]
fn arithmetic(name: &str, a: &Number, b: &Number) -> Result<Value, String> {
    if let (Some(a), Some(b)) = (a.as_i64(), b.as_i64()) {
        let result = match name {
            "+" => a.checked_add(b),
            "-" => a.checked_sub(b),
            "*" => a.checked_mul(b),
            "/" if b == 0 => return Err("division by zero".to_owned()),
            "%" if b == 0 => return Err("modulus by zero".to_owned()),
            "/" => a.checked_div(b),
            _ => a.checked_rem(b),
        };
        return result.map(Value::from).ok_or_else(|| "integer overflow".to_owned());
    }
    let (Some(a), Some(b)) = (a.as_f64(), b.as_f64()) else { return overload() };
    let result = match name {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "/" => a / b,
        _ => return overload(),
    };
    Ok(Number::from_f64(result).map_or(Value::Null, Value::Number))
}

fn size(of: &Value) -> Result<Value, String> {
    Ok(Value::from(match of {
        Value::String(text) => text.chars().count(),
        Value::Array(items) => items.len(),
        Value::Object(map) => map.len(),
        Value::Null | Value::Bool(_) | Value::Number(_) => return overload(),
    }))
}

/// Methods; the first value is what they are called of.
fn method(name: &str, values: &[&Value]) -> Result<Value, String> {
    match values {
        [Value::String(text), rest @ ..] => of_text(name, text, rest),
        [Value::Array(items), rest @ ..] => of_list(name, items, rest),
        [of @ Value::Object(_)] if name == "size" => size(of),
        _ => overload(),
    }
}

fn of_text(name: &str, text: &str, rest: &[&Value]) -> Result<Value, String> {
    let position = |found: Option<usize>| match found {
        None => Value::from(-1),
        Some(at) => Value::from(text.get(..at).map_or(0, |before| before.chars().count())),
    };
    let number = |value: &Value| value.as_u64().and_then(|at| usize::try_from(at).ok());
    Ok(match (name, rest) {
        ("size", []) => text.chars().count().into(),
        ("startsWith", [Value::String(part)]) => text.starts_with(part.as_str()).into(),
        ("endsWith", [Value::String(part)]) => text.ends_with(part.as_str()).into(),
        ("contains", [Value::String(part)]) => text.contains(part.as_str()).into(),
        ("matches", [Value::String(pattern)]) => {
            compile(pattern, Syntax::Perl, false)?.is_match(text).into()
        }
        ("indexOf", [Value::String(part)]) => position(text.find(part.as_str())),
        ("lastIndexOf", [Value::String(part)]) => position(text.rfind(part.as_str())),
        ("lowerAscii", []) => text.to_ascii_lowercase().into(),
        ("upperAscii", []) => text.to_ascii_uppercase().into(),
        ("trim", []) => text.trim().into(),
        ("reverse", []) => text.chars().rev().collect::<String>().into(),
        ("replace", [Value::String(from), Value::String(to)]) => {
            if text.len().saturating_mul(to.len() + 1) > LENGTH_MAX {
                return Err(TOO_LONG.to_owned());
            }
            text.replace(from, to).into()
        }
        ("split", [Value::String(at)]) => text.split(at.as_str()).map(Value::from).collect(),
        ("charAt", [at]) => match number(at) {
            Some(at) => text.chars().nth(at).map(String::from).unwrap_or_default().into(),
            None => return overload(),
        },
        ("substring", [from, to @ ..]) => {
            let length = text.chars().count();
            let to = to.first().map_or(Some(length), |to| number(to));
            match (number(from), to) {
                (Some(from), Some(to)) if from <= to && to <= length => {
                    text.chars().skip(from).take(to - from).collect::<String>().into()
                }
                _ => return Err(format!("index out of range: {}", show(from))),
            }
        }
        _ => return overload(),
    })
}

fn of_list(name: &str, items: &[Value], rest: &[&Value]) -> Result<Value, String> {
    Ok(match (name, rest) {
        ("size", []) => items.len().into(),
        ("join", []) => items.iter().map(show).collect::<String>().into(),
        ("join", [Value::String(between)]) => {
            items.iter().map(show).collect::<Vec<_>>().join(between).into()
        }
        ("reverse", []) => items.iter().rev().cloned().collect(),
        ("indexOf", [one]) => {
            let at = items.iter().position(|item| equal(item, one));
            at.map_or_else(|| Value::from(-1), Value::from)
        }
        ("isSorted", []) => {
            for pair in items.windows(2) {
                if order(&pair[0], &pair[1])?.is_gt() {
                    return Ok(false.into());
                }
            }
            true.into()
        }
        ("sum", []) => {
            let mut sum = Value::from(0);
            for item in items {
                sum = function("+", &[&sum, item])?;
            }
            sum
        }
        ("min" | "max", []) => {
            let wanted = if name == "min" { Ordering::Less } else { Ordering::Greater };
            let (first, rest) =
                items.split_first().ok_or_else(|| format!("{name} called on empty list"))?;
            let mut best = first;
            for item in rest {
                if order(item, best)? == wanted {
                    best = item;
                }
            }
            best.clone()
        }
        _ => return overload(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::parse::parse;
    use super::*;

    #[test]
    fn expressions_give_what_cel_gives() {
        let this = json!({
            "n": 3, "f": 1.5, "name": "web-1", "list": [1, 2, 3], "empty": [],
            "map": { "a": "x", "b": "y" }, "parts": [{ "k": "a", "n": 1 }, { "k": "b" }],
        });
        let scope = Scope { name: "self", value: &this, outer: None };
        for (source, expected) in [
            ("self.n + 2 * 3 == 9 && !(self.n > 3)", "true"),
            ("self.n / 2", "1"),
            ("-self.n % 2", "-1"),
            ("self.f * 2.0 == 3", "true"),
            ("self.name.startsWith('web') ? 'yes' : \"no\"", "\"yes\""),
            ("self.name.matches('^[a-z]+-[0-9]$') && self.name.size() == 5", "true"),
            ("size(self.list) == 3 && 2 in self.list && 'a' in self.map", "true"),
            ("self.list.all(i, i > 0) && self.list.exists(i, i == 2)", "true"),
            ("self.list.exists_one(i, i > 2)", "true"),
            ("self.list.filter(i, i > 1).map(i, i * 2)", "[4,6]"),
            ("self.empty.all(i, i > 0) && !self.empty.exists(i, true)", "true"),
            ("self.map.all(k, self.map[k].size() == 1)", "true"),
            ("self.parts.all(p, has(p.n) || p.k == 'b')", "true"),
            ("has(self.nothing) || self.list[0] == 1", "true"),
            ("self.nothing == 1 || true", "true"),
            ("'a,b'.split(',') == ['a', 'b']", "true"),
            ("{'a': 1}['a']", "1"),
            ("self.list.sum() + self.list.max() - self.list.min()", "8"),
            ("self.list.isSorted()", "true"),
            ("int('4') + int(self.f)", "5"),
            ("r'\\d' + '\\n'", "\"\\\\d\\n\""),
            ("null == null && self.n != null", "true"),
        ] {
            let value = evaluate(&parse(source).unwrap(), &scope, &Cell::new(0))
                .map(|value| value.to_string());
            assert_eq!(value.as_deref(), Ok(expected), "{source}");
        }
        for (source, problem) in [
            ("self.nothing", "no such key: nothing"),
            ("self.list[5]", "index out of bounds: 5"),
            ("1 / 0", "division by zero"),
            ("self.n > 'a'", "no such overload"),
            ("9223372036854775807 + 1", "integer overflow"),
        ] {
            let answer = evaluate(&parse(source).unwrap(), &scope, &Cell::new(0));
            assert_eq!(answer.unwrap_err(), problem, "{source}");
        }
    }

    #[test]
    fn what_would_take_too_long_ends() {
        let many = Value::Array(vec![Value::from(1); 300]);
        let scope = Scope { name: "self", value: &many, outer: None };
        let rule = parse("self.all(a, self.all(b, self.all(c, a + b + c > 0)))").unwrap();
        assert!(evaluate(&rule, &scope, &Cell::new(0)).unwrap_err().contains("cost limit"));
        assert!(parse(&"(".repeat(1000)).is_err());
        for (before, after) in [("-", "1"), ("1+", "1"), ("!", "true")] {
            assert!(parse(&format!("{}{after}", before.repeat(1000))).is_err());
        }
        assert!(parse(&format!("self{}", ".a".repeat(1000))).is_err());
        let copies = parse("self.map(a, self)").unwrap();
        assert!(evaluate(&copies, &scope, &Cell::new(0)).is_ok());
        let copies = parse("self.map(a, self.map(b, self))").unwrap();
        assert!(evaluate(&copies, &scope, &Cell::new(0)).is_err());
    }
}
