//! What holds an autoscaler back: bounds, rates, and the memory of what it wanted before.
//!
//! Without a `behavior` a target at most doubles (or goes to 4) in a round, and shrinks to the greatest number wanted in the
//! last five minutes. Models `normalizeDesiredReplicas...`, `stabilizeRecommendation...` and `calculateScale...Limit...` of
//! kubernetes `pkg/controller/podautoscaler/horizontal.go`.

use serde_json::Value;

use super::{ABLE, LIMITED, Round};
use crate::object::value::look::{given, list, number, text};
use crate::store::Note;
use crate::time::Time;

/// The notes that are kept: numbers that were wanted, and Pods added and taken away.
const WANTED: &str = "wanted";
const ADDED: &str = "added";
const TAKEN: &str = "taken";

/// `--horizontal-pod-autoscaler-downscale-stabilization`, in seconds.
const STABILIZATION_SECS: i64 = 300;

/// Which number holds, and why it is limited, or not.
type Limit = (i32, &'static str, &'static str);

const WITHIN: (&str, &str) =
    ("DesiredWithinRange", "the desired count is within the acceptable range");
const TOO_FEW: (&str, &str) =
    ("TooFewReplicas", "the desired replica count is less than the minimum replica count");
const TOO_MANY: (&str, &str) =
    ("TooManyReplicas", "the desired replica count is more than the maximum replica count");
const TOO_FAST_UP: (&str, &str) =
    ("ScaleUpLimit", "the desired replica count is increasing faster than the maximum scale rate");
const TOO_FAST_DOWN: (&str, &str) = (
    "ScaleDownLimit",
    "the desired replica count is decreasing faster than the maximum scale rate",
);
const STABILIZED_UP: (&str, &str) = (
    "ScaleUpStabilized",
    "recent recommendations were lower than current one, applying the lowest recent recommendation",
);
const STABILIZED_DOWN: (&str, &str) = (
    "ScaleDownStabilized",
    "recent recommendations were higher than current one, applying the highest recent recommendation",
);

impl Round<'_, '_> {
    /// Begins the memory of what was wanted with what is there.
    pub(super) fn recommend_first(&mut self, current: i32) {
        if !self.notes.iter().any(|note| note.about == WANTED) {
            self.notes.push(Note { about: WANTED, number: current, at: self.client.now() });
        }
    }

    /// How many replicas there shall be, of those that the metrics want.
    pub(super) fn limit(&mut self, current: i32, wanted: i32) -> i32 {
        let now = self.client.now();
        let (min, max) = self.bounds();
        let behavior = given(self.body.spec(), "behavior");
        let (stable, why) = match behavior {
            None => (stabilize(&mut self.notes, wanted, now), STABILIZED_DOWN),
            Some(behavior) => stabilize_by(&mut self.notes, behavior, current, wanted, now),
        };
        let (reason, message) = if stable == wanted {
            ("ReadyForNewScale", "recommended size matches current size")
        } else {
            why
        };
        self.set(ABLE, true, reason, message);
        let (desired, reason, message) = match behavior {
            None => within_rules(current, stable, min, max),
            Some(behavior) => within_rates(&self.notes, behavior, current, stable, (min, max), now),
        };
        self.set(LIMITED, desired != stable, reason, message);
        desired
    }

    /// Remembers that the target was scaled, for the rates (`storeScaleEvent`).
    pub(super) fn note_scaling(&mut self, before: i32, after: i32) {
        let Some(behavior) = given(self.body.spec(), "behavior") else { return };
        let now = self.client.now();
        let (about, rules) = if after > before { (ADDED, "scaleUp") } else { (TAKEN, "scaleDown") };
        let policies = given(behavior, rules).map(|rules| list(rules, "policies"));
        let periods = policies.unwrap_or_default().iter().map(period);
        let cutoff = now.secs_before(periods.max().unwrap_or(0));
        let new =
            Note { about, number: after.abs_diff(before).try_into().unwrap_or(i32::MAX), at: now };
        put(&mut self.notes, new, |note| note.at < cutoff);
    }
}

/// Puts a note in the place of the last of its kind that is out of date, or behind the others.
fn put(notes: &mut Vec<Note>, new: Note, old: impl Fn(&Note) -> bool) {
    match notes.iter_mut().rev().find(|note| note.about == new.about && old(note)) {
        Some(place) => *place = new,
        None => notes.push(new),
    }
}

/// The greatest number wanted within the window.
fn stabilize(notes: &mut Vec<Note>, wanted: i32, now: Time) -> i32 {
    let cutoff = now.secs_before(STABILIZATION_SECS);
    let recent = notes.iter().filter(|note| note.about == WANTED && note.at >= cutoff);
    let most = recent.map(|note| note.number).max().unwrap_or(wanted).max(wanted);
    put(notes, Note { about: WANTED, number: wanted, at: now }, |note| note.at < cutoff);
    most
}

/// What is there, brought between the least and the greatest number wanted within each direction's window.
fn stabilize_by(
    notes: &mut Vec<Note>,
    behavior: &Value,
    current: i32,
    wanted: i32,
    now: Time,
) -> (i32, (&'static str, &'static str)) {
    let cutoff = |direction: &str, default: i64| {
        let rules = given(behavior, direction);
        let secs = rules.and_then(|rules| number(rules, "stabilizationWindowSeconds"));
        now.secs_before(secs.unwrap_or(default))
    };
    let (up, down) = (cutoff("scaleUp", 0), cutoff("scaleDown", STABILIZATION_SECS));
    let (mut least, mut most) = (wanted, wanted);
    for note in notes.iter().filter(|note| note.about == WANTED) {
        if note.at > up {
            least = least.min(note.number);
        }
        if note.at > down {
            most = most.max(note.number);
        }
    }
    put(notes, Note { about: WANTED, number: wanted, at: now }, |note| {
        note.at < up && note.at < down
    });
    let why = if wanted >= current { STABILIZED_UP } else { STABILIZED_DOWN };
    (current.max(least).min(most), why)
}

fn limited(number: i32, (reason, message): (&'static str, &'static str)) -> Limit {
    (number, reason, message)
}

/// `convertDesiredReplicasWithRules`.
fn within_rules(current: i32, desired: i32, min: i32, max: i32) -> Limit {
    let fastest = current.saturating_mul(2).max(4);
    let (most, why) = if max > fastest { (fastest, TOO_FAST_UP) } else { (max, TOO_MANY) };
    if desired < min {
        limited(min, TOO_FEW)
    } else if desired > most {
        limited(most, why)
    } else {
        limited(desired, WITHIN)
    }
}

/// `convertDesiredReplicasWithBehaviorRate`.
fn within_rates(
    notes: &[Note],
    behavior: &Value,
    current: i32,
    desired: i32,
    (min, max): (i32, i32),
    now: Time,
) -> Limit {
    let rules = |direction: &str| given(behavior, direction).unwrap_or(&Value::Null);
    if desired > current {
        let fastest = rate(notes, rules("scaleUp"), current, now, true).max(current);
        let (most, why) = if max > fastest { (fastest, TOO_FAST_UP) } else { (max, TOO_MANY) };
        if desired > most {
            return limited(most, why);
        }
    } else if desired < current {
        let fastest = rate(notes, rules("scaleDown"), current, now, false).min(current);
        let (least, why) = if min < fastest { (fastest, TOO_FAST_DOWN) } else { (min, TOO_FEW) };
        if desired < least {
            return limited(least, why);
        }
    }
    limited(desired, WITHIN)
}

fn period(policy: &Value) -> i64 {
    number(policy, "periodSeconds").unwrap_or(0)
}

/// How far the policies of a direction let a target go now.
fn rate(notes: &[Note], rules: &Value, current: i32, now: Time, up: bool) -> i32 {
    let select = text(rules, "selectPolicy");
    if select == "Disabled" {
        return current;
    }
    let proposals = list(rules, "policies").iter().map(|policy| {
        let cutoff = now.secs_before(period(policy));
        let sum = |about: &str| -> i32 {
            notes
                .iter()
                .filter(|note| note.about == about && note.at > cutoff)
                .map(|note| note.number)
                .sum()
        };
        let start = current - sum(ADDED) + sum(TAKEN);
        let value = i32::try_from(number(policy, "value").unwrap_or(0)).unwrap_or(i32::MAX);
        match (text(policy, "type"), up) {
            ("Pods", true) => start.saturating_add(value),
            ("Pods", false) => start.saturating_sub(value),
            (_, up) => share(start, value, up),
        }
    });
    // The least change goes the other way.
    if (select == "Min") == up {
        proposals.min().unwrap_or(if up { i32::MAX } else { i32::MIN })
    } else {
        proposals.max().unwrap_or(if up { i32::MIN } else { i32::MAX })
    }
}

/// So many percent more, rounded up, or fewer, rounded down.
#[expect(
    clippy::float_arithmetic,
    clippy::cast_possible_truncation,
    reason = "upstream multiplies doubles, and their rounding decides"
)]
fn share(start: i32, percent: i32, up: bool) -> i32 {
    let part = f64::from(percent) / 100.0;
    if up {
        (f64::from(start) * (1.0 + part)).ceil() as i32
    } else {
        (f64::from(start) * (1.0 - part)) as i32
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::time::Duration;

    fn at(secs: u64) -> Time {
        Time::START + Duration::from_secs(secs)
    }

    #[test]
    fn a_target_doubles_or_goes_to_four() {
        for (current, desired, expected) in [
            (1, 10, (4, "ScaleUpLimit")),
            (3, 10, (6, "ScaleUpLimit")),
            (6, 10, (10, "DesiredWithinRange")),
            (6, 20, (12, "ScaleUpLimit")),
            (8, 20, (15, "TooManyReplicas")),
            (8, 1, (2, "TooFewReplicas")),
            (8, 3, (3, "DesiredWithinRange")),
        ] {
            let (number, reason, _) = within_rules(current, desired, 2, 15);
            assert_eq!((number, reason), expected, "{current} {desired}");
        }
    }

    #[test]
    fn it_shrinks_to_the_most_that_was_wanted_in_five_minutes() {
        let mut notes = Vec::new();
        let wanted = [(0, 3, 3), (60, 8, 8), (120, 2, 8), (360, 2, 8), (361, 2, 2)];
        for (secs, wanted, expected) in wanted {
            assert_eq!(stabilize(&mut notes, wanted, at(secs)), expected, "{secs}");
        }
        assert_eq!(notes.len(), 3, "the places of old notes are used again");
    }

    #[test]
    fn behaviours_set_windows_and_rates() {
        let behavior = json!({
            "scaleUp": {
                "stabilizationWindowSeconds": 60, "selectPolicy": "Max",
                "policies": [
                    { "type": "Pods", "value": 2, "periodSeconds": 60 },
                    { "type": "Percent", "value": 50, "periodSeconds": 15 },
                ],
            },
            "scaleDown": {
                "stabilizationWindowSeconds": 0, "selectPolicy": "Min",
                "policies": [
                    { "type": "Pods", "value": 3, "periodSeconds": 60 },
                    { "type": "Percent", "value": 10, "periodSeconds": 60 },
                ],
            },
        });
        let bounds = (1, 100);
        let rates = |notes: &[Note], current, desired| {
            let (number, reason, _) =
                within_rates(notes, &behavior, current, desired, bounds, at(100));
            (number, reason)
        };
        assert_eq!(rates(&[], 10, 50), (15, "ScaleUpLimit"));
        assert_eq!(rates(&[], 2, 50), (4, "ScaleUpLimit"));
        assert_eq!(rates(&[], 10, 1), (9, "ScaleDownLimit"));
        let added = [Note { about: ADDED, number: 2, at: at(90) }];
        assert_eq!(rates(&added, 4, 50), (4, "ScaleUpLimit"), "the period began with 2");
        let mut notes = vec![Note { about: WANTED, number: 3, at: at(50) }];
        let (number, (reason, _)) = stabilize_by(&mut notes, &behavior, 3, 9, at(100));
        assert_eq!((number, reason), (3, "ScaleUpStabilized"));
        assert_eq!(stabilize_by(&mut notes, &behavior, 3, 9, at(200)).0, 9);
        let off = json!({ "scaleDown": { "selectPolicy": "Disabled" } });
        assert_eq!(within_rates(&[], &off, 10, 5, bounds, at(0)).0, 10);
    }
}
