//! The track of time: ticks for what the user did (tall), for bad news (red) and for other changes.

use super::narration::Happening;
use crate::time::Time;

/// Ticks kept; the plain ones go first.
const TICKS_MAX: usize = 240;

/// What a tick stands for, the least important first.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// Something changed.
    Change,
    /// Something went wrong.
    Grave,
    /// The user did something.
    Act,
}

/// One tick.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    /// When.
    pub at: Time,
    /// What it stands for.
    pub mark: Mark,
    /// What was typed or what happened, to show on demand.
    pub label: TickLabel,
}

/// What a tick is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TickLabel {
    /// A command line.
    Line(String),
    /// A sentence.
    News(Happening),
}

/// All ticks, in order of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    ticks: Vec<Tick>,
    acts: usize,
}

impl Timeline {
    /// The ticks.
    pub fn ticks(&self) -> &[Tick] {
        &self.ticks
    }

    /// How many acts there were, also those whose ticks were dropped.
    pub fn acts(&self) -> usize {
        self.acts
    }

    /// Marks an act.
    pub fn act(&mut self, at: Time, line: &str) {
        self.acts += 1;
        let label = TickLabel::Line(line.to_owned());
        self.push(Tick { at, mark: Mark::Act, label });
    }

    /// Marks what happened.
    pub fn news(&mut self, news: &Happening) {
        let mark = if news.grave { Mark::Grave } else { Mark::Change };
        // One tick a second is enough for the eye.
        let crowded = self.ticks.iter().rev().take_while(|tick| tick.at.secs() == news.time.secs());
        if crowded.clone().any(|tick| tick.mark == mark || mark == Mark::Change) {
            return;
        }
        self.push(Tick { at: news.time, mark, label: TickLabel::News(news.clone()) });
    }

    fn push(&mut self, tick: Tick) {
        self.ticks.push(tick);
        if self.ticks.len() > TICKS_MAX {
            let least = self.ticks.iter().enumerate().min_by_key(|(_, tick)| tick.mark);
            if let Some((index, _)) = least {
                self.ticks.remove(index);
            }
        }
    }
}

/// Where a moment lies on a track whose end is `now`, in thousandths. The track is never shorter than two minutes.
pub fn permille(at: Time, now: Time) -> u32 {
    let whole = now.since(Time::START).as_millis().max(120_000);
    let part = at.since(Time::START).as_millis();
    u32::try_from((part * 1000 / whole).min(1000)).unwrap_or(1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Duration;

    #[test]
    fn acts_outlive_other_ticks() {
        let mut timeline = Timeline::default();
        timeline.act(Time::START, "kubectl apply -f web.yaml");
        for second in 0..2000 {
            let news = Happening {
                revision: second,
                time: Time::START + Duration::from_secs(second),
                key: crate::object::Key::cluster(crate::object::Kind::Node, "n"),
                text: crate::view::Text::NodeJoined,
                values: Vec::new(),
                grave: false,
            };
            timeline.news(&news);
        }
        assert_eq!(timeline.ticks().len(), TICKS_MAX);
        assert_eq!(timeline.ticks()[0].mark, Mark::Act);
    }

    #[test]
    fn the_track_ends_now() {
        let now = Time::START + Duration::from_mins(10);
        assert_eq!(permille(now, now), 1000);
        assert_eq!(permille(Time::START + Duration::from_mins(1), now), 100);
        let soon = Time::START + Duration::from_mins(1);
        assert_eq!(permille(soon, soon), 500);
    }
}
