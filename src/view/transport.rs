//! The clock's drive: how much virtual time passes while so much of the wall clock does.
//!
//! Pure arithmetic in whole microseconds; the page passes the wall clock in. The virtual clock never runs ahead of what
//! the cluster managed: what could not be computed in time is not owed ([`Transport::reached`]). A gap longer than the
//! page meant to sleep (a hidden tab, a closed lid) does not count as time that passed.

use crate::time::{Duration, Time};

/// The speeds on offer, as multiples of real time.
pub const SPEEDS: &[u32] = &[1, 2, 5, 10, 30, 100, 300, 1000];

/// How long a search for the next change goes on, in virtual time.
pub const SEEK_LIMIT: Duration = Duration::from_mins(10);

/// The longest gap between two looks at the wall clock that counts, beyond what was slept on purpose.
const GAP_MAX: u64 = 250_000;

/// What a search stops at.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Goal {
    /// The next write that the picture could show.
    Event,
    /// The next change that somebody looking would notice.
    Happening,
}

/// Whether and how time runs.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It stands.
    Paused,
    /// It follows the wall clock.
    Playing,
    /// It runs as fast as it can until something happens, then stands (or plays on, if it played before).
    Seeking {
        /// At what to stop.
        goal: Goal,
        /// Where to give up.
        until: Time,
        /// Whether it played before.
        resume: bool,
    },
}

/// When to look again.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Nap {
    /// At the next frame.
    Frame,
    /// After so many milliseconds.
    Millis(u32),
    /// Not before something is asked for.
    Forever,
}

/// The drive's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transport {
    mode: Mode,
    speed: u32,
    /// The wall clock at the last look, in microseconds.
    looked: u64,
    /// How much was slept on purpose since, in microseconds.
    napping: u64,
    /// Where the virtual clock is meant to be.
    target: Time,
}

impl Transport {
    /// Playing at real speed.
    pub fn new(wall: u64, now: Time) -> Self {
        Self { mode: Mode::Playing, speed: 1, looked: wall, napping: 0, target: now }
    }

    /// Whether and how time runs.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// The multiple of real time.
    pub fn speed(&self) -> u32 {
        self.speed
    }

    /// Changes whether time runs; what passed on the wall clock before does not count any more.
    pub fn set_mode(&mut self, mode: Mode, wall: u64, now: Time) {
        *self = Self { mode, looked: wall, napping: 0, target: now, ..*self };
    }

    /// Changes the speed from here on.
    pub fn set_speed(&mut self, speed: u32, wall: u64) {
        self.look(wall);
        self.speed = speed.max(1);
    }

    /// Looks at the wall clock: up to where virtual time should run now.
    pub fn look(&mut self, wall: u64) -> Time {
        let passed = wall.saturating_sub(self.looked).min(self.napping + GAP_MAX);
        self.looked = wall;
        self.napping = 0;
        match self.mode {
            Mode::Paused => {}
            Mode::Playing => {
                self.target += Duration::from_micros(passed * u64::from(self.speed));
            }
            Mode::Seeking { until, .. } => self.target = until,
        }
        self.target
    }

    /// Takes note of how far the cluster came; a backlog is forgotten.
    pub fn reached(&mut self, now: Time) {
        self.target = now;
    }

    /// How long nothing needs to be done: until the next task or the next second of the clock, whichever is first.
    pub fn nap(&mut self, now: Time, due: Option<Time>) -> Nap {
        match self.mode {
            Mode::Paused => Nap::Forever,
            Mode::Seeking { .. } => Nap::Frame,
            Mode::Playing => {
                let second = Time::from_micros((now.secs() + 1) * 1_000_000);
                let next = due.map_or(second, |due| due.min(second));
                let wall = micros(next - now) / u64::from(self.speed);
                // A timer's precision is a few milliseconds; below that a frame is as good.
                if wall < 20_000 {
                    return Nap::Frame;
                }
                self.napping = wall;
                Nap::Millis(u32::try_from(wall.div_ceil(1000)).unwrap_or(u32::MAX))
            }
        }
    }
}

/// `00:03:12`, or `1d 00:03:12` after a day.
pub fn clock_text(now: Time) -> String {
    let secs = now.since(Time::START).as_secs();
    let (days, secs) = (secs / 86_400, secs % 86_400);
    let text = format!("{:02}:{:02}:{:02}", secs / 3600, secs / 60 % 60, secs % 60);
    if days == 0 { text } else { format!("{days}d {text}") }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Time = Time::START;

    #[test]
    fn follows_the_wall_clock_at_its_speed() {
        let mut transport = Transport::new(0, START);
        assert_eq!(transport.look(16_000), START + Duration::from_millis(16));
        transport.set_speed(10, 16_000);
        assert_eq!(transport.look(116_000), START + Duration::from_millis(1016));
    }

    #[test]
    fn a_closed_lid_is_not_time() {
        let mut transport = Transport::new(0, START);
        assert_eq!(transport.look(3_600_000_000), START + Duration::from_millis(250));
    }

    #[test]
    fn what_was_slept_on_purpose_is_time() {
        let mut transport = Transport::new(0, START);
        assert_eq!(transport.nap(START, None), Nap::Millis(1000));
        assert_eq!(transport.look(1_000_000), START + Duration::from_secs(1));
    }

    #[test]
    fn paused_time_stands_and_sleeps() {
        let mut transport = Transport::new(0, START);
        transport.set_mode(Mode::Paused, 5_000, START);
        assert_eq!(transport.look(100_000), START);
        assert_eq!(transport.nap(START, Some(START)), Nap::Forever);
    }

    #[test]
    fn a_backlog_is_forgotten() {
        let mut transport = Transport::new(0, START);
        transport.set_speed(1000, 0);
        transport.look(100_000);
        transport.reached(START + Duration::from_secs(3));
        assert_eq!(transport.look(100_000), START + Duration::from_secs(3));
    }

    #[test]
    fn the_clock_counts_days() {
        assert_eq!(clock_text(START + Duration::from_secs(192)), "00:03:12");
        assert_eq!(clock_text(START + Duration::from_secs(86_400 + 3_661)), "1d 01:01:01");
    }
}
