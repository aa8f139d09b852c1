//! Reading a save: whatever the text is, what is sound in it comes back, and what is not is named by its line.
//!
//! Reading a save does nothing of what it tells; [`super::Replay`] does.

use super::act::{Act, Texts};
use super::line::{Chain, Damage, Wrong};
use super::record::{FORMAT, Moment, SAVE_BYTES_MAX};
use crate::cluster::{Profile, Settings};

/// The most machines that a save may ask for.
const NODES_MAX: usize = 5000;

/// How a save begins.
const MAGIC: &str = "kobune save\t";

/// A save that was read.
#[derive(Clone, Debug)]
pub struct Save {
    /// Which of the page's worlds it is.
    pub name: String,
    /// How the world was made.
    pub settings: Settings,
    /// The version of the engine that wrote it.
    pub engine: String,
    /// What was done, in order.
    pub(super) acts: Vec<Entry>,
    /// Where it was last.
    pub(super) end: Option<Entry>,
    /// What the page looked like then.
    pub moment: Option<Moment>,
    files: Vec<Vec<String>>,
    /// What was noted beside it, for people.
    pub notes: Vec<String>,
    /// What is wrong behind the part that is sound.
    pub damage: Option<Damage>,
}

/// A line: how far it lies from the one before, and what it says.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) line: usize,
    pub(super) steps: u64,
    pub(super) micros: u64,
    pub(super) print: u32,
    pub(super) fields: Vec<String>,
}

/// What can be kept of a save that is not done again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Salvage {
    /// Files: paths and texts.
    pub files: Vec<(String, String)>,
    /// The lines that were entered.
    pub history: Vec<String>,
}

impl Save {
    /// Whether a text begins as a save does.
    pub fn is_one(text: &str) -> bool {
        text.starts_with(MAGIC)
    }

    /// Reads a save. What is damaged behind a sound beginning is told in [`Save::damage`].
    pub fn read(text: &str) -> Result<Self, Damage> {
        let at = |line, wrong| Damage { line, wrong };
        let mut lines = text.lines();
        let first = lines.next().unwrap_or_default();
        let rest = first.strip_prefix(MAGIC).ok_or(at(1, Wrong::NotASave))?;
        let (format, engine) = rest.split_once('\t').ok_or(at(1, Wrong::NotASave))?;
        let format: u32 = format.parse().map_err(|_no_number| at(1, Wrong::NotASave))?;
        if format != FORMAT {
            return Err(at(1, Wrong::TooNew));
        }
        if text.len() > 2 * SAVE_BYTES_MAX {
            return Err(at(1, Wrong::TooLarge));
        }
        let mut chain = Chain::begin(first);
        let world = chain.read(lines.next().unwrap_or_default()).ok_or(at(2, Wrong::Changed))?;
        let (name, settings) = world_of(&world).ok_or(at(2, Wrong::Senseless))?;
        let mut save = Self {
            name,
            settings,
            engine: engine.to_owned(),
            acts: Vec::new(),
            end: None,
            moment: None,
            files: Vec::new(),
            notes: Vec::new(),
            damage: None,
        };
        for (index, line) in lines.enumerate() {
            save.take(&mut chain, index + 3, line);
        }
        Ok(save)
    }

    /// Takes one more line.
    fn take(&mut self, chain: &mut Chain, number: usize, line: &str) {
        let alone = Chain::default().read(line).unwrap_or_default();
        match alone.first().map(String::as_str) {
            Some("file") => return self.files.push(alone),
            Some("note") => return self.notes.extend(alone.into_iter().nth(1)),
            _ => {}
        }
        if self.damage.is_some() {
            return;
        }
        let Some(fields) = chain.read(line) else {
            self.damage = Some(Damage { line: number, wrong: Wrong::Changed });
            return;
        };
        match entry(number, fields) {
            Some(entry) if self.end.is_none() => match moment_of(&entry.fields) {
                Some(moment) => (self.moment, self.end) = (Some(moment), Some(entry)),
                None => self.acts.push(entry),
            },
            _ => self.damage = Some(Damage { line: number, wrong: Wrong::Senseless }),
        }
    }

    /// How many acts there are.
    pub fn acts(&self) -> usize {
        self.acts.len()
    }

    /// How many steps there are.
    pub fn steps(&self) -> u64 {
        let entries = self.acts.iter().chain(&self.end);
        entries.fold(0, |sum, entry| sum.saturating_add(entry.steps))
    }

    /// Leaves out the last act and what came after it: for one that was fatal.
    pub fn forget_last(&mut self) {
        self.acts.pop();
        (self.end, self.moment) = (None, None);
    }

    /// The files and the history, without doing anything again.
    pub fn salvage(&self) -> Salvage {
        let (mut texts, mut history) = (Texts::default(), Vec::new());
        for entry in &self.acts {
            let Some(act) = Act::from_fields(&entry.fields, &texts) else { break };
            texts.note(&act);
            if let Act::Enter(line) | Act::Run(line) | Act::Remember(line) = act {
                history.push(line);
            }
        }
        let mut files = Vec::new();
        for file in &self.files {
            let fields: Vec<&str> = file.iter().map(String::as_str).collect();
            match *fields.as_slice() {
                ["file", path, ":", text] => files.push((path.to_owned(), text.to_owned())),
                ["file", path, "="] => {
                    files.extend(texts.get(path).map(|text| (path.to_owned(), text.to_owned())));
                }
                _ => {}
            }
        }
        if self.files.is_empty() {
            files.extend(texts.iter().map(|(path, text)| (path.to_owned(), text.to_owned())));
        }
        Salvage { files, history }
    }
}

fn world_of(fields: &[String]) -> Option<(String, Settings)> {
    let [word, name, seed, nodes, profile] = fields else { return None };
    let profile = match profile.as_str() {
        "default" => Profile::Default,
        "oracle" => Profile::Oracle,
        _ => return None,
    };
    let nodes = nodes.parse().ok().filter(|nodes| *nodes <= NODES_MAX)?;
    let settings = Settings { seed: seed.parse().ok()?, nodes, profile };
    (word == "world").then(|| (name.clone(), settings))
}

fn entry(line: usize, mut fields: Vec<String>) -> Option<Entry> {
    if fields.len() < 4 {
        return None;
    }
    let rest = fields.split_off(3);
    let steps = fields[0].parse().ok()?;
    let micros = fields[1].parse().ok()?;
    let print = u32::from_str_radix(&fields[2], 16).ok()?;
    Some(Entry { line, steps, micros, print, fields: rest })
}

fn moment_of(fields: &[String]) -> Option<Moment> {
    let [word, mode, speed, active, open @ ..] = fields else { return None };
    let moment = || Moment {
        playing: mode == "playing",
        speed: speed.parse().unwrap_or(1),
        active: Some(active.clone()).filter(|path| !path.is_empty()),
        open: open.to_vec(),
    };
    (word == "moment").then(moment)
}
