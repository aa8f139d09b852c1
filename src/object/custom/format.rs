//! The formats of texts that a schema may ask for. Models kube-openapi `pkg/validation/strfmt`.
//!
//! *Differs:* of those that are checked upstream, credit cards, books, colours and such are let through.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::manifest::base64;

/// What is known beside the formats of texts: those of numbers.
const NUMBERS: [&str; 4] = ["int32", "int64", "float", "double"];

const TEXTS: [&str; 13] = [
    "byte",
    "cidr",
    "date",
    "date-time",
    "datetime",
    "duration",
    "email",
    "hostname",
    "ipv4",
    "ipv6",
    "password",
    "uri",
    "uuid",
];

/// Whether a schema's format says anything.
pub(super) fn is_known(format: &str) -> bool {
    NUMBERS.contains(&format) || TEXTS.contains(&format)
}

/// Whether a text is in a format; any text is in one that is not known.
pub(super) fn fits(format: &str, text: &str) -> bool {
    match format {
        "byte" => base64::decode(text).is_ok(),
        "cidr" => text.split_once('/').is_some_and(|(address, length)| {
            let bits = match (address.parse::<Ipv4Addr>(), address.parse::<Ipv6Addr>()) {
                (Ok(_), _) => 32,
                (_, Ok(_)) => 128,
                (Err(_), Err(_)) => return false,
            };
            length.parse::<u8>().is_ok_and(|length| length <= bits)
        }),
        "date" => format!("{text}T00:00:00Z").parse::<jiff::Timestamp>().is_ok(),
        "date-time" | "datetime" => text.parse::<jiff::Timestamp>().is_ok(),
        "duration" => crate::time::parse_go_duration(text).is_ok(),
        "email" => text.split_once('@').is_some_and(|(before, after)| {
            let plain = |part: &str| !part.is_empty() && !part.contains([' ', '@', ',']);
            plain(before) && plain(after)
        }),
        "hostname" => crate::object::names::dns1123_subdomain(&text.to_lowercase()).is_empty(),
        "ipv4" => text.parse::<Ipv4Addr>().is_ok(),
        "ipv6" => text.parse::<Ipv6Addr>().is_ok(),
        "uri" => {
            text.starts_with('/')
                || text.split_once(':').is_some_and(|(scheme, _)| {
                    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
                })
        }
        "uuid" => {
            let digits = text.chars().filter(|c| *c != '-');
            digits.clone().count() == 32 && digits.clone().all(|c| c.is_ascii_hexdigit())
        }
        _ => true,
    }
}
