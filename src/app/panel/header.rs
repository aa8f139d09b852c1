//! The header: the name, the language, the colours.

use kobune::view::{Lang, Text};
use yew::prelude::*;

use crate::app::browser;
use crate::app::state::{Action, Theme};
use crate::app::widget::{Icon, Shape, use_words};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) lang: Lang,
    pub(crate) theme: Theme,
    pub(crate) tell: Callback<Action>,
    /// Further buttons.
    pub(crate) children: Html,
}

/// The header.
#[component]
pub(crate) fn Header(props: &Props) -> Html {
    let words = use_words();
    let (shape, theme_name) = match props.theme {
        Theme::System => (Shape::Auto, Text::ThemeSystem),
        Theme::Light => (Shape::Sun, Text::ThemeLight),
        Theme::Dark => (Shape::Moon, Text::ThemeDark),
    };
    let theme_label = format!("{}: {}", words(Text::Theme), words(theme_name));
    let next = props.theme.next();
    let on_theme = props.tell.reform(move |_: MouseEvent| Action::Theme(next));
    let language = |lang: Lang, name: &'static str| {
        let on_click = props.tell.reform(move |_: MouseEvent| Action::Lang(lang));
        let on = props.lang == lang;
        html! {
            <button type="button" class={classes!("choice", on.then_some("on"))} lang={lang.tag()}
                aria-pressed={on.to_string()} onclick={on_click}>{ name }</button>
        }
    };
    // The skip link moves the focus and leaves the address alone, whose fragment is for links to runs.
    let on_skip = Callback::from(|event: MouseEvent| {
        event.prevent_default();
        browser::focus_id("command-line");
    });
    html! {
        <header class="header">
            <a class="skip-link" href="#command-line" onclick={on_skip}>{ words(Text::SkipToTerminal) }</a>
            <h1 class="brand">
                <svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
                    <path class="brand-hull" d="M2 14h20c-1 4-4 6-7 6H9c-3 0-6-2-7-6z" />
                    <rect class="tint-0 tinted" x="6" y="8" width="4" height="5" rx="1" />
                    <rect class="tint-1 tinted" x="11" y="8" width="4" height="5" rx="1" />
                    <rect class="tint-0 tinted" x="11" y="2.5" width="4" height="4.5" rx="1" />
                </svg>
                <span><span lang="ja">{ "小舟" }</span>{ " Kobune" }</span>
            </h1>
            <p class="tagline">{ words(Text::Tagline) }</p>
            <div class="spring" />
            <a class="button quiet lessons" href="#/lessons">{ words(Text::Lessons) }</a>
            <div class="choices" role="group" aria-label={words(Text::Language)}>
                { language(Lang::Ja, "日本語") }
                { language(Lang::En, "English") }
            </div>
            { props.children.clone() }
            <button type="button" class="button quiet square" title={theme_label.clone()}
                aria-label={theme_label} onclick={on_theme}>
                <Icon {shape} />
            </button>
        </header>
    }
}
