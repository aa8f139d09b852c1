//! The wall clock, and waking up later: at the next frame or after some milliseconds.

use gloo::render::{AnimationFrame, request_animation_frame};
use gloo::timers::callback::Timeout;
use kobune::view::transport::Nap;

/// Microseconds since the page was loaded.
pub(crate) fn wall_micros() -> u64 {
    let millis = gloo::utils::window().performance().map_or(0.0, |clock| clock.now());
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::float_arithmetic,
        reason = "the browser's clock is a float of milliseconds, positive and far below 2^53 microseconds"
    )]
    let micros = (millis * 1000.0) as u64;
    micros
}

/// Goes on in a task of its own, so that the browser can do something in between.
pub(crate) fn next_task(then: impl FnOnce() + 'static) {
    Timeout::new(0, then).forget();
}

/// A wake-up call; dropping it cancels it.
#[derive(Debug, Default)]
pub(crate) enum Alarm {
    /// None is set.
    #[default]
    Off,
    /// At the next frame.
    Frame { _frame: AnimationFrame },
    /// After a while.
    Timer { _timer: Timeout },
}

impl Alarm {
    /// Sets an alarm for the end of a nap.
    pub(crate) fn after(nap: Nap, wake: impl FnOnce() + 'static) -> Self {
        match nap {
            Nap::Forever => Self::Off,
            Nap::Frame => Self::Frame { _frame: request_animation_frame(|_| wake()) },
            Nap::Millis(millis) => Self::Timer { _timer: Timeout::new(millis, wake) },
        }
    }
}
