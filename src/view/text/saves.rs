//! Saves and files: keeping a harbour, opening another, and coming back to it.

use super::Text;

texts! {
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
