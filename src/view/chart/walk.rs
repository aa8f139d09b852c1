//! Walking the picture with the arrow keys: queue, Deployments, boat by boat with their Pods, then the Services.
//!
//! Left and Right go to the neighbour; Up and Down to the next group (the queue, the Deployments, a boat, the shore); Home and End to
//! the ends.

use super::{Chart, Rect};
use crate::object::Key;

/// Where to go.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// To the one before.
    Left,
    /// To the one after.
    Right,
    /// To the head of the group before.
    Up,
    /// To the head of the group after.
    Down,
    /// To the first.
    Home,
    /// To the last.
    End,
}

/// Where a step leads; from nowhere, to the first. `None` in an empty picture.
pub fn walk(chart: &Chart, from: Option<&Key>, step: Step) -> Option<Key> {
    let groups = keys(chart);
    let at = groups.iter().enumerate().find_map(|(group, keys)| {
        let index = keys.iter().position(|key| Some(*key) == from)?;
        Some((group, index))
    });
    let flat = || groups.iter().flatten().copied();
    let found = match (at, step) {
        (None | Some(_), Step::End) => flat().last(),
        (None, _) | (_, Step::Home) => flat().next(),
        (Some((group, index)), Step::Left) => {
            let before: usize = groups.iter().take(group).map(Vec::len).sum();
            flat().nth((before + index).saturating_sub(1))
        }
        (Some((group, index)), Step::Right) => {
            let before: usize = groups.iter().take(group).map(Vec::len).sum();
            flat().nth(before + index + 1).or_else(|| flat().last())
        }
        (Some((group, 0)), Step::Up) => groups.get(group.saturating_sub(1))?.first().copied(),
        (Some((group, _)), Step::Up) => groups.get(group)?.first().copied(),
        (Some((group, _)), Step::Down) => groups.get(group + 1).or(groups.last())?.first().copied(),
    };
    found.cloned()
}

/// Everything in the picture that can be selected, group by group.
pub fn keys(chart: &Chart) -> Vec<Vec<&Key>> {
    let queue = chart.pods.iter().filter(|place| place.queued).map(|place| &place.pod.key);
    let gauges = chart.gauges.iter().map(|place| &place.workload.key);
    let mut groups = vec![queue.collect::<Vec<_>>(), gauges.collect()];
    for place in &chart.boats {
        let pods = place.boat.pods.iter().map(|pod| &pod.key);
        groups.push(std::iter::once(&place.boat.key).chain(pods).collect());
    }
    groups.push(chart.services.iter().map(|place| &place.service.key).collect());
    groups.retain(|group| !group.is_empty());
    groups
}

/// Where a thing stands; `None` if the picture does not show it.
pub fn place_of(chart: &Chart, key: &Key) -> Option<Rect> {
    let pod = chart.pods.iter().find(|place| place.pod.key == *key).map(|place| place.rect);
    let gauge = || chart.gauges.iter().find(|place| place.workload.key == *key);
    let service = || chart.services.iter().find(|place| place.service.key == *key);
    let boat = || chart.boats.iter().find(|place| place.boat.key == *key).map(|place| place.hull);
    let crowded = || {
        chart.boats.iter().find_map(|place| {
            let index = place.boat.pods.iter().position(|pod| pod.key == *key)?;
            Some(place.slot(index, chart.size))
        })
    };
    pod.or_else(|| gauge().map(|place| place.rect))
        .or_else(|| service().map(|place| place.rect))
        .or_else(boat)
        .or_else(crowded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::chart::boats::tests::harbour;
    use crate::view::chart::chart;
    use crate::view::picture::Picture;

    #[test]
    fn arrow_keys_lead_everywhere() {
        let chart = chart(&harbour(2, 2), 1000, 500);
        let mut at: Option<Key> = None;
        let mut trail = Vec::new();
        for step in [Step::Right, Step::Right, Step::Down, Step::Left, Step::Up, Step::End] {
            at = walk(&chart, at.as_ref(), step);
            trail.push(at.as_ref().map(|key| key.name.to_string()).unwrap_or_default());
        }
        assert_eq!(trail, ["node-0", "p-0-0", "node-1", "p-0-1", "node-0", "p-1-1"]);
    }

    #[test]
    fn an_empty_picture_leads_nowhere() {
        assert_eq!(walk(&chart(&Picture::default(), 1000, 500), None, Step::Right), None);
    }
}
