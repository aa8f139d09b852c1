//! Small parts that several panels use.

mod icon;
mod tabs;

use kobune::view::{Lang, Text};
use yew::prelude::*;

pub(crate) use icon::{Icon, Shape};
pub(crate) use tabs::{Tab, Tabs};

/// The page's language.
#[hook]
pub(crate) fn use_lang() -> Lang {
    use_context::<Lang>().unwrap_or_default()
}

/// The page's language as a function from sentences to words.
#[hook]
pub(crate) fn use_words() -> impl Fn(Text) -> &'static str + Copy {
    let lang = use_lang();
    move |text: Text| text.tell(lang)
}
