//! What was done in a world, as text; from it the same world can be made again.
//!
//! A world is seed, profile and acts. A [`Run`] is one world with its terminal: whatever is done to it goes through
//! [`Run::act`], which writes a line before the world hears of it. [`Save::read`] reads such lines back, whatever
//! happened to them, and a [`Replay`] does it all again, in slices. One format serves saves and reports of faults.
//!
//! What makes a replay exact: commands are polled after each act and after each step of the cluster and at no other
//! time, so how the wall clock sliced the steps cannot matter; and an act's line counts the steps before it.

mod act;
mod line;
mod record;
mod replay;
mod run;
mod save;

pub use act::Act;
pub use line::{Damage, Wrong};
pub use record::{ENGINE, FORMAT, Moment, SAVE_BYTES_MAX, STEPS_MAX};
pub use replay::Replay;
pub use run::{Keeper, News, Outcome, Run};
pub use save::{Salvage, Save};
