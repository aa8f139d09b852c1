//! The editor: its files, its list of problems, and what a repair does.

use super::Text;

texts! {
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
    AtLineShort: "line {0}", "{0} 行目";
    RepairHint: "Mend it (Ctrl+. in the line)", "直す（その行で Ctrl+.）";
    RepairChange: "Change to {0}", "{0} に直す";
    RepairInsert: "Insert {0}", "{0} を書き足す";
    RepairIndent: "Move it to its column", "行頭の位置をそろえる";
    RepairTabs: "Replace tabs by spaces", "タブを空白に変える";
    RepairWide: "Make them narrow", "半角に直す";
    RepairDashSpace: "Put a space behind the dash", "「-」の後ろに空白を入れる";
    RepairColonSpace: "Put a space behind the colon", "コロンの後ろに空白を入れる";
    RepairColon: "Put a colon", "コロンを入れる";
    RepairClose: "Close it with {0}", "{0} で閉じる";
    RepairDash: "Make it a list item (-)", "「- 」を付けてリストにする";
}
