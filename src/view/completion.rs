//! What Tab does to a line: one candidate is taken, several are taken as far as they agree.

use crate::shell::Completion;

/// The line after Tab, and the candidates to choose from if it is not decided.
pub fn complete(line: &str, completion: &Completion) -> (String, Vec<String>) {
    let head: String = line.chars().take(completion.start).collect();
    match completion.candidates.as_slice() {
        [] => (line.to_owned(), Vec::new()),
        [only] => {
            let end = if only.text.ends_with(['/', '=']) { "" } else { " " };
            (format!("{head}{}{end}", only.text), Vec::new())
        }
        many => {
            let texts: Vec<String> = many.iter().map(|candidate| candidate.text.clone()).collect();
            let common = common_prefix(&texts);
            let typed = line.chars().count() - head.chars().count();
            let line = if common.chars().count() >= typed {
                format!("{head}{common}")
            } else {
                line.to_owned()
            };
            (line, texts)
        }
    }
}

fn common_prefix(texts: &[String]) -> String {
    let Some((first, rest)) = texts.split_first() else { return String::new() };
    let agree = |at: usize, c: char| rest.iter().all(|text| text.chars().nth(at) == Some(c));
    first.chars().enumerate().take_while(|(at, c)| agree(*at, *c)).map(|(_, c)| c).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::Candidate;

    fn tab(line: &str, start: usize, texts: &[&str]) -> (String, usize) {
        let candidate = |text: &&str| Candidate { text: (*text).to_owned(), note: String::new() };
        let completion = Completion { start, candidates: texts.iter().map(candidate).collect() };
        let (line, rest) = complete(line, &completion);
        (line, rest.len())
    }

    #[test]
    fn takes_what_is_certain() {
        for (line, start, texts, want) in [
            ("kub", 0, &["kubectl"][..], ("kubectl ", 0)),
            ("cat we", 4, &["web/"], ("cat web/", 0)),
            ("cat w", 4, &["web-1", "web-2"], ("cat web-", 2)),
            ("cat x", 4, &[], ("cat x", 0)),
            ("cat '舟", 4, &["小舟", "小川"], ("cat '舟", 2)),
        ] {
            let (wanted, count) = want;
            assert_eq!(tab(line, start, texts), (wanted.to_owned(), count), "{line}");
        }
    }
}
