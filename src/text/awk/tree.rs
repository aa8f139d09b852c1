//! awk's program as a tree: items of patterns and actions, statements, expressions.

use regex_lite::Regex;

pub(super) enum Expr {
    Number(f64),
    Text(String),
    Regex(Regex),
    Get(Place),
    /// An assignment; the operator is `=` or that of `+=`.
    Set(Place, char, Box<Self>),
    /// `x++` and its kin: what is added, and whether the value is the one before.
    Step(Place, f64, bool),
    Not(Box<Self>),
    Negative(Box<Self>),
    Binary(&'static str, Box<Self>, Box<Self>),
    Choice(Box<[Self; 3]>),
    In(Box<Self>, String),
    Call(&'static str, Vec<Self>),
}

pub(super) enum Place {
    Name(String),
    Element(String, Box<Expr>),
    Field(Box<Expr>),
}

pub(super) enum Statement {
    Expression(Expr),
    Print(Vec<Expr>),
    Printf(Vec<Expr>),
    If(Expr, Box<Self>, Option<Box<Self>>),
    While(Expr, Box<Self>),
    /// First, condition, step, body.
    For(Option<Expr>, Option<Expr>, Option<Expr>, Box<Self>),
    ForIn(String, String, Box<Self>),
    Block(Vec<Self>),
    Delete(String, Option<Expr>),
    Next,
    Exit(Option<Expr>),
    Break,
    Continue,
}

pub(super) enum Pattern {
    Begin,
    End,
    Always,
    When(Expr),
    /// From a record to a record; whether it is inside.
    Range(Expr, Expr, bool),
}

pub(crate) struct Item {
    pub(super) pattern: Pattern,
    /// Without one the record is printed.
    pub(super) action: Option<Vec<Statement>>,
}
