//! How long ago something was, as tables print it: `5s`, `2m30s`, `4d6h`, `3y19d`.
//!
//! Models apimachinery `pkg/util/duration/duration.go` (`HumanDuration`): two units while the second still matters,
//! one afterwards. Everything is in whole seconds, rounded down.

use k8s_openapi::apimachinery::pkg::apis::meta::v1 as meta;

use crate::time::Time;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const YEAR: i64 = 365 * DAY;

/// `HumanDuration` of so many whole seconds. Two seconds of clock skew pass for zero; more is `<invalid>`.
pub fn human(secs: i64) -> String {
    match secs {
        ..=-2 => "<invalid>".to_owned(),
        -1 => "0s".to_owned(),
        0..=119 => format!("{secs}s"),
        120..600 => two(secs / MINUTE, "m", secs % MINUTE, "s"),
        600..10_800 => format!("{}m", secs / MINUTE),
        10_800..28_800 => two(secs / HOUR, "h", secs % HOUR / MINUTE, "m"),
        28_800..172_800 => format!("{}h", secs / HOUR),
        172_800..691_200 => two(secs / DAY, "d", secs % DAY / HOUR, "h"),
        691_200..63_072_000 => format!("{}d", secs / DAY),
        63_072_000..252_288_000 => two(secs / YEAR, "y", secs % YEAR / DAY, "d"),
        _ => format!("{}y", secs / YEAR),
    }
}

fn two(first: i64, first_unit: &str, second: i64, second_unit: &str) -> String {
    if second == 0 {
        format!("{first}{first_unit}")
    } else {
        format!("{first}{first_unit}{second}{second_unit}")
    }
}

/// The age of something that happened at `then`.
pub fn since(then: Time, now: Time) -> String {
    human((now.micros() - then.micros()).div_euclid(1_000_000))
}

/// The age column of a table: `<unknown>` where there is no time (`translateTimestampSince`).
pub fn of(then: Option<&meta::Time>, now: Time) -> String {
    then.map_or_else(|| "<unknown>".to_owned(), |then| since(then.into(), now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_change_where_upstream_changes_them() {
        let cases = [
            (-2, "<invalid>"),
            (-1, "0s"),
            (0, "0s"),
            (119, "119s"),
            (120, "2m"),
            (121, "2m1s"),
            (599, "9m59s"),
            (600, "10m"),
            (10_799, "179m"),
            (10_800, "3h"),
            (10_860, "3h1m"),
            (28_800, "8h"),
            (172_799, "47h"),
            (172_800, "2d"),
            (180_000, "2d2h"),
            (691_200, "8d"),
            (63_072_000, "2y"),
            (63_158_400, "2y1d"),
            (252_288_000, "8y"),
        ];
        for (secs, text) in cases {
            assert_eq!(human(secs), text, "{secs}");
        }
    }
}
