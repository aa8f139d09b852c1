//! What the inspector says of whatever is selected: its fields, its rollout, the scheduler's table.

use super::Text;

texts! {
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
}
