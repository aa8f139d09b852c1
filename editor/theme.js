// How the editor looks: the page's custom properties, with a value to fall back on where one is not set.

import { HighlightStyle } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

export const HIGHLIGHT = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--code-key, #0b6e8a)" },
  { tag: [tags.string, tags.special(tags.string), tags.content], color: "var(--code-string, #3f6b2f)" },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword, tags.attributeValue], color: "var(--code-number, #9a5b00)" },
  { tag: [tags.comment, tags.lineComment], color: "var(--code-comment, #6b7280)", fontStyle: "italic" },
  { tag: [tags.meta, tags.typeName, tags.labelName, tags.separator, tags.punctuation], color: "var(--code-mark, #6b7280)" },
]);

export const THEME = EditorView.theme({
  "&": { height: "100%", color: "var(--ink, inherit)", backgroundColor: "transparent" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--font-mono, ui-monospace, monospace)", fontSize: "var(--code-size, 13px)", lineHeight: "1.6" },
  ".cm-content": { caretColor: "var(--accent, currentColor)" },
  ".cm-gutters": { color: "var(--ink-soft, #53606d)", backgroundColor: "transparent", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--code-line, rgb(127 127 127 / 0.1))" },
  ".cm-tooltip-lint": { maxWidth: "min(30rem, 86vw)" },
  ".cm-lint-marker": { width: "0.7em", height: "0.7em", content: "none", borderRadius: "50%", margin: "0.35em auto 0", boxSizing: "border-box" },
  ".cm-lint-marker-error": { content: "none", backgroundColor: "var(--bad, #b93426)" },
  ".cm-lint-marker-warning": { content: "none", borderRadius: "0", clipPath: "polygon(50% 0, 100% 100%, 0 100%)", backgroundColor: "var(--warn, #8a5a10)" },
  ".cm-lint-marker-info": { content: "none", border: "2px solid var(--accent, #0b6e8a)" },
  ".cm-diagnostic": { padding: "6px 12px", font: "12px / 1.5 var(--font-sans, sans-serif)", overflowWrap: "anywhere", whiteSpace: "normal" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--bad, #b93426)" },
  ".cm-diagnostic-warning": { borderLeftColor: "var(--warn, #8a5a10)" },
  ".cm-diagnostic-info": { borderLeftColor: "var(--accent, #0b6e8a)" },
  ".cm-diagnostic .says": { color: "var(--ink-soft, #53606d)", font: "11.5px / 1.5 var(--font-mono, monospace)" },
  ".cm-diagnosticAction": { margin: "4px 8px 2px 0", padding: "2px 8px", borderRadius: "5px", font: "inherit", color: "var(--on-accent, #fff)", backgroundColor: "var(--accent, #0b6e8a)" },
  ".cm-tooltip": { color: "var(--ink, inherit)", backgroundColor: "var(--panel, Canvas)", border: "1px solid var(--line, #8884)" },
});
