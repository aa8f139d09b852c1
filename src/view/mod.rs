//! What each panel of the page shows, as plain data: functions from the cluster, tested natively.
//!
//! Nothing here knows how it is drawn. Sentences are in [`text`]; everything else says what is, not how it reads.

pub mod act;
pub mod chart;
pub mod completion;
pub mod desk;
pub mod diagnostics;
pub mod forecast;
pub mod inspector;
mod lang;
pub mod lesson;
pub mod link;
pub mod narration;
pub mod picture;
pub mod terminal;
pub mod text;
pub mod timeline;
pub mod transport;

pub use lang::Lang;
pub use text::Text;
