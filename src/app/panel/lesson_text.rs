//! The words of a lesson as elements. Commands become buttons that run them in the terminal.

use kobune::lesson::{Block, Inline};
use kobune::view::Text;
use kobune::view::lesson::filled;
use yew::prelude::*;

use crate::app::widget::{Icon, Shape, use_lang};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) blocks: Vec<Block>,
    /// What stands for names in commands.
    #[prop_or_default]
    pub(crate) values: Vec<(String, String)>,
    /// Runs a command; none while commands may not be run.
    #[prop_or_default]
    pub(crate) on_run: Option<Callback<String>>,
}

/// Blocks, one after another.
#[component]
pub(crate) fn LessonText(props: &Props) -> Html {
    html! { <>{ for props.blocks.iter().map(|block| shown(block, props)) }</> }
}

fn shown(block: &Block, props: &Props) -> Html {
    match block {
        Block::Paragraph(words) => html! { <p>{ rich(words) }</p> },
        Block::Code(text) => html! { <pre class="lesson-code">{ text }</pre> },
        Block::Run(command) => {
            let line = filled(command, &props.values);
            let on_run = props.on_run.clone().filter(|_| line.is_some());
            html! { <Command line={line.unwrap_or_else(|| command.clone())} {on_run} /> }
        }
        Block::List(numbered, items) => {
            let items = items.iter().map(
                |item| html! { <li>{ for item.iter().map(|block| shown(block, props)) }</li> },
            );
            if *numbered {
                html! { <ol>{ for items }</ol> }
            } else {
                html! { <ul>{ for items }</ul> }
            }
        }
    }
}

/// Words in a row.
pub(crate) fn rich(words: &[Inline]) -> Html {
    let word = |word: &Inline| match word {
        Inline::Text(text) => html! { { text } },
        Inline::Code(text) => html! { <code>{ text }</code> },
        Inline::Strong(words) => html! { <strong>{ rich(words) }</strong> },
        Inline::Emphasis(words) => html! { <em>{ rich(words) }</em> },
        Inline::Link(href, words) => {
            let outside = href.starts_with("https://");
            html! { <a href={href.clone()} target={outside.then_some("_blank")} rel={outside.then_some("noopener noreferrer")}>{ rich(words) }</a> }
        }
    };
    html! { <>{ for words.iter().map(word) }</> }
}

#[derive(Properties, PartialEq)]
struct CommandProps {
    line: String,
    on_run: Option<Callback<String>>,
}

/// A command with its button.
#[component]
fn Command(props: &CommandProps) -> Html {
    let lang = use_lang();
    let label = Text::RunCommand.fill(lang, &[&props.line]);
    let on_click = {
        let (on_run, line) = (props.on_run.clone(), props.line.clone());
        Callback::from(move |_: MouseEvent| {
            if let Some(on_run) = &on_run {
                on_run.emit(line.clone());
            }
        })
    };
    html! {
        <button type="button" class="run" aria-label={label.clone()} title={label} disabled={props.on_run.is_none()}
            onclick={on_click}>
            <code>{ &props.line }</code><Icon shape={Shape::Play} />
        </button>
    }
}
