//! What frames the page: its head, its panes, notices, and the example that it begins with.

use super::Text;

texts! {
    // The example's comments.
    ExampleWhat: "Three web servers and one address for them.", "ウェブサーバー 3 個と、それらをまとめる 1 つのアドレス。";
    ExampleHow: "Press Apply (Ctrl+Enter), or type: kubectl apply -f web.yaml", "「適用」(Ctrl+Enter) を押すか、kubectl apply -f web.yaml と打ってみましょう。";

    // Header.
    Tagline: "a Kubernetes harbour in a tab", "タブの中の Kubernetes の港";
    Language: "Language", "言語";
    Theme: "Theme", "配色";
    ThemeSystem: "as the system", "システムに合わせる";
    ThemeLight: "light", "ライト";
    ThemeDark: "dark", "ダーク";

    // Panes.
    Harbour: "Harbour", "港";
    Editor: "Editor", "エディター";
    Terminal: "Terminal", "ターミナル";
    Inspector: "Details", "詳細";
    Panes: "Panes", "画面の切り替え";
    SkipToTerminal: "Skip to the terminal", "ターミナルへ移動";

    // Notices.
    Dismiss: "Dismiss", "閉じる";
    UnknownLink: "This link asks for “{0}”, which this version does not know. A fresh harbour was opened instead.", "このリンクの「{0}」は、この版では分かりません。代わりに新しい港を開きました。";
    CrashTitle: "Kobune ran aground", "小舟が座礁しました";
    CrashText: "The sandbox met a fault of its own and stopped. What you did is still here: save it to report the fault, then go back to just before your last act.", "サンドボックス自身の不具合で止まりました。これまでの操作は残っています。保存して報告に使えます。そのあと、最後の操作の直前に戻れます。";
    CrashSave: "Download the save", "保存データをダウンロード";
    CrashRestart: "Go back to before it", "直前に戻る";
}
