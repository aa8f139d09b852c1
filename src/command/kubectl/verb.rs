//! What a verb of kubectl is: one value from which parsing, help and completion derive.

use super::call::Call;
use super::failure::Failure;
use crate::shell::LocalFuture;

/// How a verb ends.
pub(super) type Outcome = Result<(), Failure>;

/// One verb or, within a verb, one of its subcommands.
#[derive(Debug)]
pub(super) struct Verb {
    /// What is typed: `get`.
    pub name: &'static str,
    /// Other words for it.
    pub aliases: &'static [&'static str],
    /// Under which heading `kubectl --help` lists it.
    pub group: Group,
    /// One line for lists.
    pub summary: &'static str,
    /// What stands in place of the summary in the verb's own help; empty if the summary does.
    pub long: &'static str,
    /// Paragraphs after the summary in the verb's own help; may be empty.
    pub details: &'static [&'static str],
    /// What follows `kubectl` in the usage line.
    pub usage: &'static str,
    /// A sentence and a command line each.
    pub examples: &'static [(&'static str, &'static str)],
    /// Its flags, in groups that verbs share.
    pub flags: &'static [&'static [Flag]],
    /// Its subcommands.
    pub verbs: &'static [Self],
    /// Runs it.
    pub run: fn(Call) -> LocalFuture<Outcome>,
    /// Whether it does anything here yet.
    pub simulated: bool,
    /// What its arguments are.
    pub arguments: Arguments,
}

/// The headings of `kubectl --help`, in their order there.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Group {
    /// Basic Commands (Beginner).
    Beginner,
    /// Basic Commands (Intermediate).
    Intermediate,
    /// Deploy Commands.
    Deploy,
    /// Cluster Management Commands.
    Cluster,
    /// Troubleshooting and Debugging Commands.
    Troubleshooting,
    /// Advanced Commands.
    Advanced,
    /// Settings Commands.
    Settings,
    /// Other Commands.
    Other,
}

/// What completion proposes for a verb's arguments.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Arguments {
    /// Nothing.
    None,
    /// A kind, then names of that kind; `kind/name` too.
    Resources,
    /// Names of Pods; `kind/name` too.
    Pods,
    /// Names of Nodes.
    Nodes,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// Names out of a list of the kubeconfig.
    Kubeconfig(&'static str),
}

/// What a flag takes.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    /// Nothing, or `=true` / `=false`.
    Bool,
    /// Text.
    Text,
    /// Text; without a value it stands for this one.
    TextOr(&'static str),
    /// A whole number.
    Int,
    /// A whole number of 32 bits.
    Int32,
    /// `30s`, `5m`.
    Duration,
    /// Text, several times, each split at commas.
    List,
    /// Text, several times.
    Array,
}

/// One flag.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Flag {
    /// Its long name.
    pub name: &'static str,
    /// Its letter.
    pub short: Option<char>,
    /// What it takes.
    pub takes: Takes,
    /// What it is when not given.
    pub default: &'static str,
    /// What it does.
    pub usage: &'static str,
}

impl Flag {
    /// A flag that is on or off, off when not given.
    pub(super) const fn switch(name: &'static str, usage: &'static str) -> Self {
        Self { name, short: None, takes: Takes::Bool, default: "false", usage }
    }

    /// A flag with a text.
    pub(super) const fn text(
        name: &'static str,
        default: &'static str,
        usage: &'static str,
    ) -> Self {
        Self { name, short: None, takes: Takes::Text, default, usage }
    }

    /// A flag with a number.
    pub(super) const fn int(
        name: &'static str,
        default: &'static str,
        usage: &'static str,
    ) -> Self {
        Self { name, short: None, takes: Takes::Int, default, usage }
    }

    /// A flag with a number of 32 bits.
    pub(super) const fn int32(
        name: &'static str,
        default: &'static str,
        usage: &'static str,
    ) -> Self {
        Self { name, short: None, takes: Takes::Int32, default, usage }
    }

    /// A flag with a duration.
    pub(super) const fn duration(
        name: &'static str,
        default: &'static str,
        usage: &'static str,
    ) -> Self {
        Self { name, short: None, takes: Takes::Duration, default, usage }
    }

    /// A flag with a comma-separated list.
    pub(super) const fn list(name: &'static str, usage: &'static str) -> Self {
        Self { name, short: None, takes: Takes::List, default: "[]", usage }
    }

    /// A flag that may be given several times.
    pub(super) const fn array(name: &'static str, usage: &'static str) -> Self {
        Self { name, short: None, takes: Takes::Array, default: "[]", usage }
    }

    /// The same flag with a letter.
    pub(super) const fn letter(self, short: char) -> Self {
        Self { short: Some(short), ..self }
    }

    /// The same flag with another default.
    pub(super) const fn or(self, default: &'static str) -> Self {
        Self { default, ..self }
    }

    /// The same flag that may stand without a value, which then is this.
    pub(super) const fn alone(self, value: &'static str) -> Self {
        Self { takes: Takes::TextOr(value), ..self }
    }
}

impl Verb {
    /// What verbs have in common; for `..Verb::BASE`.
    pub(super) const BASE: Self = Self {
        name: "",
        aliases: &[],
        group: Group::Other,
        summary: "",
        long: "",
        details: &[],
        usage: "",
        examples: &[],
        flags: &[],
        verbs: &[],
        run: super::help::print_for_lack_of_subcommand,
        simulated: true,
        arguments: Arguments::None,
    };

    /// Whether this word calls the verb.
    pub(super) fn answers_to(&self, word: &str) -> bool {
        self.name == word || self.aliases.contains(&word)
    }

    /// All its own flags.
    pub(super) fn own_flags(&self) -> impl Iterator<Item = &'static Flag> {
        self.flags.iter().flat_map(|group| group.iter())
    }
}
