//! `$((…))`: whole numbers with bash's operators and precedence, wrapping at 64 bits.

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

struct Reader<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    text: Vec<char>,
    at: usize,
    depth: usize,
}

/// The value of an expression over the variables that `lookup` finds; the error is bash's, without `bash: `.
pub fn evaluate(text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Result<i64, String> {
    let mut reader = Reader { lookup, text: text.chars().collect(), at: 0, depth: 0 };
    reader.blanks();
    if reader.at >= reader.text.len() {
        return Ok(0);
    }
    let value = reader.level(0).map_err(|error| format!("{text}: {error}"))?;
    reader.blanks();
    if reader.at < reader.text.len() {
        let token: String = reader.text[reader.at..].iter().collect();
        return Err(format!("{text}: syntax error in expression (error token is \"{token}\")"));
    }
    Ok(value)
}

impl Reader<'_> {
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
            other => Some(other),
        }
    }

    fn level(&mut self, level: usize) -> Result<i64, String> {
        if level == LEVELS.len() {
            return self.unary();
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

    fn unary(&mut self) -> Result<i64, String> {
        let mut signs = Vec::new();
        loop {
            self.blanks();
            match self.text.get(self.at) {
                Some(c @ ('-' | '+' | '!' | '~')) => {
                    signs.push(*c);
                    self.at += 1;
                }
                _ => break,
            }
        }
        let mut value = self.primary()?;
        for sign in signs.into_iter().rev() {
            value = match sign {
                '-' => value.wrapping_neg(),
                '!' => i64::from(value == 0),
                '~' => !value,
                _ => value,
            };
        }
        Ok(value)
    }

    fn primary(&mut self) -> Result<i64, String> {
        if self.stands("(") {
            if self.depth >= DEPTH_MAX {
                return Err("expression recursion level exceeded".to_owned());
            }
            self.at += 1;
            self.depth += 1;
            let value = self.level(0)?;
            self.depth -= 1;
            self.blanks();
            if !self.stands(")") {
                return Err("missing `)'".to_owned());
            }
            self.at += 1;
            return Ok(value);
        }
        let word: String = self.text[self.at..]
            .iter()
            .take_while(|c| c.is_ascii_alphanumeric() || **c == '_')
            .collect();
        if word.is_empty() {
            let rest: String = self.text[self.at..].iter().collect();
            return Err(format!("syntax error: operand expected (error token is \"{rest}\")"));
        }
        self.at += word.len();
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            return number(&word);
        }
        let text = (self.lookup)(&word).unwrap_or_default();
        let text = text.trim();
        if text.is_empty() { Ok(0) } else { number(text) }
    }
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
