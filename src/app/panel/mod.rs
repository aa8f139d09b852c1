//! The panels, one component a file.

mod actions;
mod boat;
mod container;
mod control_plane;
mod crowd;
mod dots;
mod editor;
mod file_tab;
mod gauge;
mod harbour;
mod header;
mod inspector;
mod legend;
mod menu;
mod narration;
mod notices;
mod outline;
mod pane_switch;
mod picked;
mod prompt;
mod service;
mod sheet;
mod terminal;
mod timeline;
mod transport;

pub(crate) use editor::Editor;
pub(crate) use harbour::Harbour;
pub(crate) use header::Header;
pub(crate) use inspector::Inspector;
pub(crate) use narration::Narration;
pub(crate) use notices::Notices;
pub(crate) use pane_switch::PaneSwitch;
pub(crate) use terminal::Terminal;
pub(crate) use transport::TransportBar;
