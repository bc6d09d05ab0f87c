// Marks without leaving the page, and keys. Every page works without this file.
"use strict";

const root = document.documentElement.dataset.root || "";
const KEYS_OFF = "broadsheet-keys-off";

// Marks and collections

async function send(form, button) {
  const data = new URLSearchParams(new FormData(form));
  if (button.name) data.set(button.name, button.value);
  const answer = await fetch(button.hasAttribute("formaction") ? button.formAction : form.action, {
    method: "POST",
    body: data,
    headers: { Accept: "application/json" },
  });
  if (!answer.ok) throw new Error(answer.statusText);
  return await answer.json();
}

// A button says a mark or a collection, and a paper; with a - before them where it takes that back.
const told = (button) => button.value.replace(/^-/, "");
const kindOf = (button) => told(button).split(" ")[0];
const keyOf = (button) => told(button).slice(kindOf(button).length + 1);

const SIGNS = "△▲▽▼☆★✓✔✕✖"; // of each mark where it does not hold, and where it does

function sign(button, on) {
  const at = SIGNS.indexOf(button.textContent[0]);
  if (at >= 0) button.textContent = SIGNS[at - (at % 2) + Number(on)] + button.textContent.slice(1);
}

function show({ key, marks, collections }) {
  const kept = { marks, filing: collections.map(String) };
  for (const button of document.querySelectorAll('button[form="marks"][name], button[form="filing"]')) {
    if (keyOf(button) !== key) continue;
    const on = kept[button.getAttribute("form")].includes(kindOf(button));
    button.setAttribute("aria-pressed", String(on));
    if (button.getAttribute("form") === "marks") sign(button, on);
    button.value = (on ? "-" : "") + told(button);
    const paper = button.closest(".paper");
    paper?.classList.toggle("hidden", marks.includes("hide"));
    paper?.classList.toggle("read", marks.includes("read"));
  }
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!["marks", "filing"].includes(form.id) || form.dataset.plain || event.submitter?.dataset.plain) {
    if (form.method === "post" && !event.defaultPrevented) count();
    return;
  }
  event.preventDefault();
  const button = event.submitter;
  const { undone } = document.documentElement.dataset;
  try {
    const { papers, things } = await send(form, button);
    if (!button.name) {
      const seenByButtons = here.pop();
      countHere();
      if (things.length && !seenByButtons) return location.reload();
      papers.forEach(show);
      const [first, ...more] = [...papers.map((paper) => paper.title), ...things]; // it may be what another window did
      return say(first ? `${first}${more.length ? " …" : ""}: ${undone}` : undone);
    }
    here.push(true);
    countHere();
    show({ ...papers[0], key: keyOf(button) });
    const name = form.dataset[kindOf(button)] || button.getAttribute("aria-label") || button.textContent;
    say(button.getAttribute("aria-pressed") === "true" ? name : `${name}: ${undone}`, true);
  } catch (error) {
    if (error instanceof TypeError) return say(document.documentElement.dataset.unsaved); // no answer at all
    form.dataset.plain = "1"; // the way without script tells what is wrong
    form.requestSubmit(button);
    delete form.dataset.plain;
  }
});

// A page that one comes back to is as it was left: where something was done since, it is loaded again.
const DONE = "done " + root;
const done = () => Number(sessionStorage.getItem(DONE));
const seen = () => history.replaceState({ ...history.state, done: done() }, "");
let known = 0; // what was done when this page was last as it is; where the browser keeps the page, it keeps this, too
const here = []; // what was done on this page and not taken back, each: whether buttons alone show it
const count = () => sessionStorage.setItem(DONE, done() + 1);

function countHere() {
  count();
  known = done();
}

// What was done on this page is seen, and can be taken back at once; of what else was done the link tells first.
document.getElementById("undo")?.addEventListener("click", (event) => {
  const button = document.getElementById("take-back");
  if (!here.length || !button) return;
  event.preventDefault();
  button.click();
});

addEventListener("arranged", () => here.push(false));

// Who comes back to a list goes on from the paper that they left it at.
const LEFT = () => "left " + location.pathname + location.search;
addEventListener("pagehide", () => sessionStorage.setItem(LEFT(), current()?.id ?? ""));

addEventListener("pageshow", (event) => {
  const isKept = event.persisted; // else it was made anew, of what came before anything was pressed on it
  const before = isKept ? known : history.state?.done;
  const way = performance.getEntriesByType("navigation")[0]?.type;
  const cameBack = isKept || way === "back_forward";
  known = done();
  seen();
  if ((cameBack || way === "reload") && document.activeElement === document.body)
    document.getElementById(sessionStorage.getItem(LEFT()))?.focus({ preventScroll: true });
  if (cameBack && before < known) location.reload();
});

const BRIEF = 4000; // milliseconds that a sentence stands
const LONGER = 8000; // and one with a button

function say(sentence, undoable = false) {
  let line = document.getElementById("said");
  if (!line) {
    line = document.createElement("p");
    line.id = "said";
    line.setAttribute("role", "status");
    document.body.append(line);
  }
  line.textContent = sentence;
  const undo = undoable && document.getElementById("take-back")?.cloneNode();
  if (undo) {
    undo.removeAttribute("id");
    undo.hidden = false;
    undo.className = "plain";
    undo.textContent = document.documentElement.dataset.undo;
    line.append(" ", undo);
  }
  clearTimeout(say.later);
  say.later = setTimeout(() => (line.textContent = ""), undo ? LONGER : BRIEF);
}

// Keys

const PATIENCE = 1500; // milliseconds after g in which a letter is the name of a place

const papers = () => [...document.querySelectorAll(".paper:not(.none)")];
const current = () => document.activeElement.closest(".paper");

function move(step) {
  const all = papers().filter((paper) => paper === current() || !paper.matches(".hidden, .away"));
  if (!all.length) return;
  const here = all.indexOf(current());
  const seen = all.findIndex((paper) => paper.getBoundingClientRect().bottom > 0); // who scrolled by hand goes on there
  const next = here < 0 ? Math.max(step > 0 ? seen : seen - 1, 0) : Math.min(Math.max(here + step, 0), all.length - 1);
  all[next].focus();
  all[next].scrollIntoView({ block: "nearest" });
}

function press(kind) {
  const place = current() || document.querySelector(".single");
  const button = place && [...place.querySelectorAll(".marks button")].find((b) => kindOf(b) === kind);
  if (button) button.click();
}

function open(selector, part = "") {
  const place = current() || document.querySelector(".single");
  const link = place && place.querySelector(selector);
  if (link) location.href = link.href + part;
}

function writeNote() {
  const box = document.querySelector(".single .own-note textarea");
  if (!box && current()) open("h2 a", "#note"); // the one of a list has its note on a page of its own
  if (!box) return;
  box.closest("details").open = true;
  box.focus();
}

const go = (path) => () => (location.href = root + path);
const follow = (selector) => () => document.querySelector(selector)?.click();

const actions = {
  j: () => move(1),
  k: () => move(-1),
  o: () => open("h2 a"),
  u: () => press("up"),
  d: () => press("down"),
  s: () => press("save"),
  r: () => press("read"),
  h: () => press("hide"),
  n: writeNote,
  z: () => here.length && document.getElementById("take-back")?.click(),
  "/": () => document.querySelector(".find input").focus(),
  "[": follow("a[rel=prev]"),
  "]": follow("a[rel=next]"),
  "?": () => document.getElementById("keys")?.showModal(),
};
const places = {
  t: go("/"),
  r: go("/trending"),
  m: go("/mine"),
  c: go("/collections"),
  q: go("/searches"),
  i: go("/interests"),
  d: go("/digests"),
  f: go("/feeds"),
  s: go("/status"),
  e: go("/settings"),
};
let waiting = 0; // until when the letter after g is waited for

const off = () => document.documentElement.dataset.keys === "off" || localStorage.getItem(KEYS_OFF) === "1";
const typing = (element) => element.matches("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.matches(".find input")) {
    event.preventDefault(); // some browsers would empty it
    return event.target.blur();
  }
  if (event.key === "Escape" && event.target.matches("textarea")) return event.target.blur();
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  if (off()) return; // the button at the foot of the page still shows them
  const began = event.timeStamp < waiting;
  const action = (began ? places : actions)[event.key];
  waiting = !began && event.key === "g" ? event.timeStamp + PATIENCE : 0;
  if (!action) return;
  event.preventDefault();
  action();
});

const switched = document.getElementById("keys-on");
if (switched) {
  switched.checked = !off();
  switched.addEventListener("change", () => localStorage.setItem(KEYS_OFF, switched.checked ? "0" : "1"));
}
if (location.hash === "#note") writeNote();
document.getElementById("show-keys")?.addEventListener("click", () => actions["?"]());

// Copying

document.addEventListener("click", async (event) => {
  const button = event.target.closest(".copy");
  if (!button) return;
  try {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    say(document.documentElement.dataset.copied);
  } catch {
    getSelection().selectAllChildren(document.getElementById(button.dataset.copy)); // the next key can copy it
    say(document.documentElement.dataset.selected);
  }
});

// A file that is too large is told before it is sent

document.addEventListener("change", (event) => {
  const { files, dataset } = event.target;
  if (!dataset.most) return;
  const large = [...files].some((file) => file.size > Number(dataset.most));
  event.target.setCustomValidity(large ? dataset.large : "");
  event.target.reportValidity();
});

// In a row that is longer than a telephone is wide, the place where one is can be seen

for (const place of document.querySelectorAll("nav [aria-current]")) {
  const row = place.closest("nav");
  row.scrollLeft = place.offsetLeft - row.offsetLeft - (row.clientWidth - place.offsetWidth) / 2;
}

// What goes on behind the page

const BETWEEN = 2000; // milliseconds between two looks

async function keepTold() {
  const line = document.getElementById("underway");
  if (!line) return;
  try {
    const at = location.pathname.slice(root.length) + location.search;
    const answer = await fetch(root + "/underway?at=" + encodeURIComponent(at));
    if (answer.ok) line.outerHTML = await answer.text();
  } catch {
    return; // who serves the page has stopped
  }
  setTimeout(keepTold, BETWEEN);
}
if (document.getElementById("underway")) setTimeout(keepTold, BETWEEN);

// What was begun and not sent is there again when the page is; what a page of errors answers was not taken

if (document.querySelector(".refused"))
  for (const name of Object.keys(sessionStorage).filter((name) => /^draft .* sent$/.test(name)))
    sessionStorage.removeItem(name);

for (const form of document.querySelectorAll("form[data-draft]")) {
  const name = "draft " + root + " " + form.dataset.draft;
  const box = form.querySelector("textarea");
  if (sessionStorage.getItem(name + " sent") && location.hash) {
    sessionStorage.removeItem(name); // it was taken: the page leads to it
  }
  sessionStorage.removeItem(name + " sent");
  const kept = sessionStorage.getItem(name);
  if (kept !== null && kept !== box.value) {
    box.value = kept;
    for (let place = box.closest("details"); place; place = place.parentElement.closest("details")) place.open = true;
  }
  box.addEventListener("input", () => sessionStorage.setItem(name, box.value));
  form.addEventListener("submit", () => sessionStorage.setItem(name + " sent", "1"));
}
