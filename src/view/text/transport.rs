//! Virtual time: playing it, skipping ahead, the timeline.

use super::Text;

texts! {
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
}
