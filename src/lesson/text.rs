//! The words of a lesson as a small tree: what the page turns into elements, with nothing in it that could run.
//!
//! It is made from Markdown at build time. Commands to run by click are blocks of their own; a link leads to a lesson
//! or to a page outside, and nothing else is a link.

/// Words in a row.
pub type Rich = Vec<Inline>;

/// A part of a paragraph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inline {
    /// Plain words.
    Text(String),
    /// A name as it is typed.
    Code(String),
    /// Words that matter.
    Strong(Rich),
    /// Words that are stressed.
    Emphasis(Rich),
    /// A link: where to, and its words.
    Link(String, Rich),
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A paragraph.
    Paragraph(Rich),
    /// A list; whether it is numbered.
    List(bool, Vec<Vec<Self>>),
    /// Something to read as it is.
    Code(String),
    /// Commands to run by click.
    Run(String),
}

/// A lesson's title and what it is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cover {
    /// The title.
    pub title: String,
    /// One or two sentences.
    pub summary: Vec<Block>,
}

/// The words of a step in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepText {
    /// Its heading.
    pub title: String,
    /// What to know.
    pub body: Vec<Block>,
    /// The question to answer before acting.
    pub question: Vec<Block>,
    /// The choices by their ids.
    pub options: Vec<(String, Rich)>,
    /// What to do.
    pub act: Vec<Block>,
    /// The goals by their ids.
    pub goals: Vec<(String, GoalText)>,
    /// What to say to each known mistake.
    pub mistakes: Vec<(String, Rich)>,
    /// Hints, the smallest first.
    pub hints: Vec<Vec<Block>>,
    /// Why it was so; shown at the end.
    pub why: Vec<Block>,
}

/// The words of a goal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GoalText {
    /// What must come true.
    pub text: Rich,
    /// What to say when it broke, or is not so.
    pub broken: Rich,
}

/// The words that belong to an id.
pub fn by_id<'a, T>(list: &'a [(String, T)], id: &str) -> Option<&'a T> {
    list.iter().find(|(name, _)| name == id).map(|(_, words)| words)
}

/// Every command that can be run by click in these blocks, in order.
pub fn commands(blocks: &[Block]) -> Vec<&str> {
    let mut found = Vec::new();
    for block in blocks {
        match block {
            Block::Run(text) => found.push(text.as_str()),
            Block::List(_, items) => found.extend(items.iter().flat_map(|item| commands(item))),
            Block::Paragraph(_) | Block::Code(_) => {}
        }
    }
    found
}
