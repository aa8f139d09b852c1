//! Lessons: their list, steps, goals and predictions. What a lesson itself says stands in `lessons/`.

use super::Text;

texts! {
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
}
