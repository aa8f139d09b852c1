//! Why a Pod waits, in few words: the scheduler's sentence taken apart, so that it can be told in any language.
//!
//! Reads the message of the `PodScheduled` condition, which kubernetes `pkg/scheduler/framework/types.go`
//! (FitError.Error) writes: `0/3 nodes are available: 2 Insufficient cpu, 1 node(s) were unschedulable. preemption: …`.

use crate::order;
use crate::view::{Lang, Text};

/// One reason and on how many nodes it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hindrance {
    /// On so many nodes.
    pub nodes: usize,
    /// The plugin's words.
    pub reason: String,
}

/// The reasons in a `FitError`'s message, most frequent first; empty if it is another kind of message.
pub fn hindrances(message: &str) -> Vec<Hindrance> {
    let Some((_, rest)) = message.split_once(" nodes are available: ") else { return Vec::new() };
    let list = rest.split(". ").next().unwrap_or(rest).trim_end_matches('.');
    let mut found: Vec<_> = list.split(", ").filter_map(hindrance).collect();
    order::sort_by_key(&mut found, |hindrance| std::cmp::Reverse(hindrance.nodes));
    found
}

fn hindrance(part: &str) -> Option<Hindrance> {
    let (count, reason) = part.split_once(' ')?;
    Some(Hindrance { nodes: count.parse().ok()?, reason: reason.to_owned() })
}

/// How many nodes the message speaks of.
fn total(message: &str) -> Option<usize> {
    message.strip_prefix("0/")?.split(' ').next()?.parse().ok()
}

/// The chip beside a waiting Pod.
pub fn waiting_text(message: &str, lang: Lang) -> String {
    let found = hindrances(message);
    if found.is_empty() {
        return message.to_owned();
    }
    let total = total(message).unwrap_or_else(|| found.iter().map(|reason| reason.nodes).sum());
    let parts: Vec<_> = found
        .iter()
        .map(|hindrance| {
            let words = plain(&hindrance.reason, lang);
            if hindrance.nodes == total {
                words
            } else {
                Text::OnNodes
                    .fill(lang, &[&words, &hindrance.nodes.to_string(), &total.to_string()])
            }
        })
        .collect();
    Text::PendingBecause.fill(lang, &[&parts.join(if lang == Lang::Ja { "、" } else { ", " })])
}

/// A plugin's words in the learner's language, where they are known.
fn plain(reason: &str, lang: Lang) -> String {
    let text = match reason {
        "Insufficient cpu" => Text::LacksCpu,
        "Insufficient memory" => Text::LacksMemory,
        "Insufficient ephemeral-storage" => Text::LacksStorage,
        "Too many pods" => Text::TooManyPods,
        "node(s) didn't match Pod's node affinity/selector" => Text::SelectorMismatch,
        "node(s) were unschedulable" => Text::Cordoned,
        _ if reason.starts_with("node(s) had untolerated taint") => Text::Tainted,
        _ => return reason.to_owned(),
    };
    text.tell(lang).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &str = "0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient cpu. preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.";

    #[test]
    fn says_why_in_few_words() {
        assert_eq!(
            waiting_text(MESSAGE, Lang::En),
            "Pending: not enough CPU (2 of 3), cordoned (1 of 3)"
        );
        assert_eq!(
            waiting_text("0/3 nodes are available: 3 Insufficient memory.", Lang::Ja),
            "Pending：メモリが足りない"
        );
    }

    #[test]
    fn leaves_other_messages_alone() {
        assert_eq!(waiting_text("no nodes available", Lang::En), "no nodes available");
    }
}
