// <kobune-editor>: CodeMirror 6 behind a small element, used by `src/app/browser/editor.rs`.
//
// Attributes, all observed: `theme` (light or dark), `lang` (ja or en), `label` (the accessible name). Events, bubbling:
// `editor-change` after the user (not the page) changed the text, `editor-apply` on Ctrl/Cmd+Enter. Ctrl/Cmd+. does the
// first repair of the cursor's line. CodeMirror lives in the shadow root, where its styles are adopted sheets: the page's
// policy allows no inline ones. Colours are the page's custom properties, which reach in through the root.

import { defaultKeymap, history, historyKeymap, indentWithTab, isolateHistory } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { Annotation, Compartment, EditorState, Prec } from "@codemirror/state";
import { EditorView, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";

import { PHRASES } from "./phrases.js";
import { HIGHLIGHT, THEME } from "./theme.js";

/** Marks a change that the page made, not the user. */
const fromPage = Annotation.define();

/** What changes with the element's attributes. */
const surroundings = new Compartment();

const HOST = new CSSStyleSheet();
HOST.replaceSync(":host { display: block; height: 100%; min-height: 0; }");

class KobuneEditor extends HTMLElement {
  static observedAttributes = ["theme", "lang", "label"];

  #view;
  /** The file that is shown. */
  #name = "";
  /** Every other file opened so far: name -> { state, scroll }. */
  #kept = new Map();
  /** What is marked in the file that is shown, as `setDiagnostics` was given it. */
  #found = [];

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open", delegatesFocus: true });
    root.adoptedStyleSheets = [HOST];
    this.#view = new EditorView({ state: this.#newState("", ""), parent: root, root });
  }

  attributeChangedCallback() {
    this.#view.dispatch({ effects: surroundings.reconfigure(this.#surroundings()) });
  }

  open(name, text) {
    if (name !== this.#name) {
      this.#kept.set(this.#name, { state: this.#view.state, scroll: this.#view.scrollSnapshot() });
      const kept = this.#kept.get(name);
      this.#kept.delete(name);
      this.#name = name;
      this.#view.setState(kept?.state ?? this.#newState(name, text));
      const effects = [surroundings.reconfigure(this.#surroundings())];
      this.#view.dispatch({ effects: kept ? [...effects, kept.scroll] : effects });
    }
    this.#replace(text);
  }

  forget(name) {
    this.#kept.delete(name);
    if (name === this.#name) {
      this.#name = "";
      this.#view.setState(this.#newState("", ""));
    }
  }

  get text() {
    return this.#view.state.doc.toString();
  }

  setDiagnostics(json) {
    const { state } = this.#view;
    this.#found = JSON.parse(json);
    const diagnostics = this.#found.map(({ place, severity, message, advice, repairs }) => ({
      ...range(state.doc, place),
      severity,
      message: [advice, message].filter(Boolean).join("\n"),
      renderMessage: () => told(advice, message),
      actions: repairs.map((repair) => ({ name: repair.name, apply: () => this.#mend(repair) })),
    }));
    this.#view.dispatch(setDiagnostics(state, diagnostics));
  }

  repair(found, repair) {
    const chosen = this.#found[found]?.repairs[repair];
    if (chosen) this.#mend(chosen);
  }

  /** Does a repair, as one step to undo, if what it replaces is still there. */
  #mend({ place, before, after }) {
    const { from, to } = range(this.#view.state.doc, place);
    if (this.#view.state.sliceDoc(from, to) !== before) return false;
    this.#view.dispatch({
      changes: { from, to, insert: after },
      selection: { anchor: from + after.trimEnd().length },
      scrollIntoView: true,
      userEvent: "input.repair",
      annotations: isolateHistory.of("full"),
    });
    this.#view.focus();
    return true;
  }

  /** Does the first repair that there is for the cursor's line. */
  #mendLine() {
    const line = this.#view.state.doc.lineAt(this.#view.state.selection.main.head).number;
    const found = this.#found.find(({ place, repairs }) => repairs.length && place[0] <= line && line <= place[2]);
    return found ? this.#mend(found.repairs[0]) : false;
  }

  reveal(line, column) {
    const anchor = offset(this.#view.state.doc, line, column);
    this.#view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: "center" }) });
    this.#view.focus();
  }

  /** Makes the text equal to `text`, touching only what lies between the common beginning and end. */
  #replace(text) {
    const before = this.text;
    const after = text.replace(/\r\n?/g, "\n");
    if (before === after) return;
    const shorter = Math.min(before.length, after.length);
    let from = 0;
    while (from < shorter && before.charCodeAt(from) === after.charCodeAt(from)) from += 1;
    let tail = 0;
    while (tail < shorter - from && before.charCodeAt(before.length - 1 - tail) === after.charCodeAt(after.length - 1 - tail)) tail += 1;
    this.#view.dispatch({
      changes: { from, to: before.length - tail, insert: after.slice(from, after.length - tail) },
      annotations: fromPage.of(true),
    });
  }

  #newState(name, text) {
    return EditorState.create({
      doc: text,
      extensions: [
        surroundings.of(this.#surroundings()),
        Prec.highest(
          keymap.of([
            { key: "Mod-Enter", run: () => this.#tell("editor-apply") },
            { key: "Mod-.", run: () => this.#mendLine() },
          ]),
        ),
        lineNumbers(),
        lintGutter(),
        highlightSpecialChars(),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        history(),
        indentUnit.of("  "),
        indentOnInput(),
        bracketMatching(),
        // Escape, then Tab, leaves the editor by keyboard; the description says so.
        keymap.of([...defaultKeymap, ...historyKeymap, ...lintKeymap, indentWithTab]),
        /\.(ya?ml|json)$/.test(name) ? yaml() : [],
        syntaxHighlighting(HIGHLIGHT),
        THEME,
        EditorView.updateListener.of((update) => {
          const byUser = update.transactions.some((transaction) => transaction.docChanged && !transaction.annotation(fromPage));
          if (byUser) this.#tell("editor-change");
        }),
      ],
    });
  }

  #surroundings() {
    const phrases = PHRASES[this.getAttribute("lang")] ?? PHRASES.en;
    return [
      EditorState.phrases.of(phrases),
      EditorView.darkTheme.of(this.getAttribute("theme") === "dark"),
      EditorView.contentAttributes.of({
        tabindex: "0",
        "aria-label": this.getAttribute("label") ?? "",
        "aria-description": phrases["Escape, then Tab, leaves the editor."] ?? "Escape, then Tab, leaves the editor.",
      }),
    ];
  }

  #tell(name) {
    this.dispatchEvent(new Event(name, { bubbles: true }));
    return true;
  }
}

/** The offset of a line and column, both from 1; a place outside the text is moved to its nearest edge. */
function offset(doc, line, column) {
  const { from, length } = doc.line(Math.min(Math.max(line, 1), doc.lines));
  return from + Math.min(Math.max(column - 1, 0), length);
}

/** The offsets of a place: line, column, last line, last column. */
function range(doc, [line, column, endLine, endColumn]) {
  const from = offset(doc, line, column);
  return { from, to: Math.max(from, offset(doc, endLine, endColumn)) };
}

/** What is told of something marked: a plain sentence, and the server's words. */
function told(advice, message) {
  const box = document.createElement("div");
  for (const [name, text] of [["advice", advice], ["says", message]]) {
    if (!text) continue;
    const line = box.appendChild(document.createElement("div"));
    line.className = name;
    line.textContent = text;
    if (name === "says") line.lang = "en";
  }
  return box;
}

customElements.define("kobune-editor", KobuneEditor);
