//! What names, labels and keys may look like, and the sentence for each way of getting it wrong.
//!
//! Every function answers with the list of complaints, empty if there are none.
//! Models kubernetes apimachinery `pkg/util/validation/validation.go` and `pkg/api/validate/content`.

const LABEL_FORMAT: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const NAME_PART_FORMAT: &str = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";

/// The longest label, in bytes.
const LABEL_LENGTH_MAX: usize = 63;
/// The longest subdomain or key, in bytes.
const SUBDOMAIN_LENGTH_MAX: usize = 253;

/// The complaint about a text that a pattern does not match.
pub fn pattern_error(message: &str, format: &str, examples: &[&str]) -> String {
    // Upstream joins several examples with a blank too many.
    let examples: Vec<String> = examples.iter().map(|example| format!("'{example}', ")).collect();
    let examples = match examples.len() {
        0 => String::new(),
        _ => format!("e.g. {}", examples.join(" or ")),
    };
    format!("{message} ({examples}regex used for validation is '{format}')")
}

fn too_long(length_max: usize) -> String {
    format!("must be no more than {length_max} characters")
}

/// The complaint about a number outside a range.
pub fn range_error(low: i64, high: i64) -> String {
    format!("must be between {low} and {high}, inclusive")
}

/// `[first]([middle]*[last])?` over bytes.
fn framed(text: &str, edge: impl Fn(u8) -> bool, middle: impl Fn(u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    match (bytes.first(), bytes.last()) {
        (Some(first), Some(last)) => {
            edge(*first) && edge(*last) && bytes.iter().all(|byte| middle(*byte))
        }
        _ => false,
    }
}

fn is_lower_alphanumeric(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

fn matches_label(text: &str) -> bool {
    framed(text, is_lower_alphanumeric, |byte| is_lower_alphanumeric(byte) || byte == b'-')
}

fn matches_subdomain(text: &str) -> bool {
    text.split('.').all(matches_label)
}

fn matches_name_part(text: &str) -> bool {
    framed(
        text,
        |byte| byte.is_ascii_alphanumeric(),
        |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'),
    )
}

/// An RFC 1123 label: names of Namespaces, containers, volumes.
pub fn dns1123_label(text: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    if text.len() > LABEL_LENGTH_MAX {
        complaints.push(too_long(LABEL_LENGTH_MAX));
    }
    if !matches_label(text) {
        complaints.push(if matches_subdomain(text) {
            "must not contain dots".to_owned()
        } else {
            pattern_error(
                "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
                LABEL_FORMAT,
                &["my-name", "123-abc"],
            )
        });
    }
    complaints
}

/// An RFC 1123 subdomain: names of most objects.
pub fn dns1123_subdomain(text: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    if text.len() > SUBDOMAIN_LENGTH_MAX {
        complaints.push(too_long(SUBDOMAIN_LENGTH_MAX));
    }
    if !matches_subdomain(text) {
        complaints.push(pattern_error(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
            &format!("{LABEL_FORMAT}(\\.{LABEL_FORMAT})*"),
            &["example.com"],
        ));
    }
    complaints
}

/// A subdomain behind `*.`: hosts of Ingresses.
pub fn wildcard_subdomain(text: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    if text.len() > SUBDOMAIN_LENGTH_MAX {
        complaints.push(too_long(SUBDOMAIN_LENGTH_MAX));
    }
    if !text.strip_prefix("*.").is_some_and(matches_subdomain) {
        complaints.push(pattern_error(
            "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
            &format!("\\*\\.{LABEL_FORMAT}(\\.{LABEL_FORMAT})*"),
            &["*.example.com"],
        ));
    }
    complaints
}

/// A subdomain in which labels may begin with and hold underscores: DNS search paths.
pub fn dns1123_subdomain_with_underscore(text: &str) -> Vec<String> {
    const FORMAT: &str = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
    let mut complaints = Vec::new();
    if text.len() > SUBDOMAIN_LENGTH_MAX {
        complaints.push(too_long(SUBDOMAIN_LENGTH_MAX));
    }
    let good = text.split('.').all(|label| {
        framed(label.strip_prefix('_').unwrap_or(label), is_lower_alphanumeric, |byte| {
            is_lower_alphanumeric(byte) || matches!(byte, b'-' | b'_')
        })
    });
    if !good {
        complaints.push(pattern_error(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
            &format!("{FORMAT}(\\.{FORMAT})*"),
            &["example.com"],
        ));
    }
    complaints
}

/// An RFC 1035 label: one that begins with a letter.
pub fn dns1035_label(text: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    if text.len() > LABEL_LENGTH_MAX {
        complaints.push(too_long(LABEL_LENGTH_MAX));
    }
    if !matches_label(text) || !text.starts_with(|letter: char| letter.is_ascii_lowercase()) {
        complaints.push(pattern_error(
            "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
            "[a-z]([-a-z0-9]*[a-z0-9])?",
            &["my-name", "abc-123"],
        ));
    }
    complaints
}

/// A label key: a name with an optional subdomain before a slash.
pub fn qualified_name(text: &str) -> Vec<String> {
    const MESSAGE: &str = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
    const EXAMPLES: &[&str] = &["MyName", "my.name", "123-abc"];
    let mut complaints = Vec::new();
    let mut parts = text.split('/');
    let (first, second, third) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
    let name = match (second, third) {
        (None, _) => first,
        (Some(name), None) => {
            if first.is_empty() {
                complaints.push("prefix part must be non-empty".to_owned());
            } else {
                let found = dns1123_subdomain(first);
                complaints
                    .extend(found.into_iter().map(|complaint| format!("prefix part {complaint}")));
            }
            name
        }
        (Some(_), Some(_)) => {
            let complaint =
                pattern_error(&format!("a valid label key {MESSAGE}"), NAME_PART_FORMAT, EXAMPLES);
            return vec![
                complaint
                    + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
            ];
        }
    };
    if name.is_empty() {
        complaints.push("name part must be non-empty".to_owned());
    } else if name.len() > LABEL_LENGTH_MAX {
        complaints.push(format!("name part must be no more than {LABEL_LENGTH_MAX} bytes"));
    }
    if !matches_name_part(name) {
        complaints.push(pattern_error(&format!("name part {MESSAGE}"), NAME_PART_FORMAT, EXAMPLES));
    }
    complaints
}

/// A label's value; may be empty.
pub fn label_value(text: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    if text.len() > LABEL_LENGTH_MAX {
        complaints.push(format!("must be no more than {LABEL_LENGTH_MAX} bytes"));
    }
    if !text.is_empty() && !matches_name_part(text) {
        complaints.push(pattern_error(
            "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
            "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?",
            &["MyValue", "my_value", "12345"],
        ));
    }
    complaints
}

/// A key in a ConfigMap or Secret: a file name.
pub fn config_map_key(text: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    if text.len() > SUBDOMAIN_LENGTH_MAX {
        complaints.push(too_long(SUBDOMAIN_LENGTH_MAX));
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    if text.is_empty() || !text.bytes().all(allowed) {
        complaints.push(pattern_error(
            "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
            "[-._a-zA-Z0-9]+",
            &["key.name", "KEY_NAME", "key-name"],
        ));
    }
    complaints.extend(change_directory(text));
    complaints
}

fn change_directory(text: &str) -> Option<String> {
    match text {
        "." => Some("must not be '.'".to_owned()),
        ".." => Some("must not be '..'".to_owned()),
        _ if text.starts_with("..") => Some("must not start with '..'".to_owned()),
        _ => None,
    }
}

/// The name of an environment variable, by the strict rule.
pub fn env_name(text: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    let digit_first = text.starts_with(|letter: char| letter.is_ascii_digit());
    if text.is_empty() || digit_first || !text.bytes().all(allowed) {
        complaints.push(pattern_error(
            "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit",
            "[-._a-zA-Z][-._a-zA-Z0-9]*",
            &["my.env-name", "MY_ENV.NAME", "MyEnvName1"],
        ));
    }
    complaints.extend(change_directory(text));
    complaints
}

/// The name of an environment variable, by the rule that the server applies since 1.34: printable ASCII but `=`.
pub fn relaxed_env_name(text: &str) -> Vec<String> {
    if text.is_empty() {
        return vec!["environment variable name must be non-empty".to_owned()];
    }
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte) && byte != b'=') {
        return Vec::new();
    }
    vec![
        "a valid environment variable name must consist only of printable ASCII characters other than '='"
            .to_owned(),
    ]
}

/// The name of a port.
pub fn port_name(text: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    if text.len() > 15 {
        complaints.push(too_long(15));
    }
    if text.is_empty() || !text.bytes().all(|byte| is_lower_alphanumeric(byte) || byte == b'-') {
        complaints.push(
            "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)".to_owned(),
        );
    }
    if !text.bytes().any(|byte| byte.is_ascii_lowercase()) {
        complaints.push("must contain at least one letter (a-z)".to_owned());
    }
    if text.contains("--") {
        complaints.push("must not contain consecutive hyphens".to_owned());
    }
    if text.starts_with('-') || text.ends_with('-') {
        complaints.push("must not begin or end with a hyphen".to_owned());
    }
    complaints
}

/// The number of a port.
pub fn port_number(number: i32) -> Vec<String> {
    if (1..=65535).contains(&number) { Vec::new() } else { vec![range_error(1, 65535)] }
}

/// A percentage: digits and `%`.
pub fn percent(text: &str) -> Vec<String> {
    let digits = text.strip_suffix('%').unwrap_or_default();
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Vec::new();
    }
    vec![pattern_error(
        "a valid percent string must be a numeric string followed by an ending '%'",
        "[0-9]+%",
        &["1%", "93%"],
    )]
}

/// The name of an HTTP header.
pub fn http_header_name(text: &str) -> Vec<String> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Vec::new();
    }
    vec![pattern_error(
        "a valid HTTP header must consist of alphanumeric characters or '-'",
        "[-A-Za-z0-9]+",
        &["X-Header-Name"],
    )]
}

/// A user's or group's number.
pub fn user_number(number: i64) -> Vec<String> {
    if (0..=0xffff_ffff).contains(&number) { Vec::new() } else { vec![range_error(0, 0xffff_ffff)] }
}

/// A rule as applied to `generateName`: the letters to come make a trailing dash good.
pub fn as_prefix(rule: fn(&str) -> Vec<String>, prefix: &str) -> Vec<String> {
    match prefix.strip_suffix('-') {
        Some(kept) if !kept.is_empty() => rule(&format!("{kept}a")),
        _ => rule(prefix),
    }
}

/// What may stand in a path, as the names of roles (apimachinery `pkg/api/validation/path`).
pub fn path_segment(text: &str) -> Vec<String> {
    if matches!(text, "." | "..") {
        return vec![format!("may not be '{text}'")];
    }
    let found = ["/", "%"].into_iter().filter(|part| text.contains(part));
    found.map(|part| format!("may not contain '{part}'")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints_read_as_upstream_writes_them() {
        assert_eq!(dns1123_label("a.b"), ["must not contain dots"]);
        assert_eq!(
            dns1123_label("x y"),
            [
                "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
            ]
        );
        assert_eq!(
            port_name("--"),
            [
                "must contain at least one letter (a-z)",
                "must not contain consecutive hyphens",
                "must not begin or end with a hyphen"
            ]
        );
        assert_eq!(qualified_name("/x"), ["prefix part must be non-empty"]);
        assert_eq!(config_map_key(".."), ["must not be '..'"]);
        assert_eq!(env_name("..a"), ["must not start with '..'"]);
    }

    #[test]
    fn good_names_pass() {
        assert!(dns1123_subdomain("a.b-c.d").is_empty());
        assert!(qualified_name("example.com/My_Name.x").is_empty());
        assert!(label_value("").is_empty());
        assert!(as_prefix(dns1123_subdomain, "web-").is_empty());
        assert!(relaxed_env_name("1 a").is_empty());
    }
}
