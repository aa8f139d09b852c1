//! What has just happened, told beside the picture.

use super::Text;

texts! {
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
}
