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
  ".cm-tooltip": { color: "var(--ink, inherit)", backgroundColor: "var(--panel, Canvas)", border: "1px solid var(--line, #8884)" },
});
