// What must live outside WebAssembly: the save and its way to IndexedDB, and the panel that is shown when the core has
// stopped for good. After a fault nothing of the page's Rust runs any more; this still does.
//
// A save is text in pieces, one record each, under keys that sort as the text does:
//   NAME/0head  NAME/1act/00000012  NAME/2moment  NAME/3files     and, set aside,  aside/TIME
// Every function returns at once unless it says otherwise; nothing here throws into the core.

const STORE = "saves";
const PATIENCE = 3000;
/** For so many milliseconds nothing is said of a wait. */
const MOMENT = 400;

let database = null;
let name = "";
// What the fault panel offers for download, whether it could be stored or not.
let kept = { past: "", acts: [], moment: "", files: "" };
// What is not stored yet: whether the old save goes first, and records by key (null: this one goes).
let pending = { wipe: false, records: new Map() };
let writing = false;
let failed = false;
let tell = () => {};
let words = {};
let stopped = false;

const key = (part) => `${name}/${part}`;
const range = (prefix) => IDBKeyRange.bound(prefix, `${prefix}\uffff`);
const answer = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
const later = (millis, value) => new Promise((resolve) => setTimeout(resolve, millis, value));

function connect() {
  const request = indexedDB.open("kobune", 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return answer(request);
}

const store = (mode) => database.transaction(STORE, mode, { durability: "relaxed" });

/** Makes this tab the only one that writes the save; false if another one does. */
async function claim() {
  const lock = `kobune/${name}`;
  if (navigator.locks) {
    // A tab that is being reloaded lets go a moment after the new one asks.
    const signal = AbortSignal.timeout(1000);
    return new Promise((resolve) => {
      navigator.locks
        .request(lock, { signal }, () => {
          resolve(true);
          return new Promise(() => {});
        })
        .catch(() => resolve(false));
    });
  }
  // Without a secure context there are no locks: ask around.
  const channel = new BroadcastChannel(lock);
  let taken = false;
  channel.onmessage = ({ data }) => {
    if (data === "mine") taken = true;
  };
  channel.postMessage("whose?");
  await later(200);
  channel.onmessage = ({ data }) => {
    if (data === "whose?") channel.postMessage("mine");
  };
  if (taken) channel.close();
  return !taken;
}

const mark = (value) => {
  try {
    if (value === undefined) return localStorage.getItem(`kobune.mark.${name}`) ?? "";
    if (value === "") localStorage.removeItem(`kobune.mark.${name}`);
    else localStorage.setItem(`kobune.mark.${name}`, value);
  } catch {
    // Forbidden storage: then there is no save either.
  }
  return "";
};

/** Promises [whose, text, acts, mark]: whose the save is (own, elsewhere, none), the save, in how many act records, and
 *  what the last visit left: "replaying" or "fault" if it did not end well. */
export async function open(wanted) {
  name = wanted;
  kept = { past: "", acts: [], moment: "", files: "" };
  pending = { wipe: false, records: new Map() };
  try {
    database ??= await Promise.race([connect(), later(PATIENCE, null)]);
    if (!database) return ["none", "", 0, ""];
    if (!(await claim())) {
      database = null;
      return ["elsewhere", "", 0, ""];
    }
    const records = store("readonly").objectStore(STORE);
    const [keys, texts] = await Promise.all([answer(records.getAllKeys(range(key("")))), answer(records.getAll(range(key(""))))]);
    kept.past = texts.filter((_, index) => /\/[01]/.test(keys[index].slice(name.length))).join("");
    return ["own", texts.join(""), keys.filter((each) => each.startsWith(key("1act/"))).length, mark()];
  } catch (error) {
    console.warn("no storage:", error);
    database = null;
    return ["none", "", 0, ""];
  }
}

/** Notes whether a save is being done again: if the page dies over it, the next visit knows. */
export const set_replaying = (on) => mark(on ? "replaying" : "");

/** Calls back with the name of what went wrong when storing fails, and with "" when it works again. */
export const on_trouble = (hear) => {
  tell = hear;
};

function put(part, text) {
  pending.records.set(key(part), text);
  queueMicrotask(() => flush(false));
}

/** Stores what is pending, in one transaction; also while another is under way if the page is about to go. */
function flush(hurry) {
  if (!database || (writing && !hurry) || (!pending.wipe && pending.records.size === 0)) return;
  const batch = pending;
  pending = { wipe: false, records: new Map() };
  writing = true;
  const finish = (error) => {
    writing = false;
    if (error) {
      pending = { wipe: batch.wipe, records: new Map([...batch.records, ...pending.records]) };
      if (!failed) tell(error.name || "Error");
      failed = true;
      return;
    }
    if (failed) tell("");
    failed = false;
    flush(false);
  };
  try {
    const transaction = store("readwrite");
    transaction.oncomplete = () => finish(null);
    transaction.onabort = () => finish(transaction.error ?? { name: "AbortError" });
    const records = transaction.objectStore(STORE);
    if (batch.wipe) records.delete(range(key("")));
    for (const [each, text] of batch.records) {
      if (text === null) records.delete(each);
      else records.put(text, each);
    }
    transaction.commit?.();
  } catch (error) {
    finish(error);
  }
}

/** A fresh save replaces the one that was there. */
export function begin(head) {
  kept = { past: head, acts: [], moment: "", files: "" };
  pending.wipe = true;
  pending.records = new Map([...pending.records].filter(([each]) => each.startsWith("aside/")));
  put("0head", head);
}

/** One more act. The moment that was told before it is over. */
export function keep(number, line) {
  kept.acts.push(line);
  kept.moment = "";
  put(`1act/${String(number).padStart(8, "0")}`, line);
  pending.records.set(key("2moment"), null);
}

/** Where the run is now; at once if the page may be about to go. */
export function keep_moment(line, hurry) {
  kept.moment = line;
  put("2moment", line);
  if (hurry) flush(true);
}

/** The files as they are now. */
export function keep_files(text) {
  kept.files = text;
  put("3files", text);
}

/** Puts a copy of a save aside; it stays until it is thrown away by hand. Of those that the user replaced, the last one. */
export function set_aside(text, reason) {
  const when = Date.now();
  pending.records.set(`aside/${reason === "replaced" ? "" : when}`, { name, reason, text, when });
  queueMicrotask(() => flush(false));
}

/** Promises what was set aside, newest first: [key, when, reason, bytes] each. */
export async function asides() {
  if (!database) return [];
  const records = store("readonly").objectStore(STORE);
  const [keys, all] = await Promise.all([answer(records.getAllKeys(range("aside/"))), answer(records.getAll(range("aside/")))]);
  const lang = document.documentElement.lang;
  return all
    .map((each, index) => ({ ...each, key: keys[index] }))
    .sort((a, b) => b.when - a.when)
    .map(({ key, when, reason, text }) => [key, new Date(when).toLocaleString(lang), reason, text.length]);
}

/** Promises the text of something set aside. */
export const aside_text = async (aside) => (await answer(store("readonly").objectStore(STORE).get(aside)))?.text ?? "";

/** Throws something set aside away. */
export const forget_aside = async (aside) => answer(store("readwrite").objectStore(STORE).delete(aside)).catch(() => {});

/** Calls back when the page may be about to go, or to be hidden for long. */
export function on_leave(hear) {
  const leave = () => {
    if (!stopped) hear();
    // A visit that is ended on purpose while a save is done again is no fault of the save.
    if (mark() === "replaying" && !stopped) mark("");
  };
  addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && !stopped) hear();
  });
}

/** Gives the user a file. */
export function download(file, bytes) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  link.download = file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Promises what deflated bytes stand for, or null if they are broken or stand for more than `most` bytes. */
export async function inflate(bytes, most) {
  try {
    const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
    const out = new Uint8Array(most);
    let length = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return out.slice(0, length);
      if (length + value.length > most) {
        reader.cancel();
        return null;
      }
      out.set(value, length);
      length += value.length;
    }
  } catch {
    return null;
  }
}

/** Starts the world afresh from a text that stands for a save, or from nothing. */
export async function restart(text) {
  stopped = true;
  mark("");
  pending.wipe = true;
  pending.records = new Map([...pending.records].filter(([each]) => each.startsWith("aside/")));
  if (text) pending.records.set(key("0head"), text);
  flush(true);
  const end = Date.now() + PATIENCE;
  while (writing && Date.now() < end) await later(10);
  location.reload();
}

const element = (tag, properties, ...children) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
};

/** Whether all of the page's code is here (`hooks/wasm/later.mjs`): always where it was built in one piece. */
export const is_whole = () => globalThis.kobuneRest?.here() ?? true;

/** Promises that all of the page's code is here, whenever somebody asks for it. */
export const once_whole = () => globalThis.kobuneRest?.arrived;

let asking;

/** Promises that all of the page's code is here. After a moment the page says that it is under way; where there is no network
 *  it says so, and tries again when it is told to or when the network is back. */
export const become_whole = () => (asking ??= is_whole() ? Promise.resolve() : fetchRest().finally(() => { asking = null; }));

async function fetchRest() {
  const note = element("div", { className: "rest" });
  note.setAttribute("role", "status");
  const say = (...parts) => {
    note.replaceChildren(element("div", { className: "notice" }, ...parts));
    if (!note.isConnected) document.body.append(note);
  };
  const coming = () => say(element("p", {}, words.coming));
  const slow = setTimeout(coming, MOMENT);
  while (!(await globalThis.kobuneRest.fetched())) {
    clearTimeout(slow);
    await new Promise((again) => {
      say(element("p", {}, words.missing), element("button", { className: "button small", onclick: again }, words.retry));
      addEventListener("online", again, { once: true });
    });
    coming();
  }
  clearTimeout(slow);
  note.remove();
}

/** Watches for faults; the panel and what is said of the page's code speak these words. */
export function guard(sentences) {
  if (!words.title) {
    addEventListener("error", ({ error, message }) => {
      // A fault that is no panic (a stack that ran out, a trap) reaches the window from WebAssembly's frames.
      if (/wasm/.test(error?.stack ?? "")) fault(message);
    });
    addEventListener("unhandledrejection", ({ reason }) => {
      if (/wasm/.test(reason?.stack ?? "")) fault(String(reason));
    });
  }
  const [title, text, save, again, coming, missing, retry] = sentences;
  words = { title, text, save, again, coming, missing, retry };
  // What a call that could not wait asks.
  if (globalThis.kobuneRest) globalThis.kobuneRest.question = missing;
}

/** The core has stopped for good: stores what is pending and shows the panel. */
export function fault(message) {
  if (stopped) return;
  stopped = true;
  console.error(message);
  flush(true);
  if (database) mark(mark() === "replaying" ? "replaying" : "fault");
  const save = () => download("harbour.kobune", [kept.past, ...kept.acts, kept.moment, kept.files, note(message)].join(""));
  const panel = element(
    "section",
    { className: "crash" },
    element("h1", { id: "crash-title" }, words.title),
    element("p", {}, words.text),
    element("pre", {}, message),
    element("button", { className: "button primary", onclick: save }, words.save),
    element("button", { className: "button", onclick: () => location.reload() }, words.again),
  );
  panel.setAttribute("role", "alertdialog");
  panel.setAttribute("aria-labelledby", "crash-title");
  document.body.append(panel);
  panel.querySelector("button").focus();
}

/** A line that a save may carry anywhere; its check is FNV-1a, as in `src/journal/line.rs`. */
function note(message) {
  const text = `note\t${message.replace(/\\/g, "\\\\").replace(/\t/g, "\\t").replace(/\r/g, "\\r").replace(/\n/g, "\\n")}`;
  let hash = 0x811c9dc5;
  for (const byte of [0, 0, 0, 0, ...new TextEncoder().encode(text)]) hash = Math.imul(hash ^ byte, 0x01000193);
  return `${(hash >>> 0).toString(16).padStart(8, "0")}\t${text}\n`;
}
