//! Time zones: how far local clocks are from UTC.
//!
//! A zone is its offset in winter and the rule of its summer time, as they stand in 2026; every world starts there, and what was
//! before does not matter. Models Go's `time.LoadLocation` over the IANA database. *Differs:* only the zones of the table
//! exist. Others answer as a name does that is none.

use crate::time::{Time, date};

/// A zone that is known.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// Seconds east of UTC while no summer time is kept.
    standard: i64,
    summer: Summer,
}

/// When clocks are an hour ahead.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Summer {
    Never,
    /// Last Sunday of March to last Sunday of October, changed everywhere at 1:00 UTC.
    Europe,
    /// Second Sunday of March to first Sunday of November, changed at 2:00 on local clocks.
    America,
    /// First Sunday of October to first Sunday of April, changed at 2:00 standard time.
    Australia,
    /// Last Sunday of September to first Sunday of April, changed at 2:00 standard time.
    NewZealand,
}

/// Minutes east of UTC and rule of summer time, each followed by the names of zones that keep them.
const ZONES: &str = "\
0 - UTC Etc/UTC Etc/UCT Etc/Universal Etc/Zulu Etc/GMT Etc/Greenwich GMT UCT Universal Zulu Greenwich Africa/Abidjan Africa/Accra Atlantic/Reykjavik Iceland
540 - Asia/Tokyo Japan Asia/Seoul ROK Asia/Pyongyang Pacific/Palau
480 - Asia/Shanghai PRC Asia/Chongqing Asia/Hong_Kong Hongkong Asia/Macau Asia/Taipei ROC Asia/Singapore Singapore Asia/Kuala_Lumpur Asia/Manila Asia/Makassar Australia/Perth
420 - Asia/Bangkok Asia/Ho_Chi_Minh Asia/Saigon Asia/Jakarta Asia/Phnom_Penh Asia/Vientiane
390 - Asia/Yangon Asia/Rangoon
360 - Asia/Dhaka Asia/Thimphu
345 - Asia/Kathmandu Asia/Katmandu
330 - Asia/Kolkata Asia/Calcutta Asia/Colombo
300 - Asia/Karachi Asia/Tashkent Asia/Almaty Indian/Maldives
270 - Asia/Kabul
240 - Asia/Dubai Asia/Muscat Asia/Baku Asia/Tbilisi Asia/Yerevan
210 - Asia/Tehran Iran
180 - Asia/Riyadh Asia/Baghdad Asia/Kuwait Asia/Qatar Europe/Istanbul Turkey Europe/Moscow W-SU Europe/Minsk Africa/Nairobi Africa/Addis_Ababa
120 - Africa/Johannesburg Africa/Maputo Africa/Tripoli Europe/Kaliningrad
60 - Africa/Lagos Africa/Algiers Africa/Tunis
0 E Europe/London GB Europe/Dublin Eire Europe/Lisbon Portugal WET Atlantic/Canary
60 E Europe/Paris Europe/Berlin Europe/Madrid Europe/Rome Europe/Amsterdam Europe/Brussels Europe/Vienna Europe/Zurich Europe/Stockholm Europe/Oslo Europe/Copenhagen Europe/Prague Europe/Warsaw Poland Europe/Budapest Europe/Belgrade Europe/Luxembourg CET MET
120 E Europe/Athens Europe/Helsinki Europe/Kiev Europe/Kyiv Europe/Bucharest Europe/Sofia Europe/Vilnius Europe/Riga Europe/Tallinn EET
-300 A America/New_York US/Eastern America/Toronto America/Detroit EST5EDT
-360 A America/Chicago US/Central America/Winnipeg CST6CDT
-420 A America/Denver US/Mountain America/Edmonton MST7MDT
-480 A America/Los_Angeles US/Pacific America/Vancouver PST8PDT
-540 A America/Anchorage US/Alaska
-240 A America/Halifax Atlantic/Bermuda
-600 - Pacific/Honolulu US/Hawaii HST
-420 - America/Phoenix US/Arizona MST
-360 - America/Mexico_City America/Costa_Rica America/Guatemala
-300 - America/Bogota America/Lima America/Panama EST
-240 - America/Caracas America/La_Paz America/Puerto_Rico
-180 - America/Sao_Paulo America/Argentina/Buenos_Aires America/Buenos_Aires America/Montevideo
600 S Australia/Sydney Australia/Melbourne Australia/Canberra Australia/Hobart
570 S Australia/Adelaide
570 - Australia/Darwin
600 - Australia/Brisbane Pacific/Guam Asia/Vladivostok
720 N Pacific/Auckland NZ Antarctica/McMurdo
720 - Pacific/Fiji
";

impl Zone {
    /// Where clocks show UTC.
    pub const UTC: Self = Self { standard: 0, summer: Summer::Never };

    /// The zone of a name of the IANA database; no name is UTC, and so is the cluster's own time.
    pub fn load(name: &str) -> Result<Self, String> {
        if name.is_empty() || name == "Local" {
            return Ok(Self::UTC);
        }
        if name.contains("..") || name.starts_with(['/', '\\']) {
            return Err("time: invalid location name".to_owned());
        }
        Self::fixed(name)
            .or_else(|| ZONES.lines().find_map(|line| Self::of_line(line, name)))
            .ok_or_else(|| format!("unknown time zone {name}"))
    }

    /// `Etc/GMT+5` and its like, whose sign is that of what is missing to UTC.
    fn fixed(name: &str) -> Option<Self> {
        let text = name.strip_prefix("Etc/GMT")?;
        let west: i64 = text.parse().ok()?;
        let plain = matches!(text.as_bytes(), [b'+' | b'-', b'0'..=b'9'])
            || matches!(text.as_bytes(), [b'+' | b'-', b'1', b'0'..=b'9'] | [b'0']);
        (plain && (-14..=12).contains(&west))
            .then_some(Self { standard: -west * 3600, summer: Summer::Never })
    }

    fn of_line(line: &str, name: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let (minutes, rule) = (words.next()?, words.next()?);
        if !words.any(|word| word == name) {
            return None;
        }
        let summer = match rule {
            "E" => Summer::Europe,
            "A" => Summer::America,
            "S" => Summer::Australia,
            "N" => Summer::NewZealand,
            _ => Summer::Never,
        };
        Some(Self { standard: minutes.parse::<i64>().ok()? * 60, summer })
    }

    /// Seconds that local clocks are ahead of UTC at a moment.
    pub fn offset(self, utc: i64) -> i64 {
        if self.summer == Summer::Never {
            return self.standard;
        }
        let (year, ..) = date((utc + self.standard).div_euclid(86_400));
        // The month and the Sunday of each change, and when it is on that day in UTC.
        let (begin, end) = match self.summer {
            Summer::Europe => ((3, -1, 3600), (10, -1, 3600)),
            Summer::America => ((3, 2, 7200 - self.standard), (11, 1, 3600 - self.standard)),
            Summer::NewZealand => ((9, -1, 7200 - self.standard), (4, 1, 7200 - self.standard)),
            Summer::Australia | Summer::Never => {
                ((10, 1, 7200 - self.standard), (4, 1, 7200 - self.standard))
            }
        };
        let moment = |(month, which, into): (i64, i64, i64)| sunday(year, month, which) + into;
        let (begin, end) = (moment(begin), moment(end));
        let ahead =
            if begin < end { (begin..end).contains(&utc) } else { utc >= begin || utc < end };
        self.standard + if ahead { 3600 } else { 0 }
    }

    /// RFC 3339 with the zone's offset, as Go's `time.RFC3339` prints it: `2026-04-01T09:00:00+09:00`.
    pub fn rfc3339(self, time: Time) -> String {
        let offset = self.offset(time.secs());
        if offset == 0 {
            return time.to_string();
        }
        let local = Time::from_micros(time.micros() + offset * 1_000_000);
        let (sign, ahead) = (if offset < 0 { '-' } else { '+' }, offset.abs());
        let text = local.format("%FT%T");
        format!("{text}{sign}{:02}:{:02}", ahead / 3600, ahead / 60 % 60)
    }

    /// The moment at which local clocks show what would be this second in UTC; where they never do or do twice, as Go's
    /// `time.Date` chooses.
    pub fn utc(self, local: i64) -> i64 {
        let guess = self.offset(local);
        let utc = local - guess;
        let offset = self.offset(utc);
        if offset == guess { utc } else { local - offset }
    }
}

/// Midnight of the first, second... Sunday of a month, or of the last one (`-1`), in seconds since 1970.
fn sunday(year: i64, month: i64, which: i64) -> i64 {
    // Days since 1970 of the first of the month: years counted from March, as in `date`.
    let shifted = if month > 2 { year } else { year - 1 };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5;
    let leaps = shifted.div_euclid(4) - shifted.div_euclid(100) + shifted.div_euclid(400);
    let first = 365 * shifted + leaps + of_year - 719_468;
    let first_sunday = first + (3 - first).rem_euclid(7);
    let day = if which > 0 {
        first_sunday + 7 * (which - 1)
    } else {
        // March, September and October: the last Sunday is the fifth or the fourth.
        let fifth = first_sunday + 28;
        if date(fifth).1 == month { fifth } else { fifth - 7 }
    };
    day * 86_400
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_offsets() {
        let april = Time::START.secs();
        let january = april - 90 * 86_400;
        for (name, in_january, in_april) in [
            ("", 0, 0),
            ("Etc/UTC", 0, 0),
            ("Etc/GMT-9", 9 * 60, 9 * 60),
            ("Etc/GMT+12", -12 * 60, -12 * 60),
            ("Asia/Tokyo", 9 * 60, 9 * 60),
            ("Asia/Kolkata", 330, 330),
            ("Europe/London", 0, 60),
            ("America/New_York", -300, -240),
            ("Australia/Sydney", 660, 660),
            ("Pacific/Auckland", 780, 780),
        ] {
            let zone = Zone::load(name).unwrap();
            let minutes = [january, april].map(|utc| zone.offset(utc) / 60);
            assert_eq!(minutes, [in_january, in_april], "{name}");
        }
        for (name, complaint) in [
            ("Asia/Tokio", "unknown time zone Asia/Tokio"),
            ("asia/tokyo", "unknown time zone asia/tokyo"),
            ("Etc/GMT+13", "unknown time zone Etc/GMT+13"),
            ("Etc/GMT+05", "unknown time zone Etc/GMT+05"),
            ("-", "unknown time zone -"),
            ("../UTC", "time: invalid location name"),
        ] {
            assert_eq!(Zone::load(name).unwrap_err(), complaint);
        }
    }

    #[test]
    fn local_stamps() {
        for (name, stamp) in [
            ("UTC", "2026-04-01T00:00:00Z"),
            ("Asia/Tokyo", "2026-04-01T09:00:00+09:00"),
            ("America/New_York", "2026-03-31T20:00:00-04:00"),
        ] {
            assert_eq!(Zone::load(name).unwrap().rfc3339(Time::START), stamp);
        }
    }

    #[test]
    fn sundays_of_2026() {
        let day =
            |month, which| Time::from_micros(sunday(2026, month, which) * 1_000_000).to_string();
        assert_eq!(day(3, 2), "2026-03-08T00:00:00Z");
        assert_eq!(day(3, -1), "2026-03-29T00:00:00Z");
        assert_eq!(day(10, -1), "2026-10-25T00:00:00Z");
        assert_eq!(day(11, 1), "2026-11-01T00:00:00Z");
        assert_eq!(day(4, 1), "2026-04-05T00:00:00Z");
        assert_eq!(day(9, -1), "2026-09-27T00:00:00Z");
    }
}
