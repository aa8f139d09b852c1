//! The line to type at: history, completion, Ctrl+C, input for a running command.

use std::rc::Rc;

use kobune::journal::Act;
use kobune::view::Text;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::app::browser;
use crate::app::drive::{Completed, Driver};
use crate::app::widget::use_words;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) running: bool,
    /// Whether a command waits for the rest of the page's code.
    pub(crate) is_held: bool,
    pub(crate) prompt: Rc<str>,
    pub(crate) driver: Driver,
}

/// What the line remembers between keys.
#[derive(Default)]
struct Memory {
    /// Lines of a command that is not complete yet.
    begun: String,
    /// How far back in history, from the newest; none at the line being written.
    back: Option<usize>,
    /// The line being written while history is looked at.
    draft: String,
}

/// The line.
#[component]
pub(crate) fn Prompt(props: &Props) -> Html {
    let words = use_words();
    let input = use_node_ref();
    let memory = use_mut_ref(Memory::default);
    let candidates = use_state(Vec::<String>::new);
    let continued = use_state(|| false);
    let on_keydown = {
        let (input, memory) = (input.clone(), Rc::clone(&memory));
        let (candidates, continued) = (candidates.clone(), continued.clone());
        let (driver, running, is_held) = (props.driver.clone(), props.running, props.is_held);
        Callback::from(move |event: KeyboardEvent| {
            // 229 is what some browsers report for the key that ends a composition.
            if event.is_composing() || event.key_code() == 229 {
                return;
            }
            let Some(input) = input.cast::<HtmlInputElement>() else { return };
            let memory = &mut *memory.borrow_mut();
            let key = event.key();
            let control = event.ctrl_key() && !event.alt_key() && !event.meta_key();
            if key != "Tab" && !candidates.is_empty() {
                candidates.set(Vec::new());
            }
            match key.as_str() {
                // What is written meanwhile stays until the prompt is back.
                "Enter" if is_held => {}
                "Enter" => enter(&driver, running, &input, memory),
                "Tab" if !event.shift_key() && !input.value().is_empty() => {
                    complete_when_whole(&driver, &input, candidates.setter());
                }
                "ArrowUp" => recall(&driver, &input, memory, true),
                "ArrowDown" => recall(&driver, &input, memory, false),
                "c" if control && no_selection(&input) => {
                    driver.interrupt();
                    *memory = Memory::default();
                    input.set_value("");
                }
                "d" if control && running && input.value().is_empty() => {
                    driver.act(Act::EndInput);
                }
                "l" if control => {
                    driver.act(Act::Clear);
                }
                "u" if control => input.set_value(""),
                _ => return,
            }
            event.prevent_default();
            continued.set(!memory.begun.is_empty());
        })
    };
    let ps1 = match (props.running || props.is_held, *continued) {
        (true, _) => "",
        (false, true) => "> ",
        (false, false) => &props.prompt,
    };
    html! {
        <>
            <div class="prompt">
                <span class="ps1" aria-hidden="true">{ ps1 }</span>
                <input ref={input} id="command-line" type="text" autocomplete="off" autocapitalize="off"
                    autocorrect="off" spellcheck="false" aria-label={words(Text::CommandLine)} onkeydown={on_keydown} />
            </div>
            if !candidates.is_empty() {
                <ul class="candidates" aria-label={words(Text::Candidates)} role="status">
                    { for candidates.iter().map(|candidate| html! { <li key={candidate.clone()}>{ candidate }</li> }) }
                </ul>
            }
        </>
    }
}

fn no_selection(input: &HtmlInputElement) -> bool {
    let (start, end) = (input.selection_start(), input.selection_end());
    matches!((start, end), (Ok(start), Ok(end)) if start == end)
}

fn enter(driver: &Driver, running: bool, input: &HtmlInputElement, memory: &mut Memory) {
    let line = input.value();
    input.set_value("");
    memory.back = None;
    if running {
        driver.act(Act::Input(format!("{line}\n")));
        return;
    }
    let text = format!("{}{line}", memory.begun);
    if driver.enter(&text) {
        memory.begun.clear();
    } else {
        memory.begun = format!("{text}\n");
    }
}

/// Goes through history; the line being written waits at its end.
fn recall(driver: &Driver, input: &HtmlInputElement, memory: &mut Memory, older: bool) {
    let history = driver.history();
    let back = match (memory.back, older) {
        (None, true) => {
            memory.draft = input.value();
            Some(0)
        }
        (Some(back), true) => Some((back + 1).min(history.len().saturating_sub(1))),
        (Some(0) | None, false) => None,
        (Some(back), false) => Some(back - 1),
    };
    let line = back.and_then(|back| history.iter().rev().nth(back));
    match line {
        Some(line) => input.set_value(line),
        None => input.set_value(&memory.draft),
    }
    memory.back = if line.is_some() { back } else { None };
    let end = u32::try_from(input.value().encode_utf16().count()).unwrap_or(u32::MAX);
    // An input of type text always has a selection.
    drop(input.set_selection_range(end, end));
}

/// Completes the word before the cursor, once all of the page's code is here, unless another was written meanwhile.
fn complete_when_whole(
    driver: &Driver,
    input: &HtmlInputElement,
    candidates: UseStateSetter<Vec<String>>,
) {
    let (driver, input, line) = (driver.clone(), input.clone(), input.value());
    browser::when_whole(move || {
        if input.value() == line {
            candidates.set(complete(&driver, &input));
        }
    });
}

/// Completes the word before the cursor; what remains to choose from.
fn complete(driver: &Driver, input: &HtmlInputElement) -> Vec<String> {
    let line = input.value();
    let cursor = input.selection_start().ok().flatten().unwrap_or(u32::MAX);
    let cursor = usize::try_from(cursor).unwrap_or(usize::MAX);
    let units: Vec<u16> = line.encode_utf16().collect();
    let (before, after) = units.split_at(cursor.min(units.len()));
    let Completed { line, candidates } = driver.complete(&String::from_utf16_lossy(before));
    let end = u32::try_from(line.encode_utf16().count()).unwrap_or(u32::MAX);
    input.set_value(&format!("{line}{}", String::from_utf16_lossy(after)));
    // An input of type text always has a selection.
    drop(input.set_selection_range(end, end));
    candidates
}
