//! The terminal; what commands print is not here.

use super::Text;

texts! {
    CommandLine: "Command line", "コマンドライン";
    TerminalOutput: "Output", "出力";
    Interrupt: "Stop (Ctrl+C)", "中断（Ctrl+C）";
    WaitingPaused: "Time is paused, so this command waits.", "時間が止まっているので、このコマンドは待っています。";
    WaitingRunning: "running", "実行中";
    Dropped: "(earlier output was dropped)", "（以前の出力は消えました）";
    Candidates: "Completions", "補完候補";
}
