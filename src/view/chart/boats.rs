//! The fleet: rows and columns of boats, and the Pods on their decks.

use std::rc::Rc;

use super::{MARGIN, NARROW, PodPlace, Rect, crowded};
use crate::view::picture::{Boat, Picture, Plight};

/// How a Pod on a deck is drawn.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PodSize {
    /// A container with its name and version.
    Labelled,
    /// A container without words.
    Small,
    /// A square, drawn with its whole deck.
    Square,
    /// A dot, drawn with its whole deck.
    Dot,
}

impl PodSize {
    /// Width and height of a Pod with the space to its neighbour.
    pub const fn pitch(self) -> (i32, i32) {
        match self {
            Self::Labelled => (54, 42),
            Self::Small => (24, 22),
            Self::Square => (12, 12),
            Self::Dot => (6, 6),
        }
    }

    /// The space to its neighbour.
    pub const fn gap(self) -> i32 {
        match self {
            Self::Labelled => 6,
            Self::Small => 4,
            Self::Square => 3,
            Self::Dot => 1,
        }
    }

    /// Whether whole decks are drawn at once.
    pub const fn is_crowd(self) -> bool {
        matches!(self, Self::Square | Self::Dot)
    }
}

/// Where a boat lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoatPlace {
    /// The boat.
    pub boat: Rc<Boat>,
    /// Its hull.
    pub hull: Rect,
    /// The room for Pods above it.
    pub deck: Rect,
    /// Where the water stands in the hull, from its bottom.
    pub water: i32,
    /// Whether there is room for one line only.
    pub slim: bool,
}

impl BoatPlace {
    /// The Pod at an index of the deck: rows fill from the left, the first row lowest.
    pub fn slot(&self, index: usize, size: PodSize) -> Rect {
        let (width, height) = size.pitch();
        let columns = (self.deck.width / width).max(1);
        let index = i32::try_from(index).unwrap_or(i32::MAX);
        let (column, row) = (index % columns, index / columns);
        Rect::new(
            self.deck.x + column * width,
            self.deck.y + self.deck.height - (row + 1) * height,
            width - size.gap(),
            height - size.gap(),
        )
    }

    /// Which index of the deck lies at a point, if any Pod does.
    pub fn index_at(&self, x: i32, y: i32, size: PodSize) -> Option<usize> {
        let (width, height) = size.pitch();
        let columns = (self.deck.width / width).max(1);
        let (column, row) = (
            (x - self.deck.x).div_euclid(width),
            (self.deck.y + self.deck.height - 1 - y).div_euclid(height),
        );
        if column < 0 || column >= columns || row < 0 {
            return None;
        }
        let index = usize::try_from(row * columns + column).ok()?;
        (index < self.boat.pods.len()).then_some(index)
    }

    /// Its Pods one by one.
    pub(super) fn pods(&self, size: PodSize) -> impl Iterator<Item = PodPlace> {
        let plight = self.boat.plight;
        let (x, y) = self.hull.middle();
        self.boat.pods.iter().enumerate().map(move |(index, pod)| {
            let rect = self.slot(index, size);
            let lean = (plight == Plight::Dark).then_some((x - rect.x, y - rect.y));
            PodPlace { pod: Rc::clone(pod), rect, queued: false, plight, lean }
        })
    }
}

/// The measure of a fleet: how wide its boats are and how many stand side by side.
#[derive(Copy, Clone, Debug)]
struct Measure {
    columns: i32,
    width: i32,
    hull: i32,
    slim: bool,
}

/// Space between boats, and of the deck to the hull's ends.
const GAP: i32 = 26;
const INSET: i32 = 16;
/// Air above the highest Pod, and water below the hull.
const AIR: i32 = 16;
const WATER: i32 = 22;

/// Lays the fleet out in the sea: the size of Pods, the places, and where it ends.
pub(super) fn boats(picture: &Picture, sea: &Rect) -> (PodSize, Vec<BoatPlace>, i32) {
    let measure = measure(picture.boats.len(), sea.width - 2 * MARGIN);
    let sizes: &[PodSize] = if crowded(picture) {
        &[PodSize::Square, PodSize::Dot]
    } else {
        &[PodSize::Labelled, PodSize::Small]
    };
    // A narrow page is scrolled anyway.
    let room =
        if measure.columns == 1 && measure.width < NARROW { sea.height * 2 } else { sea.height };
    let fits = |size: &&PodSize| height(picture, measure, **size) <= room;
    let size = *sizes.iter().find(fits).or(sizes.last()).unwrap_or(&PodSize::Dot);
    let spare = (sea.height - height(picture, measure, size)).max(0);
    let rows = rows(picture, measure);
    let apart = spare / (i32::try_from(rows.len()).unwrap_or(1) + 1);
    let mut y = sea.y + apart;
    let mut places = Vec::new();
    for row in rows {
        let deck = deck_height(row, measure, size);
        y += AIR;
        for (column, boat) in (0..).zip(row) {
            let x = MARGIN + column * (measure.width + GAP);
            places.push(place(
                boat,
                Rect::new(x, y + deck, measure.width, measure.hull),
                deck,
                measure.slim,
            ));
        }
        y += deck + measure.hull + WATER + apart / 2;
    }
    (size, places, y)
}

fn place(boat: &Rc<Boat>, hull: Rect, deck: i32, slim: bool) -> BoatPlace {
    let percent = i32::try_from(boat.percent()).unwrap_or(0);
    // An empty boat still draws a little water; a full one is under to the rim.
    let water = 5 + (hull.height - 9) * percent / 100;
    BoatPlace {
        boat: Rc::clone(boat),
        hull,
        deck: Rect::new(hull.x + INSET, hull.y - deck - 4, hull.width - 2 * INSET, deck),
        water,
        slim,
    }
}

fn measure(boats: usize, room: i32) -> Measure {
    let boats = i32::try_from(boats).unwrap_or(i32::MAX).max(1);
    let slim = boats > 9;
    let least = if slim { 128 } else { 210 };
    let columns = ((room + GAP) / (least + GAP)).clamp(1, boats);
    // Rows as even as they can be: four boats in two rows of two, not three and one.
    let rows = (boats + columns - 1) / columns;
    let columns = (boats + rows - 1) / rows;
    let width = ((room + GAP) / columns - GAP).min(420);
    Measure { columns, width, hull: if slim { 40 } else { 66 }, slim }
}

fn rows(picture: &Picture, measure: Measure) -> Vec<&[Rc<Boat>]> {
    picture.boats.chunks(usize::try_from(measure.columns).unwrap_or(1)).collect()
}

/// The height of the fullest deck of a row.
fn deck_height(row: &[Rc<Boat>], measure: Measure, size: PodSize) -> i32 {
    let (width, height) = size.pitch();
    let columns = usize::try_from((measure.width - 2 * INSET) / width).unwrap_or(1).max(1);
    let lines = row.iter().map(|boat| boat.pods.len().div_ceil(columns)).max().unwrap_or(0);
    i32::try_from(lines.max(1)).unwrap_or(1) * height
}

fn height(picture: &Picture, measure: Measure, size: PodSize) -> i32 {
    rows(picture, measure)
        .into_iter()
        .map(|row| AIR + deck_height(row, measure, size) + measure.hull + WATER)
        .sum()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::object::{Key, Kind};
    use crate::view::picture::{Health, Look, PodView, Share};

    /// A harbour with so many boats and so many Pods on each.
    pub(crate) fn harbour(boats: usize, pods: usize) -> Picture {
        let pod = |boat: usize, pod: usize| {
            Rc::new(PodView {
                key: Key::new(Kind::Pod, "default", format!("p-{boat}-{pod}")),
                uid: format!("u-{boat}-{pod}").into(),
                app: "web".to_owned(),
                version: "1".to_owned(),
                look: Look::default(),
                owner: None,
                health: Health::Ready,
                status: "Running".to_owned(),
                restarts: 0,
                steps: None,
                running: true,
                probed: false,
                soon: None,
                node: Some(format!("node-{boat}").into()),
                waiting: None,
                cpu_milli: 100,
                memory_bytes: 0,
            })
        };
        let boat = |index: usize| {
            Rc::new(Boat {
                key: Key::cluster(Kind::Node, format!("node-{index}")),
                known: true,
                machine: true,
                plight: Plight::Afloat,
                lost: None,
                soon: None,
                ready: true,
                since: None,
                schedulable: true,
                allocatable: Share { cpu_milli: 4000, memory_bytes: 8 << 30 },
                requested: Share { cpu_milli: 2000, memory_bytes: 0 },
                pods: (0..pods).map(|number| pod(index, number)).collect(),
            })
        };
        Picture { boats: (0..boats).map(boat).collect(), pods: boats * pods, ..Picture::default() }
    }

    #[test]
    fn pods_shrink_before_the_picture_grows() {
        for (nodes, pods, size) in [
            (3, 4, PodSize::Labelled),
            (3, 40, PodSize::Small),
            (3, 100, PodSize::Square),
            (30, 100, PodSize::Dot),
        ] {
            let chart = super::super::chart(&harbour(nodes, pods), 1110, 500);
            assert_eq!(chart.size, size, "{nodes} nodes with {pods} Pods");
        }
    }

    #[test]
    fn nothing_overlaps() {
        for (nodes, pods, width) in [(1, 0, 360), (3, 30, 360), (3, 12, 1110), (20, 8, 1110)] {
            let chart = super::super::chart(&harbour(nodes, pods), width, 500);
            let rects: Vec<Rect> = chart
                .boats
                .iter()
                .map(|place| place.hull)
                .chain(chart.pods.iter().map(|place| place.rect))
                .collect();
            for (index, a) in rects.iter().enumerate() {
                assert!(a.x >= 0 && a.x + a.width <= width, "{a:?} is inside {width}");
                assert!(a.y >= chart.horizon && a.y + a.height <= chart.height, "{a:?}");
                for b in rects.iter().skip(index + 1) {
                    let apart = a.x + a.width <= b.x
                        || b.x + b.width <= a.x
                        || a.y + a.height <= b.y
                        || b.y + b.height <= a.y;
                    assert!(apart, "{a:?} and {b:?} overlap");
                }
            }
        }
    }

    #[test]
    fn a_point_on_a_pod_finds_it() {
        let chart = super::super::chart(&harbour(3, 150), 1110, 500);
        let place = &chart.boats[1];
        for index in [0, 7, 149] {
            let (x, y) = place.slot(index, chart.size).middle();
            assert_eq!(place.index_at(x, y, chart.size), Some(index));
        }
        assert_eq!(place.index_at(place.deck.x - 1, place.deck.y, chart.size), None);
    }
}
