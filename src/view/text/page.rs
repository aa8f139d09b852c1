//! What frames the page: its head, its panes, notices, and the example that it begins with.

use super::Text;

texts! {
    // The example's comments.
    ExampleWhat: "Three web servers and one address for them.", "ウェブサーバー 3 個と、それらをまとめる 1 つのアドレス。";
    ExampleHow: "Apply (Ctrl+Enter) runs: kubectl apply -f web.yaml", "「適用」(Ctrl+Enter) で kubectl apply -f web.yaml を実行。";

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

    // The page's code, which comes in two parts.
    RestComing: "The rest of the page is on its way. What you do is done once it is here.", "ページの残りを読み込んでいます。操作はそのあと実行されます。";
    RestMissing: "The rest of the page could not be fetched. Check the network and try again. If it stays so, load the page afresh.", "ページの残りを取得できませんでした。ネットワークを確かめて、もう一度試してください。直らないときはページを再読み込みしてください。";
    RestRetry: "Try again", "もう一度試す";
    RestHeld: "waiting for the page", "読み込み待ち";
}
