//! Every sentence of the page, in every language: data, so that a test can say that none is missing.
//!
//! [`Text`] names a sentence; [`Text::tell`] gives it. `{0}`, `{1}` stand for what is filled in ([`Text::fill`]).
//! Output of commands is not here: it stays English, as in reality.

pub use super::lang::Lang;

/// Writes the enum of sentences and the table behind it.
macro_rules! texts {
    ($($name:ident: $en:literal, $ja:literal;)+) => {
        /// A sentence of the page.
        #[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[expect(missing_docs, reason = "each is documented by its English sentence")]
        pub enum Text { $($name),+ }

        impl Text {
            /// Every sentence.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The sentence in a language, placeholders and all.
            pub fn tell(self, lang: Lang) -> &'static str {
                match (self, lang) { $((Self::$name, Lang::En) => $en, (Self::$name, Lang::Ja) => $ja),+ }
            }
        }
    };
}

impl Text {
    /// The sentence with its placeholders filled in.
    pub fn fill(self, lang: Lang, values: &[&str]) -> String {
        let mut text = self.tell(lang).to_owned();
        for (index, value) in values.iter().enumerate() {
            text = text.replace(&format!("{{{index}}}"), value);
        }
        text
    }
}

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

    // Control plane.
    ApiServer: "API server", "API サーバー";
    Controllers: "Controllers", "コントローラー";
    Scheduler: "Scheduler", "スケジューラー";
    QueueLength: "queue {0}", "待ち行列 {0}";
    Revision: "rev {0}", "rev {0}";
    AtRest: "standing by", "待機中";
    QueueEmpty: "No Pod is waiting.", "待っている Pod はありません。";
    MoreWaiting: "and {0} more", "ほか {0} 個";
    Deciding: "being decided", "選定中";

    // Why a Pod waits.
    PendingBecause: "Pending: {0}", "Pending：{0}";
    LacksCpu: "not enough CPU", "CPU が足りない";
    LacksMemory: "not enough memory", "メモリが足りない";
    LacksStorage: "not enough ephemeral storage", "一時ストレージが足りない";
    TooManyPods: "no room for another Pod", "Pod の数が上限";
    SelectorMismatch: "node selector or affinity does not match", "nodeSelector・affinity に合わない";
    Tainted: "taint not tolerated", "taint を許容していない";
    Cordoned: "cordoned", "配置停止中";
    OnNodes: "{0} ({1} of {2})", "{0}（{2} 台中 {1} 台）";

    // Health of a Pod.
    HealthQueued: "waiting for a node", "ノード待ち";
    HealthStarting: "starting", "起動中";
    HealthUnready: "running, not ready", "実行中・未準備";
    HealthReady: "ready", "準備完了";
    HealthCrashing: "crashing", "クラッシュ中";
    HealthStuck: "cannot start", "起動できない";
    HealthTerminating: "terminating", "終了処理中";
    HealthDone: "completed", "完了";
    HealthFailed: "failed", "失敗";
    RestartCount: "restarted {0}×", "再起動 {0} 回";

    // Acts.
    Actions: "Actions", "操作";
    ActionsOn: "Actions on {0}", "{0} の操作";
    Details: "Details", "詳細を見る";
    ActAddNode: "Add a node", "ノードを追加";
    ActPowerOff: "Power off", "電源を切る";
    ActPowerOn: "Power on", "電源を入れる";
    ActReboot: "Reboot", "再起動";
    ActDisconnect: "Cut the network", "ネットワークを切る";
    ActDisconnectIn: "Lose packets to it", "受信だけを切る";
    ActDisconnectOut: "Lose packets from it", "送信だけを切る";
    ActReconnect: "Restore the network", "ネットワークをつなぐ";
    ActCordon: "Cordon", "cordon（配置を止める）";
    ActUncordon: "Uncordon", "uncordon（配置を再開）";
    ActDrain: "Drain", "drain（Pod を退避させる）";
    ActRemoveNode: "Take the machine away", "マシンを取り除く";
    ActDescribe: "Describe", "詳細を表示（describe）";
    ActDelete: "Delete", "削除";
    ActForceDelete: "Delete without waiting", "待たずに削除";
    ActCrash: "Crash its container", "コンテナーをクラッシュさせる";
    ActFailProbe: "Let its readiness probe fail", "readiness probe を失敗させる";
    ActHeal: "Let its probes succeed again", "probe を元に戻す";
    ActLogs: "Logs", "ログを表示";
    ActShell: "Open a shell", "シェルを開く";
    ActStartLoad: "Send requests (5 a second)", "リクエストを送る（毎秒 5 回）";
    ActStopLoad: "Stop the requests", "リクエストを止める";
    ActRequest: "Send one request", "リクエストを 1 回送る";
    ActScaleUp: "One Pod more", "Pod を 1 個増やす";
    ActScaleDown: "One Pod less", "Pod を 1 個減らす";
    ActRestart: "Restart its Pods", "Pod を入れ替える（restart）";
    ActPause: "Pause its rollout", "ロールアウトを一時停止";
    ActResume: "Resume its rollout", "ロールアウトを再開";
    ActUndo: "Undo the last rollout", "一つ前に戻す（undo）";
    ActUndoTo: "Back to this", "この版に戻す";
    ActHistory: "History", "履歴を表示";

    // Requests.
    LoadRate: "{0} req/s", "毎秒 {0} 件";
    LoadSuccess: "{0} % ok", "成功 {0} %";
    LoadLatency: "{0} ms", "{0} ミリ秒";
    LoadLabel: "{0} requests a second, {1} % answered, {2} failed so far", "毎秒 {0} リクエスト、{1} % が成功、失敗は累計 {2} 件";

    // What happens next.
    Seconds: "{0} s", "{0} 秒";
    MinutesSeconds: "{0}:{1}", "{0} 分 {1} 秒";
    SoonNotReady: "NotReady in {1}", "あと {1}で NotReady";
    SoonEvictsPods: "evicts Pods ({0}) in {1}", "あと {1}で Pod {0} 個を退避";
    SoonStarted: "has started in {1}", "あと {1}で起動完了";
    SoonTainted: "tainted in {1}", "あと {1}で taint";
    SoonEvicted: "evicted in {1}", "あと {1}で退避";
    SoonRemovesPods: "Pods ({0}) removed in {1}", "あと {1}で Pod {0} 個を削除";
    SoonRemoved: "removed in {1}", "あと {1}で削除";
    SoonReturns: "waits for the node to return", "ノードの復帰を待っています";
    SoonKilled: "killed in {1} at the latest", "遅くとも {1}後に強制終了";
    SoonRestart: "restarts in {1}", "あと {1}で再起動";

    // Boats and Services.
    PowerStarting: "starting up", "起動中";
    NoNode: "no Node", "Node なし";
    PowerOff: "no power", "電源オフ";
    NetworkCut: "network cut", "ネットワーク切断";
    NetworkCutIn: "packets to it are lost", "受信が切断";
    NetworkCutOut: "packets from it are lost", "送信が切断";
    GaugeLabel: "Deployment {0}: {1} of {2} ready. {3}", "Deployment {0}：{2} 個中 {1} 個が準備完了。{3}";
    GaugeTide: "{0} × {1}", "{0} が {1} 個";
    RolloutPaused: "paused", "一時停止中";
    RolloutStalled: "stalled", "停滞";
    MoreWorkloads: "and {0} more Deployments", "ほか {0} 個の Deployment";
    Cpu: "CPU", "CPU";
    Memory: "Memory", "メモリ";
    PodCount: "{0} Pods", "Pod {0} 個";
    Requested: "requested {0} % of what it has", "要求は容量の {0} %";
    ServiceReady: "{0} of {1} ready", "{1} 個中 {0} 個が準備完了";
    ServiceNobody: "no endpoints", "エンドポイントなし";
    NodePortShort: "node port {0}", "ノードポート {0}";
    AddressPending: "address pending", "アドレス待ち";
    PictureHelp: "Picture of the cluster. Arrow keys move between its parts.", "クラスターの図。矢印キーで要素間を移動します。";
    Outline: "Outline of the picture", "図の概要";

    Legend: "What you see", "図の見方";
    LegendColour: "colour and bar: version of the image", "色と線：イメージのバージョン";
    LegendDark: "node without power", "電源の落ちたノード";
    LegendCut: "node cut off the network", "ネットワークから切れたノード";
    LegendCordoned: "cordoned: takes no new Pods", "cordon 中：新しい Pod を置かない";
    LegendWater: "waterline: share that Pods request", "喫水線：Pod が要求した割合";

    // Transport.
    Transport: "Time", "時間";
    Play: "Play", "再生";
    Pause: "Pause", "一時停止";
    NextEvent: "Next event", "次の出来事";
    SkipAhead: "Skip ahead to the next change you would notice", "目に見える変化まで進む";
    SkipShort: "Skip ahead", "変化まで";
    Speed: "Speed", "速度";
    Clock: "Virtual time since the start", "開始からの仮想時間";
    Timeline: "Timeline", "タイムライン";
    TimelineSummary: "{0}, acts so far: {1}", "{0}、これまでの操作：{1}";
    NothingAhead: "Nothing happened by itself for {0} minutes.", "{0} 分進めましたが、ひとりでに起きたことはありませんでした。";
    Seeking: "skipping…", "進めています…";

    // Editor.
    Apply: "Apply", "適用";
    KeepEdit: "Save and close", "保存して閉じる";
    KeepEditHint: "kubectl edit waits for this file: save it and go on (Ctrl+Enter)", "kubectl edit がこのファイルを待っています。保存して続けます（Ctrl+Enter）";
    DropEdit: "Discard", "変更を捨てる";
    DropEditHint: "Close without changing anything", "何も変えずに閉じる";
    ApplyHint: "Apply this file to the cluster (Ctrl+Enter)", "このファイルをクラスターに適用（Ctrl+Enter）";
    NewFile: "New file", "新しいファイル";
    CloseFile: "Close {0}", "{0} を閉じる";
    RenameFile: "Rename (F2 or double click)", "名前を変更（F2 またはダブルクリック）";
    FileName: "File name", "ファイル名";
    OpenFile: "Open files from this computer", "このコンピューターのファイルを開く";
    DownloadFile: "Download this file", "このファイルをダウンロード";
    OpenFiles: "Open files", "開いているファイル";
    NoOpenFile: "No file is open.", "開いているファイルはありません。";
    DropHere: "Drop manifests here", "ここにマニフェストをドロップ";
    EditorLoading: "The editor is being loaded…", "エディターを読み込んでいます…";
    BadFileName: "“{0}” cannot be a file name here.", "「{0}」はファイル名に使えません。";
    NameTaken: "“{0}” exists already.", "「{0}」は既にあります。";
    FileRefused: "{0} could not be written: {1}.", "{0} を書き込めません：{1}。";
    FileTooLarge: "{0} is larger than {1} MB and was not opened.", "{0} は {1} MB を超えるため開きませんでした。";
    FileNotText: "{0} is not text and was not opened.", "{0} はテキストではないため開きませんでした。";
    ArchiveBroken: "{0} is no zip archive that can be read here (broken, encrypted or ZIP64).", "{0} は読めない zip です（破損、暗号化、または ZIP64）。";
    ArchiveTaken: "{0}: {1} files taken in.", "{0}：{1} 個のファイルを取り込みました。";
    ArchivePart: "{0}: {1} files taken in. These are no text, or too large: {2}", "{0}：{1} 個のファイルを取り込みました。次はテキストでないか、大きすぎます：{2}";
    Problems: "Problems", "問題";
    AtLine: "line {0}, column {1}", "{0} 行目 {1} 桁目";
    AtLineShort: "line {0}", "{0} 行目";
    RepairHint: "Mend it (Ctrl+. in the line)", "直す（その行で Ctrl+.）";
    RepairChange: "Change to {0}", "{0} に直す";
    RepairInsert: "Insert {0}", "{0} を書き足す";
    RepairIndent: "Move it to its column", "行頭の位置をそろえる";
    RepairTabs: "Replace tabs by spaces", "タブを空白に変える";
    RepairColonSpace: "Put a space behind the colon", "コロンの後ろに空白を入れる";
    RepairColon: "Put a colon", "コロンを入れる";
    RepairClose: "Close it with {0}", "{0} で閉じる";
    RepairDash: "Make it a list item (-)", "「- 」を付けてリストにする";

    // What is wrong in a manifest, for whom it is new.
    AdviceTab: "YAML is indented by spaces; it takes no tabs.", "字下げには空白を使います。YAML ではタブは使えません。";
    AdviceIndent: "This line does not begin at the column of its level. Lines of one level begin at one column.", "行頭の空白の数が合っていません。同じ階層の行は同じ位置から始めます。";
    AdviceSyntax: "From about here the text cannot be read as YAML. Look at indentation, colons and quotes, in the line before too.", "このあたりから YAML として読めません。字下げ・コロン・引用符を、1 つ前の行も含めて確かめてください。";
    AdviceColonSpace: "A space must follow the colon: {0} is read as one word.", "コロンの後ろには空白が必要です。「{0}」は 1 つの語として読まれます。";
    AdviceColon: "A colon is missing. Fields are written “name: value”.", "コロンがありません。フィールドは「名前: 値」の形で書きます。";
    AdviceColonTwice: "A value that holds “: ” needs quotes.", "「: 」を含む値は引用符で囲みます。";
    AdviceReserved: "A value that begins with * & ! @ % or ` needs quotes.", "* & ! @ % ` で始まる値は引用符で囲みます。";
    AdviceOpen: "“{0}” is never closed with “{1}”.", "「{0}」が「{1}」で閉じられていません。";
    AdviceTemplate: "{{ … }} is a placeholder of a template (Helm). Write the value itself.", "{{ … }} はテンプレート（Helm）の書き方です。値そのものを書きます。";
    AdviceSeparator: "Documents are parted by a line of three dashes and nothing else: ---", "文書の区切りは「---」だけの行です。";
    AdviceNoManifest: "This is no manifest. One begins with apiVersion and kind.", "マニフェストではありません。apiVersion と kind から書き始めます。";
    AdviceNoKind: "{0} is missing. Every manifest has apiVersion and kind.", "{0} がありません。マニフェストには apiVersion と kind の両方を書きます。";
    AdviceVersion: "{0} belongs to {2}, not to {1}.", "{0} の apiVersion は {1} ではなく {2} です。";
    AdviceOldVersion: "{1} is old and no longer served by Kubernetes 1.36. {0} is in {2} now.", "{1} は古い版で、Kubernetes 1.36 にはありません。今の {0} は {2} です。";
    AdviceGone: "Kubernetes no longer has {0} (since 1.25).", "{0} は Kubernetes 1.25 で廃止されました。";
    AdviceCustom: "Kubernetes itself has no kind {0}. One that comes from an extension needs its CustomResourceDefinition first.", "Kubernetes に {0} という kind はありません。拡張機能のものなら、先に CustomResourceDefinition が必要です。";
    AdviceNotSimulated: "{0} ({1}) is part of real Kubernetes, but is not simulated here yet. It cannot be applied.", "{0}（{1}）は本物の Kubernetes にはありますが、ここではまだシミュレートしておらず、適用できません。";
    AdviceRepeated: "“{0}” stands twice. Only the last one counts.", "「{0}」が 2 回書かれています。有効なのは最後のものだけです。";
    AdviceField: "“{0}” is not known here. Did you mean “{1}”?", "「{0}」というものはありません。もしかして「{1}」？";
    AdviceMisplaced: "“{0}” belongs to “{1}”. Look at which column the line begins.", "「{0}」は「{1}」の中に書くフィールドです。行頭の位置を確かめてください。";
    AdviceUnknown: "“{0}” has no field “{1}”.", "「{0}」に「{1}」というフィールドはありません。";
    AdviceQuoteNumber: "“{0}” takes text, and {1} is read as a number. Put it in quotes.", "「{0}」には文字列を書きますが、{1} は数値として読まれます。引用符で囲みます。";
    AdviceQuoteBool: "“{0}” takes text, and YAML reads {1} as true or false. Put it in quotes.", "「{0}」には文字列を書きますが、{1} は真偽値として読まれます。引用符で囲みます。";
    AdviceNumber: "“{0}” takes a whole number without quotes.", "「{0}」には引用符なしの整数を書きます。";
    AdviceBool: "“{0}” takes true or false, without quotes.", "「{0}」には引用符なしの true か false を書きます。";
    AdviceList: "“{0}” is a list. Each item begins with “- ”.", "「{0}」はリストです。各項目を「- 」で始めます。";
    AdviceNoList: "“{0}” is no list. Take the “- ” away.", "「{0}」はリストではありません。「- 」を取ります。";
    AdviceFields: "“{0}” holds fields (“name: value”), not a single value.", "「{0}」には 1 つの値ではなく、「名前: 値」の形のフィールドを書きます。";
    AdviceBase64: "What stands under data of a Secret is base64. Plain text goes under stringData.", "Secret の data には base64 で書きます。平文で書くなら stringData を使います。";
    AdviceQuantity: "An amount is a number with a unit: 100m (CPU), 128Mi, 1Gi. There is no MB and no GB.", "量は数と単位で書きます：100m（CPU）、128Mi、1Gi など。MB や GB は使えません。";
    AdviceMilli: "m means thousandths: {0} is less than a byte. Mi was surely meant.", "m は 1000 分の 1 です。{0} は 1 バイトにもなりません。Mi のことでは？";
    AdviceCpu: "{0} means {0} whole CPUs. {0}m is so many thousandths of one.", "{0} は CPU {0} 個分です。1000 分の 1 の単位なら {0}m と書きます。";
    AdviceBytes: "{0} means bytes: too few for any container. The usual unit is Mi.", "{0} はバイト数で、コンテナーには少なすぎます。ふつうは Mi を付けます。";
    AdviceLatest: "{0} names no version, so it may be another image tomorrow. Better name one.", "{0} はバージョンを決めていないので、後で中身が変わりえます。タグを書くと安心です。";
    AdviceNoName: "The name is missing (metadata.name).", "名前（metadata.name）がありません。";
    AdviceNoNamespace: "This cluster has no namespace {0}. Make it first: kubectl create namespace {0}", "このクラスターに Namespace {0} はありません。先に作ります：kubectl create namespace {0}";
    AdviceQuota: "The ResourceQuota of the namespace does not allow this.", "この Namespace の ResourceQuota の制限に合いません。";
    AdviceImmutable: "“{0}” of an object that exists cannot be changed. Delete the object first, or use another name.", "すでにあるオブジェクトの「{0}」は変えられません。先に削除するか、別の名前にします。";
    AdviceName: "A name has small letters, digits and “-”, and begins and ends with a letter or a digit.", "名前に使えるのは小文字・数字・「-」だけで、最初と最後は英数字です。";
    AdviceLabel: "A label has letters, digits, “-”, “_” and “.”, no spaces, and begins and ends with a letter or a digit.", "ラベルに使えるのは英数字・「-」・「_」・「.」だけで、最初と最後は英数字です。空白は使えません。";
    AdviceAboveLimit: "The request is larger than the limit.", "requests が limits を超えています。";
    AdvicePort: "A port is a number from 1 to 65535.", "ポートは 1 から 65535 までの数です。";
    AdviceNegative: "The number of “{0}” is too small.", "「{0}」の数が小さすぎます。";
    AdviceDuplicate: "“{0}” is there twice. Each must differ.", "「{0}」が重複しています。それぞれ別にします。";
    AdviceRequired: "“{0}” is missing.", "「{0}」がありません。";
    AdviceNoSelector: "The selector is missing. It says by labels which Pods are meant: those of the template.", "selector がありません。どの Pod を管理するかを、template と同じラベルで書きます。";
    AdviceNoTemplate: "spec.template is missing. It describes the Pods to make: metadata.labels and spec.", "spec.template がありません。作る Pod のひな形（metadata.labels と spec）を書きます。";
    AdviceRestart: "The Pods of a Job need restartPolicy: Never or OnFailure.", "Job の Pod には restartPolicy: Never か OnFailure が必要です。";
    AdviceMismatch: "The selector does not find the template’s labels. Both must have the same.", "selector と template のラベルが合っていません。同じラベルを書きます。";
    AdviceUnsupported: "There are: {0}.", "使える値：{0}";
    AdviceNotFound: "Nothing under volumes is called {0}.", "volumes に {0} という名前のものはありません。";
    AdviceSelectsNothing: "No Pod in this file has these labels: the Service will lead nowhere.", "このファイルの Pod には一致するラベルがなく、Service はどこにもつながりません。";
    AdviceTargetPort: "The containers do not list port {0}. Listed: {1}", "コンテナーの ports に {0} がありません。書かれているもの：{1}";
    AdviceNoRequests: "The containers of {0} request no {1}, so the autoscaler cannot tell how much of it is used.", "{0} のコンテナーに {1} の requests がなく、オートスケーラーは使用率を計算できません。";
    AdviceUnsimulated: "Accepted; this sandbox does not simulate {0}.", "受け付けますが、このサンドボックスは {0} をシミュレートしません。";

    // Terminal.
    CommandLine: "Command line", "コマンドライン";
    TerminalOutput: "Output", "出力";
    Interrupt: "Stop (Ctrl+C)", "中断（Ctrl+C）";
    WaitingPaused: "Time is paused, so this command waits.", "時間が止まっているので、このコマンドは待っています。";
    WaitingRunning: "running", "実行中";
    Dropped: "(earlier output was dropped)", "（以前の出力は消えました）";
    Candidates: "Completions", "補完候補";

    // Inspector.
    NothingSelected: "Select a boat, a container or a Service in the harbour to look inside.", "港の船・コンテナー・Service を選ぶと、中身を見られます。";
    Summary: "Summary", "概要";
    Yaml: "YAML", "YAML";
    Events: "Events", "イベント";
    Logs: "Logs", "ログ";
    CloseInspector: "Close", "閉じる";
    Gone: "This object no longer exists; this is how it was last.", "このオブジェクトはもうありません。最後の姿を表示しています。";
    NoEvents: "No events.", "イベントはありません。";
    NoLogs: "No output yet.", "出力はまだありません。";
    NoContainers: "No container has started.", "起動したコンテナーはありません。";
    CopyYaml: "Copy", "コピー";
    Copied: "Copied", "コピーしました";
    CopyFailed: "The browser did not allow copying.", "ブラウザーがコピーを許可しませんでした。";
    FieldNamespace: "Namespace", "Namespace";
    FieldNode: "Node", "ノード";
    FieldAddress: "Address", "アドレス";
    FieldImage: "Image", "イメージ";
    FieldRestarts: "Restarts", "再起動";
    FieldAge: "Age", "経過";
    FieldOwner: "Controlled by", "管理元";
    FieldLabels: "Labels", "ラベル";
    FieldRequests: "Requests", "要求";
    FieldUsage: "Uses", "使用量";
    FieldSelector: "Selector", "セレクター";
    FieldType: "Type", "種類";
    FieldPorts: "Ports", "ポート";
    FieldAllocatable: "Allocatable", "割り当て可能";
    FieldPods: "Pods", "Pod";
    FieldTaints: "Taints", "Taint";
    FieldVersion: "Version", "バージョン";
    FieldConditions: "Conditions", "Conditions";
    FieldMessage: "Message", "メッセージ";
    FieldData: "Data", "データ";

    FieldSoon: "Next", "この先";
    FieldSteps: "Init containers", "init コンテナー";

    // A Deployment's rollout.
    Rollout: "Rollout", "ロールアウト";
    RolloutBounds: "at least {0} available, at most {1} Pods", "利用可能は {0} 個以上、合計は {1} 個まで";
    RolloutRecreate: "Recreate: the old Pods go before the new ones come", "Recreate：古い Pod をすべて消してから新しい Pod を作る";
    RolloutNow: "{0} Pods, {1} available", "Pod {0} 個、利用可能 {1} 個";
    RolloutStuckOn: "The new Pods are held up: {0}.", "新しい Pod が止まっています：{0}。";
    RolloutWaitsFor: "New Pods that are not ready yet: {0}.", "まだ準備完了でない新しい Pod：{0}。";
    RolloutStallHint: "The old Pods go on serving. Correct the version, or undo.", "古い Pod は動き続けています。版を直すか、元に戻しましょう。";
    RolloutHistory: "Revisions", "リビジョン";
    RevisionNumber: "revision {0}", "リビジョン {0}";
    RevisionCurrent: "current", "現在";

    // The scheduler's table.
    SchedulingTable: "What the scheduler saw", "スケジューラーの判断";
    Refused: "refused", "不可";
    Chosen: "chosen", "決定";

    // Narration.
    PodCreated: "Pod {0} was created.", "Pod {0} が作られました。";
    PodPlaced: "Pod {0} was placed on {1}.", "Pod {0} が {1} に置かれました。";
    PodBecameReady: "Pod {0} became Ready on {1}.", "Pod {0} が {1} で準備完了になりました。";
    PodLostReady: "Pod {0} is no longer ready.", "Pod {0} が準備完了ではなくなりました。";
    PodUnschedulable: "Pod {0} fits on no node.", "Pod {0} を置けるノードがありません。";
    PodStuck: "Pod {0} cannot start: {1}.", "Pod {0} が起動できません：{1}。";
    PodCrashed: "Pod {0} crashed (restarts: {1}).", "Pod {0} がクラッシュしました（再起動 {1} 回）。";
    PodTerminating: "Pod {0} is shutting down.", "Pod {0} が終了処理に入りました。";
    PodGone: "Pod {0} is gone.", "Pod {0} がなくなりました。";
    PodDone: "Pod {0} completed.", "Pod {0} が完了しました。";
    PodFailed: "Pod {0} failed.", "Pod {0} が失敗しました。";
    JobDone: "Job {0} is complete.", "Job {0} が完了しました。";
    JobFailed: "Job {0} failed.", "Job {0} が失敗しました。";
    NodeJoined: "Node {0} joined.", "ノード {0} が加わりました。";
    NodeBecameReady: "Node {0} became Ready.", "ノード {0} が Ready になりました。";
    NodeLost: "Node {0} is NotReady.", "ノード {0} が NotReady になりました。";
    NodeGone: "Node {0} is gone.", "ノード {0} がなくなりました。";
    NodeCordoned: "Node {0} takes no new Pods.", "ノード {0} は新しい Pod を受け入れません。";
    NodeUncordoned: "Node {0} takes new Pods again.", "ノード {0} が再び Pod を受け入れます。";
    PodEvicted: "Pod {0} is evicted from {1}.", "Pod {0} が {1} から退避させられます。";
    RolloutBegan: "Deployment {0} rolls out {1}.", "Deployment {0} が {1} への更新を始めました。";
    RolloutHeld: "The rollout of Deployment {0} is paused.", "Deployment {0} のロールアウトが一時停止されました。";
    RolloutGoesOn: "The rollout of Deployment {0} goes on.", "Deployment {0} のロールアウトが再開されました。";
    RolloutNoProgress: "The rollout of Deployment {0} makes no progress.", "Deployment {0} のロールアウトが進みません。";
    ServiceSilent: "Service {0} has no ready Pod left.", "Service {0} に準備完了の Pod がなくなりました。";
    ServiceAnswers: "Service {0} has ready Pods again.", "Service {0} に準備完了の Pod が戻りました。";
    DeploymentScaled: "Deployment {0} now wants {1} Pods.", "Deployment {0} は {1} 個の Pod を望んでいます。";
    DeploymentReady: "Deployment {0} has all {1} Pods ready.", "Deployment {0} の {1} 個すべてが準備完了です。";
    SomethingCreated: "{0} {1} was created.", "{0} {1} が作られました。";
    SomethingGone: "{0} {1} was removed.", "{0} {1} が削除されました。";
    AndMore: "…and {0} more changes.", "…ほか {0} 件の変化。";

    // Lessons.
    Lessons: "Lessons", "レッスン";
    Lesson: "Lesson", "レッスン";
    LessonsHint: "Each lesson opens a harbour of its own. Yours waits for you.", "レッスンはそれぞれ専用の港で開きます。いまの港はそのまま残ります。";
    StepCount: "{0} steps", "{0} ステップ";
    StepsLabel: "Steps", "ステップ";
    NoSuchLesson: "There is no lesson “{0}” here. These are the lessons:", "「{0}」というレッスンはありません。レッスンの一覧です。";
    LessonsFailed: "The lessons could not be fetched ({0}).", "レッスンを読み込めませんでした（{0}）。";
    LessonsLoading: "Fetching…", "読み込み中…";
    LeaveLesson: "Back to my harbour", "自分の港に戻る";
    CloseList: "Close", "閉じる";
    NotKept: "This harbour cannot be stored, so the lesson would replace it. Open the link in a new tab instead.", "この港は保存できないため、レッスンを開くと失われます。リンクを新しいタブで開いてください。";
    StepOf: "Step {0} of {1}", "ステップ {0} / {1}";
    StepIsDone: "done", "完了";
    StepIsCurrent: "in progress", "進行中";
    StepIsLater: "later", "これから";
    TryIt: "Do", "やってみる";
    GoalsLabel: "Goals", "ゴール";
    GoalEnd: "at the end", "最後に";
    GoalOnce: "once", "一度";
    GoalAlways: "always", "常に";
    GoalOpen: "not yet", "まだ";
    GoalMet: "done", "達成";
    GoalHolds: "kept so far", "守られている";
    GoalNow: "true now", "今は満たしている";
    GoalBroken: "broken", "破れた";
    GoalTicked: "Goal met: {0}", "ゴール達成：{0}";
    GoalBroke: "Broken: {0}", "破れました：{0}";
    BrokeAt: "Broken at {0}.", "{0} に破れました。";
    BrokeByChange: "Broken at {0} by a change of {1}.", "{0}、{1} の変化で破れました。";
    BrokeByLine: "Broken at {0} by a change of {1}, after you ran: {2}", "{0}、{1} の変化で破れました。きっかけの操作：{2}";
    Prediction: "Your prediction", "予想";
    Predict: "That is my guess", "これで予想する";
    SkipPrediction: "See it first", "予想せずに進む";
    PredictFirst: "Make your prediction first.", "先に予想してみましょう。";
    NumberLabel: "A number", "数";
    YouSaid: "You said: {0}", "あなたの予想：{0}";
    YouSkipped: "You wanted to see it first.", "予想せずに進みました。";
    InFact: "What happened: {0}", "実際：{0}";
    GuessRight: "As you said.", "予想どおりです。";
    GuessWrong: "Not as you said. That is what predictions are for.", "予想と違いました。そこが学びどころです。";
    NextHint: "Hint ({0} left)", "ヒント（残り {0}）";
    ShowSolution: "Show me", "解答を再生";
    ShowingSolution: "showing…", "再生中…";
    RestartStep: "Try this step again", "この手順をやり直す";
    WhyLabel: "Why", "なぜ";
    NextStep: "Next", "次へ";
    StepDone: "Step done.", "ステップ完了です。";
    LessonDone: "Lesson complete.", "レッスン完了です。";
    RunCommand: "Run: {0}", "実行：{0}";

    // Notices.
    Dismiss: "Dismiss", "閉じる";
    UnknownLink: "This link asks for “{0}”, which this version does not know. A fresh harbour was opened instead.", "このリンクの「{0}」は、この版では分かりません。代わりに新しい港を開きました。";
    CrashTitle: "Kobune ran aground", "小舟が座礁しました";
    CrashText: "The sandbox met a fault of its own and stopped. What you did is still here: save it to report the fault, then go back to just before your last act.", "サンドボックス自身の不具合で止まりました。これまでの操作は残っています。保存して報告に使えます。そのあと、最後の操作の直前に戻れます。";
    CrashSave: "Download the save", "保存データをダウンロード";
    CrashRestart: "Go back to before it", "直前に戻る";

    // Saves and files.
    Keeping: "Saves and files", "保存とファイル";
    KeptHere: "This harbour is saved in this browser after every act. A reload brings it back.", "この港は操作のたびにこのブラウザーに保存され、再読み込みしても元に戻ります。";
    KeptElsewhere: "Another tab saves this harbour. What you do in this tab is not saved.", "別のタブがこの港を保存しています。このタブでの操作は保存されません。";
    KeptNowhere: "This browser stores nothing here. What you do is lost when the tab is closed.", "このブラウザーでは保存できません。タブを閉じると操作は失われます。";
    DownloadSave: "Download the save", "保存データをダウンロード";
    OpenSave: "Open a save", "保存データを開く";
    DownloadAll: "Download all files (zip)", "全ファイルをダウンロード（zip）";
    UploadFiles: "Upload files or a zip", "ファイル・zip をアップロード";
    StartAfresh: "Start afresh…", "新しく始める…";
    AskReset: "Start afresh?", "新しく始めますか？";
    AskResetText: "Cluster, files and terminal begin anew. The harbour as it is now is kept below “Set aside” until the next time.", "クラスター・ファイル・ターミナルがすべて新しくなります。今の港は、次に新しく始めるまで「別に残したもの」に残ります。";
    AskResetUnsaved: "Cluster, files and terminal begin anew. This tab is not saved: download what you want to keep.", "クラスター・ファイル・ターミナルがすべて新しくなります。このタブは保存されていないので、残したいものはダウンロードしてください。";
    DoReset: "Start afresh", "新しく始める";
    AskOpen: "Open “{0}”?", "「{0}」を開きますか？";
    AskOpenText: "It replaces the harbour that you have now, which is kept below “Set aside” until the next time.", "今の港と入れ替わります。今の港は、次に入れ替えるまで「別に残したもの」に残ります。";
    DoOpen: "Open it", "開く";
    OpenNotHere: "This tab is not saved, so no save can be opened in it.", "このタブは保存されないため、保存データを開けません。";
    NoSave: "“{0}” cannot be opened as a save: {1}.", "「{0}」は保存データとして開けません：{1}。";
    Cancel: "Cancel", "やめる";
    SetAside: "Set aside", "別に残したもの";
    AsideRow: "{0}, {1} kB: {2}", "{0}、{1} kB：{2}";
    BringBack: "Open", "開く";
    DownloadShort: "Download", "ダウンロード";
    Discard: "Discard", "消す";
    AsideUnreadable: "could not be read", "読めなかった";
    AsideDamaged: "was damaged", "壊れていた";
    AsideStrayed: "was made by another version", "別の版で作られた";
    AsideFault: "ended in a fault", "不具合で止まった";
    AsideUnfinished: "could not be brought back", "元に戻せなかった";
    AsideGivenUp: "was given up", "復元を中止した";
    AsideReplaced: "was replaced", "入れ替えた";

    // Coming back.
    Restoring: "Bringing your harbour back…", "港を元に戻しています…";
    RestoringHow: "Everything you did is being done again, to the very same moment.", "これまでの操作をもう一度実行し、同じ瞬間まで戻します。";
    RestoringGiveUp: "Start afresh instead; the save is set aside", "中止して新しく始める（保存データは別に残します）";
    OpenElsewhere: "This harbour is open in another tab, which saves it. What you do in this tab is not saved.", "この港は別のタブで開いていて、そちらで保存されています。このタブでの操作は保存されません。";
    NotStored: "This browser lets Kobune store nothing here (a private window?). What you do is lost when the tab is closed.", "このブラウザーでは保存できません（プライベートウィンドウなど）。タブを閉じると操作は失われます。";
    StorageFull: "The browser’s storage is full: what you do now is not saved. Free some space, for example by discarding old saves under “Saves and files”.", "ブラウザーの保存領域がいっぱいで、今からの操作は保存されません。「保存とファイル」で古い保存データを消すなどして、空きを作ってください。";
    StorageFailed: "The browser could not save ({0}). What you do now is not saved.", "ブラウザーが保存に失敗しました（{0}）。今からの操作は保存されません。";
    StorageAgain: "Saving works again; nothing is missing.", "保存できるようになりました。抜けはありません。";
    SaveTooLong: "This harbour’s past has grown too long to be saved any further (the limits are {0} MB and {1} million steps). A reload brings it back as it is now. Download your files, or start afresh.", "この港の記録が長くなりすぎ、これ以上保存できません（上限は {0} MB、{1} 百万ステップ）。再読み込みすると今の状態に戻ります。ファイルをダウンロードするか、新しく始めてください。";
    SaveDamaged: "The save was damaged at line {0}. What comes before it is back. The whole save is set aside, see “Saves and files”.", "保存データの {0} 行目が壊れていました。その前までを元に戻しました。保存データは「保存とファイル」に残してあります。";
    SaveUnreadable: "The save could not be read, so a fresh harbour was opened. The save is set aside, see “Saves and files”.", "保存データを読めなかったため、新しい港を開きました。保存データは「保存とファイル」に残してあります。";
    SaveTooNew: "The save was made by a newer version of Kobune, so a fresh harbour was opened. The save is set aside, see “Saves and files”.", "保存データはより新しい版の小舟で作られています。新しい港を開きました。保存データは「保存とファイル」に残してあります。";
    SaveTooLarge: "The save is too large to be read, so a fresh harbour was opened. The save is set aside, see “Saves and files”.", "保存データが大きすぎて読めないため、新しい港を開きました。保存データは「保存とファイル」に残してあります。";
    SaveStrayed: "This version of Kobune does some things differently from the one that saved this harbour. It was rebuilt from what you did; details may differ. The save is set aside, see “Saves and files”.", "この版の小舟は、保存したときの版と動きが一部違います。操作をもとに港を組み立て直しました。細部は違うことがあります。保存データは「保存とファイル」に残してあります。";
    SaveFatal: "Kobune ran aground last time. The harbour is back as it was before your last act, and time is paused. The whole save is set aside, see “Saves and files”.", "前回、小舟が座礁しました。最後の操作の直前に戻し、時間を止めてあります。保存データは「保存とファイル」に残してあります。";
    SaveUnfinished: "The last attempt to bring the harbour back did not end well, so a fresh one was opened with your files and your history. The save is set aside, see “Saves and files”.", "前回、港を元に戻す途中で止まったため、ファイルと履歴を引き継いで新しい港を開きました。保存データは「保存とファイル」に残してあります。";
    SaveGivenUp: "A fresh harbour with your files and your history. The save is set aside, see “Saves and files”.", "ファイルと履歴を引き継いで新しい港を開きました。保存データは「保存とファイル」に残してあります。";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placeholders(text: &str) -> Vec<char> {
        let mut found: Vec<_> =
            text.split('{').skip(1).filter_map(|rest| rest.chars().next()).collect();
        crate::order::sort(&mut found);
        found.dedup();
        found
    }

    #[test]
    fn no_sentence_is_missing_in_any_language() {
        for text in Text::ALL {
            let (en, ja) = (text.tell(Lang::En), text.tell(Lang::Ja));
            assert!(!en.trim().is_empty() && !ja.trim().is_empty(), "{text:?} is empty");
            assert_eq!(placeholders(en), placeholders(ja), "{text:?} fills in different things");
        }
    }

    #[test]
    fn english_is_not_japanese() {
        for text in Text::ALL {
            assert!(text.tell(Lang::En).chars().all(|c| u32::from(c) < 0x3000), "{text:?}");
        }
    }

    /// Words that are the same in both languages because Kubernetes gives them.
    const SHARED: &[Text] = &[
        Text::Revision,
        Text::Cpu,
        Text::Yaml,
        Text::FieldNamespace,
        Text::FieldPods,
        Text::FieldTaints,
        Text::FieldConditions,
    ];

    #[test]
    fn japanese_is_translated() {
        for text in Text::ALL.iter().filter(|text| !SHARED.contains(text)) {
            let ja = text.tell(Lang::Ja);
            assert!(ja.chars().any(|c| u32::from(c) >= 0x3000), "{text:?} is not translated: {ja}");
        }
    }

    #[test]
    fn fills_in() {
        assert_eq!(
            Text::PodPlaced.fill(Lang::En, &["web", "node-1"]),
            "Pod web was placed on node-1."
        );
    }
}
