//! Where everything in the picture stands, in whole pixels: a function of the picture and the room there is.
//!
//! Above, the control plane in the order of its work; below it the sea with one boat a node in rows and columns, and
//! the Services' cards at the shore. Pods shrink when there are many ([`PodSize`]); from [`CROWD`] on they are squares,
//! which the page draws a whole deck at a time. Nothing overlaps: if it does not fit, the picture grows downwards.

mod boats;
mod gauges;
mod quay;
mod walk;

use std::rc::Rc;

pub use boats::{BoatPlace, PodSize};
pub use gauges::{GaugePlace, Segment};
pub use quay::{ServicePlace, Way, Wire, way};
pub use walk::{Step, keys, place_of, walk};

use super::picture::{CROWD, Picture, Plight, PodView};

/// A rectangle; y grows downwards.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Rect {
    /// Left edge.
    pub x: i32,
    /// Upper edge.
    pub y: i32,
    /// Width.
    pub width: i32,
    /// Height.
    pub height: i32,
}

impl Rect {
    /// A rectangle.
    pub const fn new(x: i32, y: i32, width: i32, height: i32) -> Self {
        Self { x, y, width, height }
    }

    /// The point in its middle.
    pub const fn middle(&self) -> (i32, i32) {
        (self.x + self.width / 2, self.y + self.height / 2)
    }
}

/// A Pod that is drawn by itself: in the queue, or on the deck of a picture without a crowd.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodPlace {
    /// The Pod.
    pub pod: Rc<PodView>,
    /// Where.
    pub rect: Rect,
    /// Whether it stands in the queue.
    pub queued: bool,
    /// What befell the machine that it stands on.
    pub plight: Plight,
    /// The point around which it leans with its boat, from its own corner; none if the boat is upright.
    pub lean: Option<(i32, i32)>,
}

/// The whole layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// Width of the picture.
    pub width: i32,
    /// Height of the picture; at least the room there was.
    pub height: i32,
    /// Where the sea begins.
    pub horizon: i32,
    /// The API server's box.
    pub api: Rect,
    /// The controllers' box.
    pub controllers: Rect,
    /// The scheduler's box, with the queue in it.
    pub scheduler: Rect,
    /// How many Pods of the queue are not shown.
    pub queue_hidden: usize,
    /// The Deployments' gauges.
    pub gauges: Vec<GaugePlace>,
    /// How many Deployments have no gauge for want of room.
    pub gauges_hidden: usize,
    /// How Pods on decks are drawn.
    pub size: PodSize,
    /// The boats, in the picture's order.
    pub boats: Vec<BoatPlace>,
    /// Pods drawn one by one.
    pub pods: Vec<PodPlace>,
    /// The Services' cards.
    pub services: Vec<ServicePlace>,
}

/// Space at the picture's edges and between the parts above the sea.
pub(super) const MARGIN: i32 = 18;
/// Below this width the control plane stands in two rows.
const NARROW: i32 = 620;
/// Height of the control plane's boxes.
const BOX: i32 = 100;
/// Height of a row of the queue.
const QUEUE_ROW: i32 = 23;
/// Rows of the queue that are shown.
const QUEUE_ROWS: usize = 3;
/// The mark of a Pod in the queue.
const QUEUED: (i32, i32) = (102, 19);

/// Lays a picture out in a room of this size.
pub fn chart(picture: &Picture, width: i32, height: i32) -> Chart {
    let width = width.max(280);
    let (api, controllers, scheduler) = control_plane(width);
    let horizon = scheduler.y + scheduler.height + 12;
    let shore = quay::cards(picture, width);
    let (gauges, gauges_hidden, head) = gauges::gauges(picture, width, horizon);
    let sea = Rect::new(0, horizon + head, width, height - horizon - head - shore.height);
    let (size, mut boats, bottom) = boats::boats(picture, &sea);
    let height = (bottom + shore.height).max(height);
    let services = quay::place(picture, &shore, height, &boats);
    let queue = queue(picture, &scheduler);
    let mut pods = queue;
    if !size.is_crowd() {
        for place in &mut boats {
            pods.extend(place.pods(size));
        }
    }
    Chart {
        width,
        height,
        horizon,
        api,
        controllers,
        scheduler,
        queue_hidden: picture.queue.len().saturating_sub(QUEUE_ROWS),
        gauges,
        gauges_hidden,
        size,
        boats,
        pods,
        services,
    }
}

/// API server, controllers, scheduler: side by side, or the scheduler below the others where it is narrow.
fn control_plane(width: i32) -> (Rect, Rect, Rect) {
    let room = width - 2 * MARGIN;
    let top = 12;
    if width < NARROW {
        let gap = 10;
        let half = (room - gap) / 2;
        let low = 66;
        return (
            Rect::new(MARGIN, top, half, low),
            Rect::new(MARGIN + half + gap, top, room - half - gap, low),
            Rect::new(MARGIN, top + low + 8, room, BOX),
        );
    }
    let gap = 42;
    let (api, controllers) = (112, 170);
    let rest = room - api - controllers - 2 * gap;
    (
        Rect::new(MARGIN, top, api, BOX),
        Rect::new(MARGIN + api + gap, top, controllers, BOX),
        Rect::new(MARGIN + api + controllers + 2 * gap, top, rest, BOX),
    )
}

fn queue(picture: &Picture, scheduler: &Rect) -> Vec<PodPlace> {
    let mut y = scheduler.y + 28;
    let mut places = Vec::new();
    for pod in picture.queue.iter().take(QUEUE_ROWS) {
        let rect = Rect::new(scheduler.x + 12, y, QUEUED.0, QUEUED.1);
        places.push(PodPlace {
            pod: Rc::clone(pod),
            rect,
            queued: true,
            plight: Plight::Afloat,
            lean: None,
        });
        y += QUEUE_ROW;
    }
    places
}

/// Where a Pod comes from that is seen on a deck for the first time: the head of the queue.
pub fn gangway(chart: &Chart) -> (i32, i32) {
    (chart.scheduler.x + 12, chart.scheduler.y + 28)
}

/// As many characters of a text as fit a width, the last one an ellipsis if some are left out. Wide (East Asian)
/// characters count for two narrow ones.
pub fn fit(text: &str, width: i32, narrow: i32) -> String {
    let mut room = width / narrow.max(1);
    let cost = |c: char| if u32::from(c) < 0x2e80 { 1 } else { 2 };
    if text.chars().map(cost).sum::<i32>() <= room {
        return text.to_owned();
    }
    room -= 1;
    let mut out = String::new();
    for c in text.chars() {
        room -= cost(c);
        if room < 0 {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

/// The same for names whose end tells them apart: what is left out stands in the middle.
pub fn fit_name(name: &str, width: i32, narrow: i32) -> String {
    let room = usize::try_from(width / narrow.max(1)).unwrap_or(0);
    let count = name.chars().count();
    let tail = 5.min(room / 2);
    if count <= room || room < 8 {
        return fit(name, width, narrow);
    }
    let head = name.chars().take(room - tail - 1);
    head.chain(['…']).chain(name.chars().skip(count - tail)).collect()
}

/// Whether a picture is a crowd.
fn crowded(picture: &Picture) -> bool {
    picture.pods >= CROWD
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_where_it_does_not_fit() {
        assert_eq!(fit("web", 40, 6), "web");
        assert_eq!(fit("webserver", 36, 6), "webse…");
        assert_eq!(fit("小舟の港", 36, 6), "小舟…");
        assert_eq!(fit_name("web-68f4dcd77b-xwfrv", 84, 6), "web-68f4…xwfrv");
        assert_eq!(fit_name("web", 84, 6), "web");
    }

    #[test]
    fn an_empty_harbour_fills_its_room() {
        let chart = chart(&Picture::default(), 1000, 480);
        assert_eq!((chart.width, chart.height), (1000, 480));
        assert!(chart.boats.is_empty() && chart.pods.is_empty());
    }

    #[test]
    fn narrow_pages_stack_the_control_plane() {
        let chart = chart(&Picture::default(), 360, 480);
        assert!(chart.scheduler.y > chart.api.y + chart.api.height);
        assert!(chart.scheduler.x + chart.scheduler.width <= 360);
    }
}
