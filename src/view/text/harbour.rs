//! The picture: the control plane, Pods and why they wait, boats, Services, requests, and what can be done there.

use super::Text;

texts! {
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
}
