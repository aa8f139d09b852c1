//! What the page asks of single elements: size, focus, scrolling, motion.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlElement, ResizeObserver};

/// Watches the size of an element until it is dropped.
#[derive(Debug)]
pub(crate) struct SizeWatch {
    observer: ResizeObserver,
    _report: Closure<dyn FnMut()>,
}

impl SizeWatch {
    /// Reports width and height in whole pixels, now and whenever they change.
    pub(crate) fn new(element: &Element, report: impl Fn(i32, i32) + 'static) -> Option<Self> {
        let watched = element.clone();
        let report: Closure<dyn FnMut()> =
            Closure::new(move || report(watched.client_width(), watched.client_height()));
        let observer = ResizeObserver::new(report.as_ref().unchecked_ref()).ok()?;
        observer.observe(element);
        Some(Self { observer, _report: report })
    }
}

impl Drop for SizeWatch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// Whether the user asked for less motion.
fn still() -> bool {
    gloo::utils::window()
        .match_media("(prefers-reduced-motion: reduce)")
        .ok()
        .flatten()
        .is_some_and(|query| query.matches())
}

/// A fresh object with these properties.
fn record(properties: &[(&str, JsValue)]) -> js_sys::Object {
    let object = js_sys::Object::new();
    for (name, value) in properties {
        // Setting a property of a fresh object cannot fail.
        drop(js_sys::Reflect::set(&object, &JsValue::from(*name), value));
    }
    object
}

/// Lets an element glide from an offset to where it stands, unless less motion was asked for.
pub(crate) fn glide(element: &Element, from: (i32, i32), to: (i32, i32), delay_millis: u32) {
    if still() {
        return;
    }
    let place = |(x, y): (i32, i32)| {
        record(&[("transform", JsValue::from(format!("translate({x}px, {y}px)")))])
    };
    let frames = js_sys::Array::of2(&place(from), &place(to));
    let options = record(&[
        ("duration", JsValue::from(650)),
        ("delay", JsValue::from(delay_millis)),
        ("easing", JsValue::from("cubic-bezier(.3,.9,.3,1)")),
        ("fill", JsValue::from("backwards")),
    ]);
    element.unchecked_ref::<Animated>().animate(&frames, &options);
}

/// Lets an element run along an SVG path and vanish at its end, unless less motion was asked for.
pub(crate) fn run_along(element: &Element, path: &str, millis: u32) {
    if still() {
        return;
    }
    let way = JsValue::from(format!("path(\"{path}\")"));
    let at = |distance: &str, opacity: u32| {
        record(&[
            ("offsetPath", way.clone()),
            ("offsetDistance", JsValue::from(distance)),
            ("offsetRotate", JsValue::from("0deg")),
            ("opacity", JsValue::from(opacity)),
        ])
    };
    let frames = js_sys::Array::of3(&at("0%", 1), &at("96%", 1), &at("100%", 0));
    let options = record(&[
        ("duration", JsValue::from(millis)),
        ("easing", JsValue::from("linear")),
        ("fill", JsValue::from("both")),
    ]);
    element.unchecked_ref::<Animated>().animate(&frames, &options);
}

/// Puts an element at a point of the one around it, but not beyond that one's edges.
pub(crate) fn place_within(element: &HtmlElement, at: (i32, i32)) {
    let Some(around) = element.offset_parent() else { return };
    let room = (around.client_width(), around.client_height());
    let place = |at: i32, size: i32, room: i32| at.min(room - size - 6).max(6);
    let left = place(at.0, element.offset_width(), room.0);
    let top = place(at.1, element.offset_height(), room.1);
    for (name, value) in [("left", left), ("top", top)] {
        // A property of our own choosing is valid.
        drop(element.style().set_property(name, &format!("{value}px")));
    }
}

#[wasm_bindgen]
extern "C" {
    /// An element as the Web Animations interface sees it, which web-sys counts as unstable.
    #[wasm_bindgen(extends = Element)]
    type Animated;

    #[wasm_bindgen(method, structural)]
    fn animate(this: &Animated, frames: &js_sys::Array, options: &js_sys::Object) -> JsValue;
}

/// Puts the keyboard's focus on the element with an id.
pub(crate) fn focus_id(id: &str) {
    let element = gloo::utils::document().get_element_by_id(id);
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        // An element that cannot take the focus leaves it where it was.
        drop(element.focus());
    }
}

/// Whether some text of the page is selected.
pub(crate) fn has_selection() -> bool {
    let selection = gloo::utils::window().get_selection().ok().flatten();
    selection.is_some_and(|selection| !selection.is_collapsed())
}

/// Whether an element has a method: a custom element whose definition is not loaded has none of its own.
pub(crate) fn has_method(element: &HtmlElement, name: &str) -> bool {
    js_sys::Reflect::get(element, &name.into()).is_ok_and(|value| value.is_function())
}

/// Calls `then` once a custom element is defined; at once if it is.
pub(crate) fn when_defined(name: &str, then: impl FnOnce() + 'static) {
    let Ok(promise) = gloo::utils::window().custom_elements().when_defined(name) else { return };
    wasm_bindgen_futures::spawn_local(async move {
        if wasm_bindgen_futures::JsFuture::from(promise).await.is_ok() {
            then();
        }
    });
}

/// Listens to an event of an element until it is dropped.
#[derive(Debug)]
pub(crate) struct Listener {
    _listener: gloo::events::EventListener,
}

impl Listener {
    /// Calls `hear` at each event of that name.
    pub(crate) fn new(
        element: &HtmlElement,
        name: &'static str,
        hear: impl Fn() + 'static,
    ) -> Self {
        Self { _listener: gloo::events::EventListener::new(element, name, move |_| hear()) }
    }
}

/// Whether a scrolled element shows its end; if so, [`scroll_to_end`] keeps it there.
pub(crate) fn shows_end(element: &Element) -> bool {
    element.scroll_top() + element.client_height() + 24 >= element.scroll_height()
}

/// Scrolls an element to its end.
pub(crate) fn scroll_to_end(element: &Element) {
    element.set_scroll_top(element.scroll_height());
}

/// Where a mouse event happened, in whole pixels from the upper left of an element.
pub(crate) fn point_in(event: &web_sys::MouseEvent, element: &Element) -> (i32, i32) {
    let rect = element.get_bounding_client_rect();
    #[expect(clippy::cast_possible_truncation, reason = "pixels of a page fit")]
    let whole = |value: f64| value.round() as i32;
    (event.client_x() - whole(rect.left()), event.client_y() - whole(rect.top()))
}

/// Puts text on the clipboard and says whether that worked.
pub(crate) fn copy_text(text: &str, done: Rc<dyn Fn(bool)>) {
    let promise = gloo::utils::window().navigator().clipboard().write_text(text);
    wasm_bindgen_futures::spawn_local(async move {
        done(wasm_bindgen_futures::JsFuture::from(promise).await.is_ok());
    });
}
