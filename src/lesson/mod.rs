//! Lessons: what a teacher writes, what a learner has done of it, and whether the world agrees.
//!
//! A [`Lesson`] is data: a world to start in, steps, goals that are shell commands, and texts in both languages. A
//! [`Play`] is one learner's way through it; every answer in it comes from running a command on a copy of the world, so a
//! check can never change what it looks at. [`trial`] is what an author asks: can it be passed, and not by accident?
//! Nothing here reads files or Markdown: `headless` builds one JSON file a lesson, which `read` takes in the page.

mod check;
mod encode;
mod play;
mod read;
mod stage;
mod text;
mod trial;

use crate::object::Kind;

pub use check::{Copied, Outcome};
pub use encode::encode;
pub use play::{Breach, GoalState, Guess, Play, Record};
pub use read::{Fault, compiled, definition};
pub use stage::{Runner, stage, world_name};
pub use text::{Block, Cover, GoalText, Inline, Rich, StepText, by_id, commands};
pub use trial::{Complaint, trial};

/// A lesson: a world, and steps through it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lesson {
    /// What stands in the link, and the name of its folder.
    pub id: String,
    /// How many machines there are.
    pub nodes: usize,
    /// The seed of everything left to chance.
    pub seed: u64,
    /// A script that runs before the learner comes.
    pub setup: String,
    /// The file that lies on top; the first if none is named.
    pub open: String,
    /// Files at home: names and texts.
    pub files: Vec<(String, String)>,
    /// Names that stand in commands as `{name}`, and the command that prints what to put there.
    pub values: Vec<(String, String)>,
    /// The steps.
    pub steps: Vec<Step>,
    /// The title in Japanese.
    pub ja: Cover,
    /// The title in English.
    pub en: Cover,
}

/// One step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// Tells it from the others, in `solution.sh` too.
    pub id: String,
    /// What must come true.
    pub goals: Vec<Goal>,
    /// What the learner is asked beforehand.
    pub prediction: Option<Prediction>,
    /// What learners are known to do wrong here.
    pub mistakes: Vec<Mistake>,
    /// Command lines that reach the goals.
    pub solution: Vec<String>,
    /// The words in Japanese.
    pub ja: StepText,
    /// The words in English.
    pub en: StepText,
}

/// Something that must come true: a shell command that must succeed on a copy of the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goal {
    /// Tells it from the others of its step.
    pub id: String,
    /// At which moments.
    pub when: When,
    /// The command.
    pub check: String,
    /// Which kinds of objects it depends on; empty for all. A change of any other does not set it off.
    pub kinds: Vec<Kind>,
}

/// At which moments a goal must hold.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// When the step is finished.
    End,
    /// At one event at least.
    Once,
    /// At every event from the beginning of the step to its end.
    Always,
}

impl When {
    /// All, with their names in `lesson.yaml`.
    pub const NAMES: [(&'static str, Self); 3] =
        [("end", Self::End), ("once", Self::Once), ("always", Self::Always)];
}

/// A question to answer before acting; the world answers it afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prediction {
    /// How it is answered.
    pub question: Question,
    /// A command, run once the step is done: it prints the right answers, one a line.
    pub answer: String,
    /// What of it is the answer.
    pub take: Take,
    /// Which kinds of objects it depends on, if it is asked at every event; empty for all.
    pub kinds: Vec<Kind>,
}

/// Which of the things that a command prints is the answer to a prediction.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum Take {
    /// What it prints when the step is done.
    #[default]
    Last,
    /// The greatest number that it printed at any event of the step.
    Most,
    /// The smallest.
    Least,
}

impl Take {
    /// All, with their names in `lesson.yaml`.
    pub const NAMES: [(&'static str, Self); 3] =
        [("last", Self::Last), ("most", Self::Most), ("least", Self::Least)];
}

/// How a question is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// By one of these, whose words are in the texts.
    Choices(Vec<String>),
    /// By a whole number.
    Number,
    /// By one of the lines that a command prints: names of Pods or nodes.
    Among(String),
}

/// A known mistake: its message is shown while its sign is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Tells it from the others of its step.
    pub id: String,
    /// A script that makes it, from the beginning of the step.
    pub script: String,
    /// How it is noticed.
    pub sign: Sign,
}

/// How a mistake is noticed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sign {
    /// A command that succeeds when it was made; the mistake has words of its own.
    Command(String),
    /// It breaks this goal, whose words say why.
    Breaks(String),
}
