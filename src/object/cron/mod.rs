//! Cron schedules: what `spec.schedule` of a CronJob says, and when that is next.
//!
//! A schedule is a set of bits a field, or a distance. [`Schedule::next`] is strictly later than what it is asked about and
//! searches five years, in the schedule's own time zone. Models robfig/cron v3 `parser.go`, `spec.go` and
//! `constantdelay.go`, as kubernetes uses them, the texts of errors included. *Differs:* a zone without a blank after it
//! is an error, where Go panics.

mod parse;
mod zone;

pub use zone::Zone;

use crate::time::Time;

const DAY: i64 = 86_400;
/// The bit of a field that was written as a star.
const STAR: u64 = 1 << 63;

/// A schedule that was read.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    kind: Kind,
    zone: Zone,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// Fields of a calendar; the second is always 0.
    Calendar(Calendar),
    /// So many seconds after the last time.
    Every(i64),
}

/// Which values of each field match; day of month and day of week may have [`STAR`] too.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
struct Calendar {
    minute: u64,
    hour: u64,
    day: u64,
    month: u64,
    weekday: u64,
}

impl Schedule {
    /// Reads a schedule in cron's standard form: five fields, or a descriptor such as `@daily` or `@every 90s`, either with a
    /// zone in front (`TZ=Asia/Tokyo`).
    pub fn parse(text: &str) -> Result<Self, String> {
        parse::schedule(text)
    }

    /// The first time after `from`; `None` if five years have none.
    pub fn next(&self, from: Time) -> Option<Time> {
        let from = from.secs();
        let next = match &self.kind {
            Kind::Every(delay) => Some(from.saturating_add(*delay)),
            Kind::Calendar(calendar) => calendar.next(from + 1, self.zone),
        };
        Some(Time::from_micros(next?.checked_mul(1_000_000)?))
    }
}

/// What a clock and a calendar on the wall show.
struct Wall {
    year: i64,
    month: i64,
    day: i64,
    weekday: i64,
    hour: i64,
    minute: i64,
    second: i64,
    /// All of it as seconds since 1970, as though the wall were in UTC.
    secs: i64,
}

impl Wall {
    fn at(utc: i64, zone: Zone) -> Self {
        let secs = utc + zone.offset(utc);
        let (days, second) = (secs.div_euclid(DAY), secs.rem_euclid(DAY));
        let (year, month, day, _) = crate::time::date(days);
        Self {
            year,
            month,
            day,
            weekday: (days + 4).rem_euclid(7),
            hour: second / 3600,
            minute: second / 60 % 60,
            second: second % 60,
            secs,
        }
    }

    fn midnight(&self) -> i64 {
        self.secs - self.secs.rem_euclid(DAY)
    }
}

impl Calendar {
    /// The first match at or after a second. Each round settles the fields that are still wrong, from the largest on; a field that
    /// wraps around starts the next round.
    fn next(&self, start: i64, zone: Zone) -> Option<i64> {
        let impossible = [self.minute, self.hour, self.month].iter().any(|bits| bits & !STAR == 0);
        let mut now = start;
        let last_year = Wall::at(start, zone).year + 5;
        // Whether smaller fields are at their start already.
        let mut reset = false;
        while !impossible && Wall::at(now, zone).year <= last_year {
            let settled = self
                .settle_month(&mut now, zone, &mut reset)
                .and_then(|()| self.settle_day(&mut now, zone, &mut reset))
                .and_then(|()| self.settle_time(&mut now, zone, &mut reset));
            if settled.is_some() {
                return Some(now);
            }
        }
        None
    }

    /// Goes on to a month that matches; `None` if that was over the end of a year.
    fn settle_month(&self, now: &mut i64, zone: Zone, reset: &mut bool) -> Option<()> {
        loop {
            let wall = Wall::at(*now, zone);
            if has(self.month, wall.month) {
                return Some(());
            }
            let into = if *reset { wall.secs.rem_euclid(DAY) } else { 0 };
            let first = wall.midnight() - (wall.day - 1) * DAY;
            // The longest month has 31 days, so this is some day of the next one.
            let next = crate::time::date((first + 31 * DAY).div_euclid(DAY));
            let next = first + (31 - (next.2 - 1)) * DAY;
            *reset = true;
            *now = zone.utc(next + into);
            if Wall::at(*now, zone).month == 1 {
                return None;
            }
        }
    }

    /// Goes on to a day that matches; `None` if that was over the end of a month.
    fn settle_day(&self, now: &mut i64, zone: Zone, reset: &mut bool) -> Option<()> {
        loop {
            let wall = Wall::at(*now, zone);
            if self.day_matches(&wall) {
                return Some(());
            }
            let from = if *reset { wall.secs } else { wall.midnight() };
            *reset = true;
            *now = zone.utc(from + DAY);
            // Where clocks change at midnight there may be none that day.
            match Wall::at(*now, zone).hour {
                0 => {}
                late @ 13.. => *now += (24 - late) * 3600,
                early => *now -= early * 3600,
            }
            if Wall::at(*now, zone).day == 1 {
                return None;
            }
        }
    }

    /// Goes on to an hour, a minute and a second that match; `None` if that was over the end of a day or an hour.
    fn settle_time(&self, now: &mut i64, zone: Zone, reset: &mut bool) -> Option<()> {
        loop {
            let wall = Wall::at(*now, zone);
            if has(self.hour, wall.hour) {
                break;
            }
            if !*reset {
                *now = zone.utc(wall.secs - wall.minute * 60 - wall.second);
                *reset = true;
            }
            *now += 3600;
            if Wall::at(*now, zone).hour == 0 {
                return None;
            }
        }
        loop {
            let wall = Wall::at(*now, zone);
            if has(self.minute, wall.minute) && wall.second == 0 {
                return Some(());
            }
            *now += 60 - wall.second;
            *reset = true;
            if wall.minute == 59 {
                return None;
            }
        }
    }

    /// Either day decides if both were given; a star leaves it to the other.
    fn day_matches(&self, wall: &Wall) -> bool {
        let (day, weekday) = (has(self.day, wall.day), has(self.weekday, wall.weekday));
        if (self.day | self.weekday) & STAR != 0 { day && weekday } else { day || weekday }
    }
}

fn has(bits: u64, value: i64) -> bool {
    bits & (1 << value) != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(schedule: &str, from: &str) -> String {
        let from: jiff::Timestamp = from.parse().unwrap();
        let found =
            Schedule::parse(schedule).unwrap().next(Time::from_micros(from.as_microsecond()));
        found.map_or_else(|| "never".to_owned(), |time| time.to_string())
    }

    #[test]
    fn next_times() {
        for (schedule, from, expected) in [
            ("* * * * *", "2026-04-01T00:00:00Z", "2026-04-01T00:01:00Z"),
            ("* * * * *", "2026-04-01T00:00:59Z", "2026-04-01T00:01:00Z"),
            ("5/20 * * * *", "2026-04-01T00:25:00Z", "2026-04-01T00:45:00Z"),
            ("0 0 31 2 *", "2026-04-01T00:00:00Z", "never"),
            ("0 0 29 2 *", "2026-04-01T00:00:00Z", "2028-02-29T00:00:00Z"),
            (", * * * *", "2026-04-01T00:00:00Z", "never"),
            ("0 0 13 * 5", "2026-04-01T00:00:00Z", "2026-04-03T00:00:00Z"),
            ("0 0 13 * ?", "2026-04-01T00:00:00Z", "2026-04-13T00:00:00Z"),
            ("@every 1h30m10.5s", "2026-04-01T00:00:07Z", "2026-04-01T01:30:17Z"),
            ("@every 10ms", "2026-04-01T00:00:07Z", "2026-04-01T00:00:08Z"),
            ("TZ=Asia/Tokyo 0 9 * * *", "2026-04-01T00:00:00Z", "2026-04-02T00:00:00Z"),
            ("CRON_TZ=Etc/GMT+3 0 9 * * *", "2026-04-01T00:00:00Z", "2026-04-01T12:00:00Z"),
            // New York goes from -5 to -4 hours on the 8th of March at 2 in the morning; 2:30 is not there that day.
            ("TZ=America/New_York 30 2 * * *", "2026-03-08T05:00:00Z", "2026-03-09T06:30:00Z"),
            ("TZ=America/New_York 0 12 * * *", "2026-03-07T05:00:00Z", "2026-03-07T17:00:00Z"),
            ("TZ=America/New_York 0 12 * * *", "2026-03-08T05:00:00Z", "2026-03-08T16:00:00Z"),
            // London goes back from 2 to 1 on the 25th of October: half past one is there twice.
            ("TZ=Europe/London 30 1 * * *", "2026-10-25T00:00:00Z", "2026-10-25T00:30:00Z"),
            ("TZ=Europe/London 30 1 * * *", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"),
        ] {
            assert_eq!(next(schedule, from), expected, "{schedule} after {from}");
        }
    }
}
