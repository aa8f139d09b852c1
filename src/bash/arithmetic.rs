//! `$((…))`: whole numbers with bash's operators and precedence, assignments among them, wrapping at 64 bits.

/// How deep parentheses may nest.
const DEPTH_MAX: usize = 32;

/// Binary operators, weakest first; longer ones before their beginnings.
const LEVELS: &[&[&str]] = &[
    &["||"],
    &["&&"],
    &["|"],
    &["^"],
    &["&"],
    &["==", "!="],
    &["<=", ">=", "<", ">"],
    &["<<", ">>"],
    &["+", "-"],
    &["*", "/", "%"],
];

/// Operators that assign, longer ones before their beginnings.
const ASSIGNMENTS: &[&str] = &["<<=", ">>=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "="];

/// Variables that an expression has set, in order.
pub type Assigned = Vec<(String, i64)>;

struct Reader<'a> {
    assigned: Assigned,
    lookup: &'a dyn Fn(&str) -> Option<String>,
    text: Vec<char>,
    at: usize,
    depth: usize,
}

/// The value of an expression over the variables that `lookup` finds, and what it sets; the error is bash's, without
/// `bash: `.
pub fn evaluate(
    text: &str,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Result<(i64, Assigned), String> {
    let assigned = Vec::new();
    let mut reader = Reader { assigned, lookup, text: text.chars().collect(), at: 0, depth: 0 };
    reader.blanks();
    if reader.at >= reader.text.len() {
        return Ok((0, Vec::new()));
    }
    let value = reader.whole().map_err(|error| format!("{text}: {error}"))?;
    reader.blanks();
    if reader.at < reader.text.len() {
        let token: String = reader.text[reader.at..].iter().collect();
        return Err(format!("{text}: syntax error in expression (error token is \"{token}\")"));
    }
    Ok((value, reader.assigned))
}

impl Reader<'_> {
    /// Expressions parted by commas, each perhaps with `? :`.
    fn whole(&mut self) -> Result<i64, String> {
        loop {
            let value = self.choice()?;
            self.blanks();
            if !self.stands(",") {
                return Ok(value);
            }
            self.at += 1;
        }
    }

    fn choice(&mut self) -> Result<i64, String> {
        let condition = self.level(0)?;
        self.blanks();
        if !self.stands("?") {
            return Ok(condition);
        }
        self.deeper(|reader| {
            reader.at += 1;
            let then = reader.choice()?;
            reader.blanks();
            if !reader.stands(":") {
                return Err("`:' expected for conditional expression".to_owned());
            }
            reader.at += 1;
            let otherwise = reader.choice()?;
            Ok(if condition == 0 { otherwise } else { then })
        })
    }

    fn deeper<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, String>,
    ) -> Result<T, String> {
        if self.depth >= DEPTH_MAX {
            return Err("expression recursion level exceeded".to_owned());
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    fn get(&self, name: &str) -> Result<i64, String> {
        if let Some((_, value)) = self.assigned.iter().rev().find(|(known, _)| known == name) {
            return Ok(*value);
        }
        let text = (self.lookup)(name).unwrap_or_default();
        let text = text.trim();
        if text.is_empty() { Ok(0) } else { number(text) }
    }

    fn set(&mut self, name: String, value: i64) {
        self.assigned.push((name, value));
    }

    /// A variable, with what is done to it.
    fn variable(&mut self, name: String) -> Result<i64, String> {
        self.blanks();
        for (step, up) in [("++", 1), ("--", -1)] {
            if self.stands(step) {
                self.at += 2;
                let before = self.get(&name)?;
                self.set(name, before.wrapping_add(up));
                return Ok(before);
            }
        }
        let sign = ASSIGNMENTS.iter().find(|sign| self.stands(sign) && !self.stands("=="));
        let Some(sign) = sign else { return self.get(&name) };
        self.at += sign.len();
        let right = self.deeper(Self::choice)?;
        let value = match sign.strip_suffix('=') {
            None | Some("") => right,
            Some(operator) => apply(operator, self.get(&name)?, right)?,
        };
        self.set(name, value);
        Ok(value)
    }

    fn blanks(&mut self) {
        while self.text.get(self.at).is_some_and(|c| c.is_whitespace()) {
            self.at += 1;
        }
    }

    fn stands(&self, operator: &str) -> bool {
        let mut rest = self.text[self.at..].iter();
        operator.chars().all(|c| rest.next() == Some(&c))
    }

    /// The operator of a level that stands here and is not the beginning of another.
    fn operator(&self, level: usize) -> Option<&'static str> {
        let operator = LEVELS[level].iter().copied().find(|operator| self.stands(operator))?;
        let doubled = |c: char| self.text.get(self.at + 1) == Some(&c);
        match operator {
            "|" if doubled('|') => None,
            "&" if doubled('&') => None,
            "<" | ">" if doubled(operator.chars().next()?) => None,
            "|" | "^" | "&" | "<<" | ">>" | "+" | "-" | "*" | "/" | "%"
                if self.text.get(self.at + operator.len()) == Some(&'=') =>
            {
                None
            }
            other => Some(other),
        }
    }

    fn level(&mut self, level: usize) -> Result<i64, String> {
        if level == LEVELS.len() {
            return self.power();
        }
        let mut left = self.level(level + 1)?;
        loop {
            self.blanks();
            let Some(operator) = self.operator(level) else { return Ok(left) };
            self.at += operator.len();
            let right = self.level(level + 1)?;
            left = apply(operator, left, right)?;
        }
    }

    /// `**`, which is worked out from the right.
    fn power(&mut self) -> Result<i64, String> {
        let base = self.unary()?;
        self.blanks();
        if !self.stands("**") {
            return Ok(base);
        }
        self.at += 2;
        let exponent = self.deeper(Self::power)?;
        if exponent < 0 {
            return Err(format!("exponent less than 0 (error token is \"{exponent}\")"));
        }
        let mut power = 1_i64;
        for bit in (0..u64::BITS).rev() {
            power = power.wrapping_mul(power);
            if exponent >> bit & 1 == 1 {
                power = power.wrapping_mul(base);
            }
        }
        Ok(power)
    }

    fn unary(&mut self) -> Result<i64, String> {
        let mut signs = Vec::new();
        loop {
            self.blanks();
            if self.stands("++") || self.stands("--") {
                let up = if self.stands("++") { 1 } else { -1 };
                let before = self.at;
                self.at += 2;
                self.blanks();
                let name = self.word();
                if name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
                    self.at += name.len();
                    let value = self.get(&name)?.wrapping_add(up);
                    self.set(name, value);
                    return Ok(signed(value, signs));
                }
                self.at = before;
            }
            match self.text.get(self.at) {
                Some(c @ ('-' | '+' | '!' | '~')) => {
                    signs.push(*c);
                    self.at += 1;
                }
                _ => break,
            }
        }
        self.primary().map(|value| signed(value, signs))
    }

    /// The word that stands here.
    fn word(&self) -> String {
        self.text[self.at..]
            .iter()
            .take_while(|c| c.is_ascii_alphanumeric() || **c == '_')
            .collect()
    }

    fn primary(&mut self) -> Result<i64, String> {
        if self.stands("(") {
            self.at += 1;
            let value = self.deeper(Self::whole)?;
            self.blanks();
            if !self.stands(")") {
                return Err("missing `)'".to_owned());
            }
            self.at += 1;
            return Ok(value);
        }
        let word = self.word();
        if word.is_empty() {
            let rest: String = self.text[self.at..].iter().collect();
            return Err(format!("syntax error: operand expected (error token is \"{rest}\")"));
        }
        self.at += word.len();
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            return number(&word);
        }
        self.variable(word)
    }
}

/// A value with the signs that stand before it, the outermost first.
fn signed(mut value: i64, signs: Vec<char>) -> i64 {
    for sign in signs.into_iter().rev() {
        value = match sign {
            '-' => value.wrapping_neg(),
            '!' => i64::from(value == 0),
            '~' => !value,
            _ => value,
        };
    }
    value
}

fn number(word: &str) -> Result<i64, String> {
    let parsed = if let Some(hex) = word.strip_prefix("0x") {
        i64::from_str_radix(hex, 16)
    } else if word.len() > 1 && word.starts_with('0') {
        i64::from_str_radix(word, 8)
    } else {
        word.parse()
    };
    parsed.map_err(|_invalid| format!("value too great for base (error token is \"{word}\")"))
}

fn apply(operator: &str, a: i64, b: i64) -> Result<i64, String> {
    let shift = u32::try_from(b & 63).unwrap_or(0);
    Ok(match operator {
        "||" => i64::from(a != 0 || b != 0),
        "&&" => i64::from(a != 0 && b != 0),
        "|" => a | b,
        "^" => a ^ b,
        "&" => a & b,
        "==" => i64::from(a == b),
        "!=" => i64::from(a != b),
        "<=" => i64::from(a <= b),
        ">=" => i64::from(a >= b),
        "<" => i64::from(a < b),
        ">" => i64::from(a > b),
        "<<" => a.wrapping_shl(shift),
        ">>" => a.wrapping_shr(shift),
        "+" => a.wrapping_add(b),
        "-" => a.wrapping_sub(b),
        "*" => a.wrapping_mul(b),
        "/" | "%" if b == 0 => return Err("division by 0 (error token is \"0\")".to_owned()),
        "/" => a.wrapping_div(b),
        _ => a.wrapping_rem(b),
    })
}
