//! A parsed command line.
//!
//! The part of bash's grammar that this shell runs; everything else is refused by the parser with a clear error.

use std::cell::OnceCell;
use std::rc::Rc;

/// Commands one after another.
pub type List = Vec<AndOr>;

/// Pipelines joined by `&&` and `||`, which bind alike and from the left.
#[derive(Debug)]
pub struct AndOr {
    /// The one that always runs.
    pub first: Pipeline,
    /// The others, each with the condition on which it runs.
    pub rest: Vec<(Join, Pipeline)>,
}

/// When the next pipeline runs.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Join {
    /// `&&`: after success.
    And,
    /// `||`: after failure.
    Or,
}

/// Commands joined by `|`.
#[derive(Debug)]
pub struct Pipeline {
    /// `!` stands before it.
    pub negated: bool,
    /// At least one.
    pub commands: Vec<Command>,
}

/// One command of a pipeline.
#[derive(Debug)]
pub enum Command {
    /// `A=1 kubectl get pods >file`
    Simple(Simple),
    /// `if …; fi >file`
    Compound(Compound, Vec<Redirect>),
    /// `name() { …; }`
    Function(String, Rc<Self>),
    /// `… &`, with its text.
    Background(Rc<AndOr>, String),
}

/// Words, and what stands before and around them.
#[derive(Debug, Default)]
pub struct Simple {
    /// `NAME=word`, before the first word.
    pub assignments: Vec<(String, Word)>,
    /// The command and its arguments, before expansion.
    pub words: Vec<Word>,
    /// In order.
    pub redirects: Vec<Redirect>,
}

/// Commands made of lists.
#[derive(Debug)]
pub enum Compound {
    /// `{ …; }`
    Group(List),
    /// `( … )`
    Subshell(List),
    /// `if …; then …; elif …; then …; else …; fi`
    If(Vec<(List, List)>, Option<List>),
    /// `for NAME in …; do …; done`; without words, over the arguments.
    For(String, Option<Vec<Word>>, List),
    /// `while …; do …; done`, or `until`.
    While {
        /// `until`: the condition is turned round.
        until: bool,
        /// What is asked before each round.
        condition: List,
        /// The round.
        body: List,
    },
    /// `case … in …) … ;; esac`
    Case(Word, Vec<(Vec<Word>, List)>),
    /// `[[ … ]]`
    Test(Vec<Token>),
    /// `(( … ))`
    Arithmetic(Word),
    /// `for ((first; condition; step)); do …; done`
    Count(Box<[Word; 3]>, List),
}

/// A part of `[[ … ]]`.
#[derive(Debug)]
pub enum Token {
    /// `&&`, `||`, `(`, `)`, `<`, `>` or `!`.
    Operator(&'static str),
    /// Anything else.
    Word(Word),
}

/// One redirect.
#[derive(Debug)]
pub struct Redirect {
    /// Which stream: 0, 1 or 2.
    pub stream: u8,
    /// From or to where.
    pub target: Target,
}

/// From or to where a stream goes.
#[derive(Debug)]
pub enum Target {
    /// `<file`
    Read(Word),
    /// `>file`
    Write(Word),
    /// `>>file`
    Append(Word),
    /// `&>file`: standard output and error.
    WriteBoth(Word),
    /// `&>>file`
    AppendBoth(Word),
    /// `2>&1`
    Duplicate(u8),
    /// `<<END`; the text is known once its lines were read.
    HereDocument(Rc<OnceCell<Word>>),
    /// `<<<word`
    HereString(Word),
}

/// A word before expansion.
#[derive(Clone, Debug, Default)]
pub struct Word(pub Vec<Piece>);

/// A part of a word.
#[derive(Clone, Debug)]
pub enum Piece {
    /// Plain text; `*`, `?` and `[` in it match file names.
    Text(String),
    /// Text that stands for itself.
    Quoted(String),
    /// `~` at the start of a word.
    Tilde,
    /// Something to fill in; outside quotes the result is split into words and matches file names.
    Expand(Rc<Expansion>, bool),
}

/// What stands behind a `$`.
#[derive(Debug)]
pub enum Expansion {
    /// `$NAME`, `${NAME…}`
    Parameter(String, Option<(Operator, Word)>),
    /// `${#NAME}`
    Length(String),
    /// `$(…)` or backquotes.
    Command(List),
    /// `$((…))`
    Arithmetic(Word),
    /// `<(…)`: a file with what the commands print.
    Process(List),
}

/// What `${NAME…}` does with the value.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `:-` (with `true`: an empty value counts as unset) or `-`
    Default(bool),
    /// `:=` or `=`
    Assign(bool),
    /// `:+` or `+`
    Alternative(bool),
    /// `:?` or `?`
    Error(bool),
    /// `#` or (with `true`: as much as possible) `##`
    CutStart(bool),
    /// `%` or `%%`
    CutEnd(bool),
    /// `/` or (with `true`: everywhere) `//`
    Replace(bool),
    /// `:offset:length`
    Slice,
    /// `^` or (with `true`: all letters) `^^`
    Upper(bool),
    /// `,` or `,,`
    Lower(bool),
}
