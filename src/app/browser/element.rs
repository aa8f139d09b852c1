//! What the page asks of single elements: size, focus, scrolling, motion.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlElement, KeyframeAnimationOptions, ResizeObserver};

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

/// Lets an element glide from an offset to where it stands, unless less motion was asked for.
pub(crate) fn glide(element: &Element, from: (i32, i32), to: (i32, i32), delay_millis: u32) {
    let still = gloo::utils::window()
        .match_media("(prefers-reduced-motion: reduce)")
        .ok()
        .flatten()
        .is_some_and(|query| query.matches());
    if still {
        return;
    }
    let place = |(x, y): (i32, i32)| {
        let frame = js_sys::Object::new();
        let transform = JsValue::from(format!("translate({x}px, {y}px)"));
        // Setting a property of a fresh object cannot fail.
        js_sys::Reflect::set(&frame, &"transform".into(), &transform).ok().map(|_| frame)
    };
    let (Some(first), Some(last)) = (place(from), place(to)) else { return };
    let frames = js_sys::Array::of2(&first, &last);
    let options = KeyframeAnimationOptions::new();
    options.set_duration(&JsValue::from(650));
    options.set_delay(f64::from(delay_millis));
    options.set_easing("cubic-bezier(.3,.9,.3,1)");
    options.set_fill(web_sys::FillMode::Backwards);
    element.animate_with_keyframe_animation_options(Some(frames.unchecked_ref()), &options);
}

/// Puts the keyboard's focus on an element.
pub(crate) fn focus(element: &HtmlElement) {
    // An element that cannot take the focus leaves it where it was.
    drop(element.focus());
}

/// Whether a scrolled element shows its end; if so, [`scroll_to`] keeps it there.
pub(crate) fn pin_to_end(element: &Element) -> bool {
    element.scroll_top() + element.client_height() + 24 >= element.scroll_height()
}

/// Scrolls an element to its end.
pub(crate) fn scroll_to(element: &Element) {
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
