//! awk's functions: `length`, `substr`, `index`, `split`, `sub`, `gsub`, `match`, `sprintf`, `tolower`, `toupper`, `int`.

use super::run::{BYTES_MAX, Leave, Machine, Ran, count, element, failed, parts};
use super::tree::{Expr, Place};
use super::value::{Value, format, whole};

impl Machine {
    pub(super) fn formatted(&mut self, list: &[Expr]) -> Ran<String> {
        let mut values = Vec::new();
        for expr in list {
            values.push(self.eval(expr)?);
        }
        let Some((first, rest)) = values.split_first() else {
            return failed("printf: no format");
        };
        format(&first.text(), rest).map_err(Leave::Failed)
    }

    pub(super) fn call(&mut self, name: &str, arguments: &[Expr]) -> Ran<Value> {
        match (name, arguments) {
            ("sprintf", list) => return self.formatted(list).map(Value::Text),
            ("sub" | "gsub", [pattern, with, target @ ..]) => {
                return self.substitute(name == "gsub", pattern, with, target.first());
            }
            ("split", [text, Expr::Get(Place::Name(array)), separator @ ..]) => {
                return self.split(text, array, separator.first());
            }
            ("match", [text, pattern]) => {
                let text = self.eval(text)?.text();
                let found = self.regex(pattern)?.find(&text).map(|found| {
                    let before = text.get(..found.start()).unwrap_or_default();
                    (before.chars().count() + 1, found.as_str().chars().count())
                });
                let (start, length) = found.unwrap_or((0, 0));
                self.assign("RSTART", Value::Number(count(start)));
                self.assign(
                    "RLENGTH",
                    Value::Number(if start == 0 { -1.0 } else { count(length) }),
                );
                return Ok(Value::Number(count(start)));
            }
            ("length", [Expr::Get(Place::Name(array))]) if !self.keys(array).is_empty() => {
                return Ok(Value::Number(count(self.keys(array).len())));
            }
            ("length", []) => return Ok(Value::Number(count(self.record.chars().count()))),
            _ => {}
        }
        let mut values = Vec::new();
        for expr in arguments {
            values.push(self.eval(expr)?);
        }
        Ok(match (name, values.as_slice()) {
            ("length", [text]) => Value::Number(count(text.text().chars().count())),
            ("tolower", [text]) => Value::Text(text.text().to_lowercase()),
            ("toupper", [text]) => Value::Text(text.text().to_uppercase()),
            ("int", [number]) => Value::Number(number.number().trunc()),
            ("index", [text, part]) => {
                let text = text.text();
                let found = text.find(&part.text()).and_then(|at| text.get(..at));
                Value::Number(found.map_or(0.0, |before| count(before.chars().count() + 1)))
            }
            ("substr", [text, start, length @ ..]) => {
                let first = whole(start.number()).unwrap_or(0);
                let end = length.first().map_or(i64::MAX, |length| {
                    first.saturating_add(whole(length.number()).unwrap_or(i64::MAX))
                });
                let places = 1_i64..;
                let chosen = text
                    .text()
                    .chars()
                    .zip(places)
                    .filter(|(_, at)| (first..end).contains(at))
                    .map(|(c, _)| c)
                    .collect();
                Value::Text(chosen)
            }
            _ => return failed(format!("{name}: wrong arguments")),
        })
    }

    fn split(&mut self, text: &Expr, array: &str, separator: Option<&Expr>) -> Ran<Value> {
        let text = self.eval(text)?.text();
        let pieces = match separator {
            Some(Expr::Regex(regex)) => regex.split(&text).map(str::to_owned).collect(),
            Some(separator) => parts(&text, &self.eval(separator)?.text())?,
            None => parts(&text, &self.get("FS").text())?,
        };
        for key in self.keys(array) {
            self.variables.discard(&element(array, &key));
        }
        for (index, piece) in pieces.iter().enumerate() {
            let key = element(array, &(index + 1).to_string());
            self.variables.insert(key, Value::Input(piece.clone()));
        }
        Ok(Value::Number(count(pieces.len())))
    }

    fn substitute(
        &mut self,
        everywhere: bool,
        pattern: &Expr,
        with: &Expr,
        target: Option<&Expr>,
    ) -> Ran<Value> {
        let regex = self.regex(pattern)?;
        let with = self.eval(with)?.text();
        let place = match target {
            None => Err(0),
            Some(Expr::Get(place)) => self.place(place)?,
            Some(_) => return failed("sub: the third argument is no variable"),
        };
        let text = self.load(&place).text();
        let (mut out, mut end, mut changes) = (String::new(), 0, 0_usize);
        for found in regex.find_iter(&text) {
            out.push_str(text.get(end..found.start()).unwrap_or_default());
            replace(&with, found.as_str(), &mut out);
            end = found.end();
            changes += 1;
            if !everywhere || out.len() > BYTES_MAX {
                break;
            }
        }
        out.push_str(text.get(end..).unwrap_or_default());
        if out.len() > BYTES_MAX {
            return failed("a text became too long");
        }
        if changes > 0 {
            self.store(place, Value::Text(out))?;
        }
        Ok(Value::Number(count(changes)))
    }
}

/// A replacement: `&` is what was found, `\\&` an ampersand.
fn replace(with: &str, found: &str, out: &mut String) {
    let mut chars = with.chars();
    while let Some(c) = chars.next() {
        match c {
            '&' => out.push_str(found),
            '\\' => match chars.next() {
                Some('&') => out.push('&'),
                Some(other) => out.extend(['\\', other]),
                None => out.push('\\'),
            },
            c => out.push(c),
        }
    }
}
