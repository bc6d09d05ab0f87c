// Papers of a collection are moved by dragging their handle, or by arrow keys on it. Without this file buttons move them.

const EDGE = 64; // pixels from the window's edge within which a drag scrolls it
const SCROLL = 12; // pixels at each move there

const middle = (element) => {
  const { top, height } = element.getBoundingClientRect();
  return top + height / 2;
};

// The others go around the one that is dragged: a node that is taken out and put in elsewhere loses pointer and focus.
function follow(paper, y) {
  let other;
  while ((other = paper.previousElementSibling) && y < middle(other)) paper.after(other);
  while ((other = paper.nextElementSibling) && y > middle(other)) paper.before(other);
}

const index = (paper) => [...paper.parentElement.children].indexOf(paper);

async function put(list, paper) {
  const form = paper.querySelector(".placing form");
  const data = new URLSearchParams(new FormData(form));
  data.set("place", Number(list.dataset.first) + index(paper));
  const answer = await fetch(form.action, { method: "POST", body: data });
  if (!answer.ok) throw new Error(answer.statusText);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("ol[data-first]");
  list.replaceWith(fresh);
  arrange(fresh);
  document.getElementById(paper.id)?.querySelector(".handle")?.focus();
  told(fresh, data.get("place"));
  dispatchEvent(new Event("arranged"));
}

function keep(list, paper) {
  put(list, paper).catch(() => location.reload()); // as it stands, and with what is wrong
}

function told(list, place) {
  const line = document.getElementById("arranged");
  line.textContent = list.dataset.told.replace("#", place);
}

function drag(list, paper, begun) {
  const before = [...list.children];
  paper.classList.add("dragged");
  const move = (event) => {
    if (event.clientY < EDGE) scrollBy(0, -SCROLL);
    if (event.clientY > innerHeight - EDGE) scrollBy(0, SCROLL);
    follow(paper, event.clientY);
  };
  const end = (event) => {
    document.removeEventListener("pointermove", move);
    document.removeEventListener("pointerup", end, true);
    document.removeEventListener("pointercancel", end, true);
    document.removeEventListener("keydown", stop, true);
    paper.classList.remove("dragged");
    if (event.type !== "pointerup") list.replaceChildren(...before);
    else if (before.indexOf(paper) !== index(paper)) keep(list, paper);
  };
  const stop = (event) => event.key === "Escape" && end(event);
  document.addEventListener("pointermove", move);
  document.addEventListener("pointerup", end, true);
  document.addEventListener("pointercancel", end, true);
  document.addEventListener("keydown", stop, true);
  begun.preventDefault(); // no text is selected on the way
}

function step(list, paper, event) {
  const other = { ArrowUp: paper.previousElementSibling, ArrowDown: paper.nextElementSibling }[event.key];
  if (!other) return;
  event.preventDefault();
  if (event.key === "ArrowUp") paper.after(other);
  else paper.before(other);
  keep(list, paper);
}

function arrange(list) {
  for (const paper of list.children) {
    const handle = document.createElement("button");
    handle.type = "button";
    handle.className = "quiet handle";
    handle.textContent = "⠿";
    handle.title = list.dataset.handle;
    handle.setAttribute("aria-label", `${list.dataset.handle}: ${paper.querySelector("h2").textContent.trim()}`);
    handle.addEventListener("pointerdown", (event) => event.button === 0 && drag(list, paper, event));
    handle.addEventListener("keydown", (event) => step(list, paper, event));
    paper.querySelector(".placing")?.prepend(handle);
  }
}

document.querySelectorAll("ol[data-first]").forEach(arrange);
