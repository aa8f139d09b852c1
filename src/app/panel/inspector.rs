//! The inspector: the selected object, a sheet at a time.

use std::rc::Rc;

use kobune::object::Key;
use kobune::time::Time;
use kobune::view::Text;
use kobune::view::act::{self, Act};
use kobune::view::inspector::{Inspection, Page, Sheet, sheets};
use kobune::view::picture::{Picture, troubles};
use yew::prelude::*;

use super::actions::Actions;
use super::legend::Legend;
use super::rollout::RolloutCard;
use super::sheet::SheetPage;
use crate::app::drive::Driver;
use crate::app::state::{Action, Pane};
use crate::app::widget::{Icon, Shape, Tab, Tabs, use_lang, use_words};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) inspection: Option<Rc<Inspection>>,
    pub(crate) selected: Option<Key>,
    pub(crate) sheet: Sheet,
    pub(crate) now: Time,
    pub(crate) picture: Rc<Picture>,
    pub(crate) driver: Driver,
    pub(crate) tell: Callback<Action>,
}

/// The inspector.
#[component]
pub(crate) fn Inspector(props: &Props) -> Html {
    let (words, lang) = (use_words(), use_lang());
    let on_act = {
        let (driver, tell) = (props.driver.clone(), props.tell.clone());
        Callback::from(move |act: Act| {
            driver.run(&act.line);
            if act.looks() {
                tell.emit(Action::Pane(Pane::Terminal));
            }
        })
    };
    let shown = props.inspection.as_ref().filter(|it| Some(&it.key) == props.selected.as_ref());
    let Some(inspection) = shown else {
        return html! {
            <aside class="inspector empty" aria-label={words(Text::Inspector)}>
                <p class="hint">{ words(Text::NothingSelected) }</p>
                <Legend />
                <Actions title={words(Text::Harbour)} acts={act::harbour()} {on_act} />
            </aside>
        };
    };
    let key = &inspection.key;
    let on_summary = matches!(inspection.page, Page::Summary(..));
    let mut workloads = props.picture.workloads.iter().filter(|_| on_summary);
    let workload = workloads.find(|workload| workload.key == *key);
    let kinds = sheets(key.kind);
    let tab = |sheet: &Sheet| Tab {
        label: words(match sheet {
            Sheet::Summary => Text::Summary,
            Sheet::Yaml => Text::Yaml,
            Sheet::Events => Text::Events,
            Sheet::Logs => Text::Logs,
        })
        .into(),
        panel: "inspector-page".into(),
    };
    let on_select = props
        .tell
        .reform(move |index: usize| Action::Sheet(kinds.get(index).copied().unwrap_or_default()));
    let on_close = props.tell.reform(|_: MouseEvent| Action::Select(None));
    let status = inspection.status.as_ref().map(|(word, good)| {
        let class = match good {
            Some(true) => "good",
            Some(false) => "bad",
            None => "",
        };
        html! { <span class={classes!("chip", class)}>{ word.clone() }</span> }
    });
    html! {
        <aside class="inspector" aria-label={words(Text::Inspector)}>
            <div class="inspector-head">
                <h2><span class="kind">{ key.kind.info().name }</span>{ " " }<span class="name">{ &*key.name }</span></h2>
                { status }
                <div class="spring" />
                <button type="button" class="button quiet square" aria-label={words(Text::CloseInspector)}
                    title={words(Text::CloseInspector)} onclick={on_close}>
                    <Icon shape={Shape::Close} />
                </button>
            </div>
            <Actions key={key.to_string()} title={key.name.to_string()} acts={act::acts(&props.picture, key)} on_act={on_act.clone()} />
            if let Some(soon) = inspection.soon.as_ref().filter(|_| !inspection.gone) {
                <p class="soon">{ soon.tell(lang, props.now) }</p>
            }
            if inspection.gone {
                <p class="gone">{ words(Text::Gone) }</p>
            }
            <Tabs label={words(Text::Inspector)} tabs={kinds.iter().map(tab).collect::<Vec<_>>()}
                active={kinds.iter().position(|sheet| *sheet == props.sheet).unwrap_or(0)} {on_select} />
            <div id="inspector-page" class="inspector-page" role="tabpanel" tabindex="0">
                if let Some(workload) = workload {
                    <RolloutCard workload={Rc::clone(workload)} troubles={troubles(&props.picture, workload)} on_act={on_act.clone()} />
                }
                <SheetPage inspection={Rc::clone(inspection)} now={props.now} />
            </div>
        </aside>
    }
}
