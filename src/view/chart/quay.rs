//! The shore: the Services' cards below the boats, and the lines from each to the boats that answer for it.

use std::rc::Rc;

use super::{BoatPlace, MARGIN, Rect};
use crate::view::picture::{Dot, Picture, ServiceView};

/// A Service's card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServicePlace {
    /// The Service.
    pub service: Rc<ServiceView>,
    /// Its card.
    pub rect: Rect,
    /// Lines to the boats with ready endpoints.
    pub wires: Vec<Wire>,
}

/// A line from a card to a boat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wire {
    /// The name of the node.
    pub node: crate::object::Name,
    /// Where it leaves the card.
    pub from: (i32, i32),
    /// Where it meets the hull.
    pub to: (i32, i32),
    /// How many endpoints it leads to.
    pub endpoints: usize,
}

/// The room that the cards need.
#[derive(Copy, Clone, Debug)]
pub(super) struct Shore {
    columns: usize,
    width: i32,
    /// Height of a card.
    card: i32,
    /// Height of all rows together; zero without cards.
    pub(super) height: i32,
}

const CARD: (i32, i32) = (250, 58);
/// How much higher a card is that tells of requests.
const LOAD: i32 = 20;
const GAP: i32 = 12;
/// Water between the boats and the cards.
const SHORE: i32 = 26;

/// How the cards of a picture stand.
pub(super) fn cards(picture: &Picture, width: i32) -> Shore {
    let room = width - 2 * MARGIN;
    let columns = ((room + GAP) / (CARD.0 + GAP)).max(1);
    let columns = usize::try_from(columns).unwrap_or(1);
    let rows = i32::try_from(picture.services.len().div_ceil(columns)).unwrap_or(0);
    let asked = picture.services.iter().any(|service| service.load.is_some());
    let card = if asked { CARD.1 + LOAD } else { CARD.1 };
    let height = if rows == 0 { 0 } else { SHORE + rows * (card + GAP) };
    Shore { columns, width: CARD.0.min(room), card, height }
}

/// Places the cards at the bottom of a picture of this height.
pub(super) fn place(
    picture: &Picture,
    shore: &Shore,
    height: i32,
    boats: &[BoatPlace],
) -> Vec<ServicePlace> {
    let top = height - shore.height + SHORE;
    let place = |(index, service): (usize, &Rc<ServiceView>)| {
        let column = i32::try_from(index % shore.columns).unwrap_or(0);
        let row = i32::try_from(index / shore.columns).unwrap_or(0);
        let rect = Rect::new(
            MARGIN + column * (shore.width + GAP),
            top + row * (shore.card + GAP),
            shore.width,
            shore.card,
        );
        let wires = boats.iter().filter_map(|boat| wire(service, &rect, boat)).collect();
        ServicePlace { service: Rc::clone(service), rect, wires }
    };
    picture.services.iter().enumerate().map(place).collect()
}

fn wire(service: &ServiceView, card: &Rect, boat: &BoatPlace) -> Option<Wire> {
    let endpoints = *service.ready.get(&boat.boat.key.name)?;
    Some(Wire {
        node: boat.boat.key.name.clone(),
        from: (card.middle().0, card.y),
        to: (boat.hull.middle().0, boat.hull.y + boat.hull.height),
        endpoints,
    })
}

/// The way of a request: from its Service's card to its Pod, or a little way where there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// The way as an SVG path.
    pub path: String,
    /// Where it ends.
    pub end: (i32, i32),
}

/// The way of a request in this picture; `None` if its Service has no card.
pub fn way(chart: &super::Chart, dot: &Dot) -> Option<Way> {
    let place = chart.services.iter().find(|place| place.service.key == dot.service)?;
    let (x, top) = (place.rect.middle().0, place.rect.y);
    let start = format!("M{x} {top}");
    let pod = dot.pod.as_ref().and_then(|pod| {
        chart.boats.iter().find_map(|boat| {
            let index = boat.boat.pods.iter().position(|one| one.key == *pod)?;
            Some((boat, boat.slot(index, chart.size).middle()))
        })
    });
    let Some((boat, end)) = pod else {
        let end = (x, top - 18);
        return Some(Way { path: format!("{start}L{} {}", end.0, end.1), end });
    };
    let keel = (boat.hull.middle().0, boat.hull.y + boat.hull.height);
    let bend = (top - keel.1) / 2;
    let path = format!(
        "{start}C{x} {} {} {} {} {}L{} {}",
        top - bend,
        keel.0,
        keel.1 + bend,
        keel.0,
        keel.1,
        end.0,
        end.1
    );
    Some(Way { path, end })
}

impl Wire {
    /// The line as an SVG path: up from the card, then to the boat, gently.
    pub fn path(&self) -> String {
        let ((x1, y1), (x2, y2)) = (self.from, self.to);
        let bend = (y1 - y2) / 2;
        format!("M{x1} {y1}C{x1} {} {x2} {} {x2} {y2}", y1 - bend, y2 + bend)
    }
}
