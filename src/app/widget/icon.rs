//! Icons: a path each, drawn in the colour of the text.

use yew::prelude::*;

/// Which icon.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Play,
    Pause,
    Next,
    Onward,
    Skip,
    Plus,
    Close,
    Folder,
    Download,
    Chest,
    Stop,
    Copy,
    Sun,
    Moon,
    Auto,
}

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) shape: Shape,
}

/// An icon; what it means is said by the button around it.
#[component]
pub(crate) fn Icon(props: &Props) -> Html {
    let path = match props.shape {
        Shape::Play => "M4 2.5v11l9.5-5.5z",
        Shape::Pause => "M4 3h3v10H4zM9 3h3v10H9z",
        Shape::Next => "M2.5 3l8 5-8 5zM11.5 3h2v10h-2z",
        Shape::Onward => "M5.5 2.5L11 8l-5.5 5.5-1.1-1.1L8.8 8 4.4 3.6z",
        Shape::Skip => "M1 3l6.5 5L1 13zM8 3l6.5 5L8 13z",
        Shape::Plus => "M7.2 3h1.6v4.2H13v1.6H8.8V13H7.2V8.8H3V7.2h4.2z",
        Shape::Close => {
            "M4.1 3L8 6.9 11.9 3 13 4.1 9.1 8l3.9 3.9-1.1 1.1L8 9.1 4.1 13 3 11.9 6.900 8 3 4.1z"
        }
        Shape::Folder => "M1.5 3h5L8 5h6.500v8.5h-13zM3 6.500V12h10V6.500z",
        Shape::Download => {
            "M7.2 2h1.600v6.200l2.300-2.300 1.100 1.100L8 11.300 3.800 7l1.100-1.100 2.300 2.300zM2.500 12.500h11V14h-11z"
        }
        Shape::Chest => "M2 3h12v3.500H2zM3 7.500h10V13H3zM6 8.700v1.500h4V8.700z",
        Shape::Stop => "M3.5 3.5h9v9h-9z",
        Shape::Copy => "M5 2h8v9h-1.5V3.5H5zM3 4.5h7.5V14H3zM4.5 6v6.5H9V6z",
        Shape::Sun => {
            "M8 5a3 3 0 100 6 3 3 0 000-6zM7.3 1h1.4v2.3H7.3zM7.3 12.7h1.4V15H7.3zM1 7.3h2.3v1.4H1zM12.7 7.3H15v1.4h-2.3zM3.6 2.6l1.6 1.6-1 1-1.6-1.6zM11.8 10.8l1.6 1.6-1 1-1.6-1.6zM12.4 2.6l1 1-1.6 1.6-1-1zM4.2 10.8l1 1-1.6 1.6-1-1z"
        }
        Shape::Moon => "M9.5 1.8A6.3 6.3 0 1014.2 10 5.2 5.2 0 019.5 1.8z",
        Shape::Auto => "M8 1.5a6.5 6.5 0 100 13 6.5 6.5 0 000-13zM8 3v10A5 5 0 018 3z",
    };
    html! {
        <svg class="icon" viewBox="0 0 16 16" width="14" height="14" aria-hidden="true" focusable="false">
            <path d={path} fill="currentColor" fill-rule="evenodd" />
        </svg>
    }
}
