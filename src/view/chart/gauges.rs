//! The gauges: a plate for each Deployment at the head of the sea, with the tide of its versions.

use std::rc::Rc;

use super::{MARGIN, Rect};
use crate::view::picture::{Picture, Tide, Workload};

/// A Deployment's plate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GaugePlace {
    /// The Deployment.
    pub workload: Rc<Workload>,
    /// Its plate.
    pub rect: Rect,
}

/// One version's part of a gauge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Left edge, from the plate's.
    pub x: i32,
    /// Width of the part.
    pub width: i32,
    /// Width of what is ready of it.
    pub ready: i32,
}

const PLATE: (i32, i32) = (250, 44);
const GAP: i32 = 10;
/// Rows of plates that are shown.
const ROWS: usize = 2;
/// Space at a plate's sides.
const INSET: i32 = 12;

/// The plates in a sea that begins at `top`; how many Deployments have none; how high they stand together.
pub(super) fn gauges(picture: &Picture, width: i32, top: i32) -> (Vec<GaugePlace>, usize, i32) {
    let room = width - 2 * MARGIN;
    let columns = usize::try_from((room + GAP) / (PLATE.0 + GAP)).unwrap_or(1).max(1);
    let shown = picture.workloads.len().min(columns * ROWS);
    let side = PLATE.0.min(room);
    let place = |(index, workload): (usize, &Rc<Workload>)| {
        let column = i32::try_from(index % columns).unwrap_or(0);
        let row = i32::try_from(index / columns).unwrap_or(0);
        let x = MARGIN + column * (side + GAP);
        let rect = Rect::new(x, top + 12 + row * (PLATE.1 + GAP), side, PLATE.1);
        GaugePlace { workload: Rc::clone(workload), rect }
    };
    let places = picture.workloads.iter().take(shown).enumerate().map(place).collect();
    let rows = i32::try_from(shown.div_ceil(columns)).unwrap_or(0);
    let height = if rows == 0 { 0 } else { 12 + rows * (PLATE.1 + GAP) };
    (places, picture.workloads.len() - shown, height)
}

impl GaugePlace {
    /// The parts of its bar, in the order of its versions. The bar is as long as the Pods there are or shall be.
    pub fn segments(&self) -> Vec<(&Tide, Segment)> {
        let workload = &self.workload;
        let room = self.rect.width - 2 * INSET;
        let whole = workload.pods().max(workload.wanted).max(1);
        let part = |pods: i32| i32::try_from(i64::from(room) * i64::from(pods) / i64::from(whole));
        let mut before = 0;
        let segment = |tide: &'_ Tide| {
            let x = part(before).unwrap_or(0);
            before += tide.pods;
            let end = part(before).unwrap_or(room);
            let ready = part(tide.ready).unwrap_or(0).min(end - x);
            Segment { x: INSET + x, width: end - x, ready }
        };
        let parts: Vec<Segment> = workload.tides.iter().map(segment).collect();
        workload.tides.iter().zip(parts).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::{Key, Kind};
    use crate::view::picture::Look;

    fn workload(name: &str, wanted: i32, tides: &[(i32, i32)]) -> Rc<Workload> {
        let tide = |(revision, (pods, ready)): (i64, &(i32, i32))| Tide {
            set: format!("{name}-{revision}").into(),
            version: revision.to_string(),
            cause: None,
            look: Look::default(),
            revision,
            wanted: *pods,
            pods: *pods,
            ready: *ready,
        };
        Rc::new(Workload {
            key: Key::new(Kind::Deployment, "default", name),
            wanted,
            ready: 0,
            paused: false,
            stalled: false,
            tides: (1..).zip(tides).map(tide).collect(),
            history: Vec::new(),
            bounds: None,
            available: 0,
            message: None,
        })
    }

    #[test]
    fn a_half_rolled_deployment_shows_both_versions_side_by_side() {
        let place = GaugePlace {
            workload: workload("web", 3, &[(2, 2), (2, 1)]),
            rect: Rect::new(0, 0, 224, 44),
        };
        let parts: Vec<_> =
            place.segments().into_iter().map(|(_, at)| (at.x, at.width, at.ready)).collect();
        assert_eq!(parts, [(12, 100, 100), (112, 100, 50)]);
    }

    #[test]
    fn plates_stand_apart_and_what_does_not_fit_is_counted() {
        for (count, width) in [(0, 1110), (1, 360), (9, 1110), (40, 1110)] {
            let workloads =
                (0..count).map(|index| workload(&format!("w{index}"), 1, &[])).collect();
            let picture = Picture { workloads, ..Picture::default() };
            let (places, hidden, height) = gauges(&picture, width, 100);
            assert_eq!(places.len() + hidden, count);
            for (index, place) in places.iter().enumerate() {
                let rect = place.rect;
                assert!(rect.x + rect.width <= width && rect.y + rect.height <= 100 + height);
                let same = |other: &GaugePlace| (other.rect.x, other.rect.y) == (rect.x, rect.y);
                assert!(!places.iter().skip(index + 1).any(same), "{count} plates overlap");
            }
        }
    }
}
