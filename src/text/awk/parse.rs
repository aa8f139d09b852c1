//! From awk's program to a tree: one pass, nesting at most [`DEPTH_MAX`] deep.

use super::tree::{Expr, Item, Pattern, Statement};

/// How deep expressions and statements may nest.
const DEPTH_MAX: usize = 40;

/// Words that are no variables.
pub(super) const KEYWORDS: &[&str] = &[
    "BEGIN", "END", "break", "continue", "delete", "else", "exit", "for", "if", "in", "next",
    "print", "printf", "while",
];

pub(crate) type Parsed<T> = Result<T, String>;

pub(super) struct Parser {
    pub(super) text: Vec<char>,
    pub(super) at: usize,
    depth: usize,
    /// Inside `print` a bare `>` is no comparison.
    pub(super) printing: bool,
}

/// The items of a program.
pub(crate) fn parse(program: &str) -> Parsed<Vec<Item>> {
    let mut parser = Parser { text: program.chars().collect(), at: 0, depth: 0, printing: false };
    let mut items = Vec::new();
    loop {
        parser.lines();
        if parser.at >= parser.text.len() {
            return Ok(items);
        }
        items.push(parser.item()?);
    }
}

impl Parser {
    pub(super) fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    pub(super) fn blanks(&mut self) {
        loop {
            match self.peek() {
                Some(' ' | '\t' | '\r') => self.at += 1,
                Some('\\') if self.text.get(self.at + 1) == Some(&'\n') => self.at += 2,
                Some('#') => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.at += 1;
                    }
                }
                _ => return,
            }
        }
    }

    /// Blanks, newlines and semicolons.
    fn lines(&mut self) {
        self.blanks();
        while matches!(self.peek(), Some('\n' | ';')) {
            self.at += 1;
            self.blanks();
        }
    }

    pub(super) fn newlines(&mut self) {
        self.blanks();
        while self.peek() == Some('\n') {
            self.at += 1;
            self.blanks();
        }
    }

    pub(super) fn stands(&self, token: &str) -> bool {
        let mut rest = self.text.get(self.at..).unwrap_or_default().iter();
        token.chars().all(|c| rest.next() == Some(&c))
    }

    /// Steps over a token, if it stands here.
    pub(super) fn eat(&mut self, token: &str) -> bool {
        self.blanks();
        let stands = self.stands(token);
        if stands {
            self.at += token.chars().count();
        }
        stands
    }

    pub(super) fn expect(&mut self, token: &str) -> Parsed<()> {
        if self.eat(token) { Ok(()) } else { self.wrong() }
    }

    pub(super) fn wrong<T>(&mut self) -> Parsed<T> {
        self.blanks();
        let rest: String = self.text.get(self.at..).unwrap_or_default().iter().take(20).collect();
        let line = rest.lines().next().unwrap_or_default();
        Err(match line {
            "" if rest.is_empty() => "unexpected end of the program".to_owned(),
            "" => "syntax error: unexpected newline".to_owned(),
            line => format!("syntax error near: {line}"),
        })
    }

    pub(super) fn deeper<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= DEPTH_MAX {
            return Err("the program nests too deep".to_owned());
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    /// The word that stands here.
    pub(super) fn word(&mut self) -> String {
        self.blanks();
        let rest = self.text.get(self.at..).unwrap_or_default().iter();
        rest.take_while(|c| c.is_ascii_alphanumeric() || **c == '_').collect()
    }

    fn keyword(&mut self, keyword: &str) -> bool {
        let stands = self.word() == keyword;
        if stands {
            self.at += keyword.len();
        }
        stands
    }

    fn item(&mut self) -> Parsed<Item> {
        let pattern = if self.keyword("BEGIN") {
            Pattern::Begin
        } else if self.keyword("END") {
            Pattern::End
        } else if self.stands("{") {
            Pattern::Always
        } else {
            let first = self.expr()?;
            if self.eat(",") {
                self.newlines();
                Pattern::Range(first, self.expr()?, false)
            } else {
                Pattern::When(first)
            }
        };
        self.blanks();
        let action = if self.stands("{") { Some(self.block()?) } else { None };
        if action.is_none() && matches!(pattern, Pattern::Begin | Pattern::End) {
            return Err("BEGIN and END need an action".to_owned());
        }
        Ok(Item { pattern, action })
    }

    fn block(&mut self) -> Parsed<Vec<Statement>> {
        self.expect("{")?;
        let mut statements = Vec::new();
        loop {
            self.lines();
            if self.eat("}") {
                return Ok(statements);
            }
            statements.push(self.deeper(Self::statement)?);
        }
    }

    /// The statement of an `if` or a loop, perhaps on the next line.
    fn body(&mut self) -> Parsed<Box<Statement>> {
        self.newlines();
        if self.eat(";") {
            return Ok(Box::new(Statement::Block(Vec::new())));
        }
        self.deeper(Self::statement).map(Box::new)
    }

    fn statement(&mut self) -> Parsed<Statement> {
        self.blanks();
        if self.stands("{") {
            return self.block().map(Statement::Block);
        }
        let word = self.word();
        if KEYWORDS.contains(&word.as_str()) && word != "in" {
            self.at += word.len();
        }
        let statement = match word.as_str() {
            "if" => return self.conditional(),
            "while" => {
                let condition = self.condition()?;
                return Ok(Statement::While(condition, self.body()?));
            }
            "for" => return self.for_loop(),
            "print" => Statement::Print(self.printed()?),
            "printf" => Statement::Printf(self.printed()?),
            "next" => Statement::Next,
            "break" => Statement::Break,
            "continue" => Statement::Continue,
            "exit" => Statement::Exit(if self.ends() { None } else { Some(self.expr()?) }),
            "delete" => {
                let name = self.name()?;
                let index = if self.eat("[") { Some(self.index()?) } else { None };
                Statement::Delete(name, index)
            }
            _ => Statement::Expression(self.expr()?),
        };
        if !self.ends() {
            return self.wrong();
        }
        Ok(statement)
    }

    /// Whether a statement ends here.
    fn ends(&mut self) -> bool {
        self.blanks();
        matches!(self.peek(), None | Some(';' | '\n' | '}'))
    }

    fn condition(&mut self) -> Parsed<Expr> {
        self.expect("(")?;
        let condition = self.expr()?;
        self.expect(")")?;
        Ok(condition)
    }

    fn conditional(&mut self) -> Parsed<Statement> {
        let condition = self.condition()?;
        let then = self.body()?;
        let before = self.at;
        self.lines();
        let otherwise = if self.keyword("else") {
            Some(self.body()?)
        } else {
            self.at = before;
            None
        };
        Ok(Statement::If(condition, then, otherwise))
    }

    fn for_loop(&mut self) -> Parsed<Statement> {
        self.expect("(")?;
        let start = self.at;
        let name = self.word();
        self.at += name.len();
        if !name.is_empty() && self.keyword("in") {
            let array = self.name()?;
            if self.eat(")") {
                return Ok(Statement::ForIn(name, array, self.body()?));
            }
        }
        self.at = start;
        let first = if self.eat(";") { None } else { Some(self.until(";")?) };
        let condition = if self.eat(";") { None } else { Some(self.until(";")?) };
        let step = if self.eat(")") { None } else { Some(self.until(")")?) };
        Ok(Statement::For(first, condition, step, self.body()?))
    }

    fn until(&mut self, end: &str) -> Parsed<Expr> {
        let expr = self.expr()?;
        self.expect(end)?;
        Ok(expr)
    }

    /// What `print` prints, with or without parentheses around all of it.
    fn printed(&mut self) -> Parsed<Vec<Expr>> {
        if self.ends() {
            return Ok(Vec::new());
        }
        let start = self.at;
        if self.eat("(")
            && let Ok(list) = self.list()
            && self.eat(")")
            && (self.ends() || self.stands(">") || self.stands("|"))
        {
            return self.at_output(list);
        }
        self.at = start;
        self.printing = true;
        let list = self.list();
        self.printing = false;
        self.at_output(list?)
    }

    fn at_output(&mut self, list: Vec<Expr>) -> Parsed<Vec<Expr>> {
        self.blanks();
        if self.stands(">") || self.stands("|") {
            return Err("output to files and commands is not simulated; redirect awk's own output"
                .to_owned());
        }
        Ok(list)
    }

    pub(super) fn list(&mut self) -> Parsed<Vec<Expr>> {
        let mut list = vec![self.expr()?];
        while self.eat(",") {
            self.newlines();
            list.push(self.expr()?);
        }
        Ok(list)
    }

    pub(super) fn name(&mut self) -> Parsed<String> {
        let name = self.word();
        if name.is_empty()
            || name.starts_with(|c: char| c.is_ascii_digit())
            || KEYWORDS.contains(&name.as_str())
        {
            return self.wrong();
        }
        self.at += name.len();
        Ok(name)
    }
}
