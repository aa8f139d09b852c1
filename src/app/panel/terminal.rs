//! The terminal: what was typed and printed, and the line to type at.
//!
//! Plain HTML: the output can be selected and is a log to screen readers; the line is an ordinary input, so that input
//! methods work. Enter and Tab are left to the input method while it composes.

use std::rc::Rc;

use kobune::view::Text;
use kobune::view::terminal::{self, Block, Stream};
use kobune::view::transport::Mode;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use super::prompt::Prompt;
use crate::app::browser;
use crate::app::drive::Driver;
use crate::app::widget::{Icon, Shape, use_lang, use_words};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) terminal: terminal::Terminal,
    /// Commands that wait for the rest of the page's code.
    pub(crate) held: Rc<Vec<String>>,
    pub(crate) mode: Mode,
    pub(crate) driver: Driver,
}

/// The terminal.
#[component]
pub(crate) fn Terminal(props: &Props) -> Html {
    let words = use_words();
    let terminal::Terminal { scrollback, running, prompt } = &props.terminal;
    let screen = use_node_ref();
    // Whether the end is in view, as it was before this rendering.
    let at_end = screen.cast::<Element>().is_none_or(|element| browser::shows_end(&element));
    use_effect_with((Rc::clone(scrollback), *running), {
        let screen = screen.clone();
        move |_| {
            if let (true, Some(element)) = (at_end, screen.cast::<Element>()) {
                browser::scroll_to_end(&element);
            }
        }
    });
    let on_click = Callback::from(|event: MouseEvent| {
        // A click is for typing, unless it selected something or met a button.
        let on_text = event.target_dyn_into::<HtmlElement>().is_some();
        if on_text && !browser::has_selection() {
            browser::focus_id("command-line");
        }
    });
    let on_stop = {
        let driver = props.driver.clone();
        Callback::from(move |_: MouseEvent| {
            driver.interrupt();
        })
    };
    let is_held = !props.held.is_empty();
    let waits = running.is_some();
    let paused = waits && props.mode == Mode::Paused;
    let state = if is_held { Text::RestHeld } else { Text::WaitingRunning };
    let on_play = {
        let driver = props.driver.clone();
        Callback::from(move |_: MouseEvent| driver.set_playing(true))
    };
    html! {
        <section class="pane terminal" aria-label={words(Text::Terminal)}>
            <div class="pane-head">
                <h2 class="pane-title">{ words(Text::Terminal) }</h2>
                <div class="spring" />
                if waits || is_held {
                    <span class={classes!("chip", paused.then_some("warn"))}>{ words(state) }</span>
                    <button type="button" class="button small" onclick={on_stop}>
                        <Icon shape={Shape::Stop} />{ words(Text::Interrupt) }
                    </button>
                }
            </div>
            <div ref={screen} class="screen" onclick={on_click}>
                <div class="output" role="log" aria-label={words(Text::TerminalOutput)} aria-live="polite" tabindex="0">
                    if scrollback.dropped {
                        <p class="dim">{ words(Text::Dropped) }</p>
                    }
                    { for scrollback.blocks.iter().map(|block| html! {
                        <BlockText key={block.id} block={Rc::clone(block)} />
                    }) }
                    { for props.held.iter().map(|line| html! {
                        <div class="typed held"><span class="ps1">{ &**prompt }</span>{ &**line }</div>
                    }) }
                </div>
                if paused {
                    <p class="waiting" role="status">
                        { words(Text::WaitingPaused) }
                        <button type="button" class="button small" onclick={on_play}>
                            <Icon shape={Shape::Play} />{ words(Text::Play) }
                        </button>
                    </p>
                }
                <Prompt running={waits} {is_held} prompt={Rc::clone(prompt)} driver={props.driver.clone()} />
            </div>
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct BlockProps {
    block: Rc<Block>,
}

/// A command and what it printed.
#[component]
fn BlockText(props: &BlockProps) -> Html {
    let (block, lang) = (&props.block, use_lang());
    let piece = |(index, piece): (usize, &terminal::Piece)| {
        let class = match piece.stream {
            Stream::Out => "out",
            Stream::Err => "err",
        };
        html! { <span key={index} {class}>{ &*piece.text }</span> }
    };
    html! {
        <div class="block">
            <div class="typed"><span class="ps1">{ &*block.prompt }</span>{ &*block.line }</div>
            { for block.pieces.iter().enumerate().map(piece) }
            if !block.unsimulated.is_empty() {
                <p class="aside">{ Text::AdviceUnsimulated.fill(lang, &[&block.unsimulated.join(", ")]) }</p>
            }
        </div>
    }
}
