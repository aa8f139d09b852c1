//! Which of a CronJob's times has come, and how long until the next.
//!
//! Models `mostRecentScheduleTime`, `nextScheduleTime` and `nextScheduleTimeDuration` of kubernetes
//! `pkg/controller/cronjob/utils.go`.

use crate::object::cron::Schedule;
use crate::time::{Duration, Time};

/// How much after its time a CronJob is looked at, so that clocks may differ a little (`nextScheduleDelta`).
const DELTA: Duration = Duration::from_millis(100);
/// More missed times than this are told of.
const MANY: u64 = 100;

/// What a CronJob goes by.
#[derive(Copy, Clone, Debug)]
pub(super) struct Timing {
    pub(super) schedule: Schedule,
    /// When it was created.
    pub(super) created: Time,
    /// The last time for which a Job was made.
    pub(super) last: Option<Time>,
    /// How late a Job may still be made.
    pub(super) deadline: Option<Duration>,
    pub(super) now: Time,
}

/// How many times passed without a Job.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Missed {
    None,
    Few,
    Many,
}

/// What looking back finds.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
struct Recent {
    /// From when on was looked.
    earliest: Time,
    /// The last time that has come.
    time: Option<Time>,
    missed: Missed,
}

impl Timing {
    /// The time for which a Job should be there now, and whether very many passed before it. The error is what is wrong
    /// with the schedule.
    pub(super) fn due(&self) -> Result<Option<(Time, Missed)>, &'static str> {
        let earliest = self.deadline.map(|deadline| {
            let micros = i64::try_from(deadline.as_micros()).unwrap_or(i64::MAX);
            Time::from_micros(self.now.micros().saturating_sub(micros))
        });
        let recent = self.recent(earliest)?;
        Ok(recent.time.map(|time| (time, recent.missed)))
    }

    /// How long until it is to be looked at again; `None` if no time is left within five years.
    pub(super) fn wait(&self) -> Option<Duration> {
        let from = match self.recent(None) {
            Ok(Recent { time: Some(time), .. }) => time,
            Ok(Recent { earliest, missed: Missed::None, .. }) => earliest,
            _ => self.now,
        };
        Some((self.schedule.next(from)? + DELTA) - self.now)
    }

    fn recent(&self, not_before: Option<Time>) -> Result<Recent, &'static str> {
        const IMPOSSIBLE: &str = "time difference between two schedules is less than 1 second";
        let mut earliest = self.last.unwrap_or(self.created);
        earliest = not_before.map_or(earliest, |bound| bound.max(earliest));
        let recent = |time, missed| Ok(Recent { earliest, time, missed });
        let first = self.schedule.next(earliest).ok_or(IMPOSSIBLE)?;
        if self.now < first {
            return recent(None, Missed::None);
        }
        let second = self.schedule.next(first).ok_or(IMPOSSIBLE)?;
        if self.now < second {
            return recent(Some(first), Missed::None);
        }
        let between = (second - first).as_secs();
        if between < 1 {
            return Err(IMPOSSIBLE);
        }
        // A guess by the first distance brings the search near; distances may differ.
        let count = (self.now - first).as_secs() / between + 1;
        let skipped = Duration::from_secs(count.saturating_sub(2) * between);
        // Upstream begins one distance before the first time where only one was missed.
        let mut at = if count >= 2 { first + skipped } else { earliest };
        let mut last = None;
        while let Some(time) = self.schedule.next(at).filter(|time| *time <= self.now) {
            last = Some(time);
            at = time;
        }
        recent(last, if count > MANY { Missed::Many } else { Missed::Few })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: u64) -> Time {
        Time::START + Duration::from_secs(secs)
    }

    fn timing(schedule: &str, last: Option<u64>, deadline: Option<u64>, now: u64) -> Timing {
        Timing {
            schedule: Schedule::parse(schedule).unwrap(),
            created: Time::START,
            last: last.map(at),
            deadline: deadline.map(Duration::from_secs),
            now: at(now),
        }
    }

    #[test]
    fn times_that_have_come() {
        for (schedule, last, deadline, now, due) in [
            ("* * * * *", None, None, 59, Ok(None)),
            ("* * * * *", None, None, 60, Ok(Some((60, Missed::None)))),
            ("* * * * *", None, None, 185, Ok(Some((180, Missed::Few)))),
            ("* * * * *", Some(180), None, 185, Ok(None)),
            ("* * * * *", None, None, 6500, Ok(Some((6480, Missed::Many)))),
            ("* * * * *", None, Some(200), 6500, Ok(Some((6480, Missed::Few)))),
            ("* * * * *", None, Some(10), 6500, Ok(None)),
            ("@every 90s", None, None, 300, Ok(Some((270, Missed::Few)))),
            ("0 0 31 2 *", None, None, 60, Err(())),
        ] {
            let found = timing(schedule, last, deadline, now).due();
            let found = found
                .map(|due| due.map(|(time, missed)| ((time - Time::START).as_secs(), missed)))
                .or(Err(()));
            assert_eq!(found, due, "{schedule} at {now}");
        }
    }

    #[test]
    fn the_next_look_is_a_little_after_the_next_time() {
        for (schedule, last, now, millis) in [
            ("* * * * *", None, 10, Some(50_100)),
            ("* * * * *", Some(60), 61, Some(59_100)),
            ("*/5 * * * *", None, 601, Some(299_100)),
            ("0 0 31 2 *", None, 60, None),
        ] {
            let wait = timing(schedule, last, None, now).wait();
            assert_eq!(wait.map(|wait| wait.as_millis()), millis, "{schedule} at {now}");
        }
    }
}
