// What CodeMirror says to people and screen readers, by language. English is CodeMirror's own.

export const PHRASES = {
  en: {},
  ja: {
    "Escape, then Tab, leaves the editor.": "Esc のあと Tab で編集欄を離れます。",
    "Diagnostics": "指摘",
    "No diagnostics": "指摘なし",
    "close": "閉じる",
    "Select line": "行を選択",
    "Control character": "制御文字",
    "Selection deleted": "選択範囲を削除しました",
  },
};
