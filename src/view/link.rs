//! Links into the page: what stands behind `#` in the address, and which language a link asks for.
//!
//! `#/lessons` is the list, `#/lesson/ID` a lesson, `#/lesson/ID/2` its second step; no fragment is the learner's own
//! world. `?lang=ja` may stand before or behind the `#`.

use super::Lang;

/// The longest part of an unknown link that is shown.
const SHOWN_CHARS: usize = 60;

/// Where a link leads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Route {
    /// The learner's own world.
    #[default]
    Own,
    /// The list of lessons, beside the own world.
    Lessons,
    /// A lesson, and its step if one is named, from 0.
    Lesson(String, Option<usize>),
    /// Nowhere that this version knows.
    Unknown(String),
}

/// Reads what stands behind `#`.
pub fn route(fragment: &str) -> Route {
    let path = fragment.split('?').next().unwrap_or_default();
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        [] => Route::Own,
        ["lessons"] => Route::Lessons,
        ["lesson", id] => Route::Lesson((*id).to_owned(), None),
        ["lesson", id, step] => match step.parse::<usize>() {
            Ok(step) if step > 0 => Route::Lesson((*id).to_owned(), Some(step - 1)),
            _ => Route::Lesson((*id).to_owned(), None),
        },
        _ => Route::Unknown(fragment.chars().take(SHOWN_CHARS).collect()),
    }
}

/// The link to a step of a lesson, counted from 0.
pub fn to_step(lesson: &str, step: usize) -> String {
    format!("#/lesson/{lesson}/{}", step + 1)
}

/// Whether an id can be one: it becomes part of an address that is fetched.
pub fn is_lesson_id(id: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !id.is_empty() && id.len() <= SHOWN_CHARS && id.chars().all(plain)
}

/// The language that a link asks for, in its query or behind its fragment.
pub fn lang(search: &str, fragment: &str) -> Option<Lang> {
    let queries =
        [search.trim_start_matches('?'), fragment.split_once('?').map_or("", |(_, query)| query)];
    let pairs = queries.iter().flat_map(|query| query.split('&'));
    pairs.filter_map(|pair| pair.strip_prefix("lang=")).find_map(Lang::from_tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_somewhere() {
        let lesson = |step| Route::Lesson("self-healing".to_owned(), step);
        for (fragment, route_to) in [
            ("", Route::Own),
            ("/", Route::Own),
            ("/lessons", Route::Lessons),
            ("/lesson/self-healing", lesson(None)),
            ("/lesson/self-healing/", lesson(None)),
            ("/lesson/self-healing/2", lesson(Some(1))),
            ("/lesson/self-healing/0", lesson(None)),
            ("/lesson/self-healing/x?lang=ja", lesson(None)),
            ("/no/such", Route::Unknown("/no/such".to_owned())),
        ] {
            assert_eq!(route(fragment), route_to, "{fragment}");
        }
        assert_eq!(route(to_step("self-healing", 1).trim_start_matches('#')), lesson(Some(1)));
    }

    #[test]
    fn a_link_may_ask_for_a_language() {
        assert_eq!(lang("?a=b&lang=ja", ""), Some(Lang::Ja));
        assert_eq!(lang("", "/lesson/x?lang=en-GB"), Some(Lang::En));
        assert_eq!(lang("?lang=xx", "/lesson/x"), None);
    }

    #[test]
    fn an_id_is_no_path() {
        assert!(is_lesson_id("self-healing"));
        for id in ["", "..", "a/b", "A", "x.json", "\u{3042}"] {
            assert!(!is_lesson_id(id), "{id}");
        }
    }
}
