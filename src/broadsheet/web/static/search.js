// Hits while a person types. The form works without this file: the same address gives the same page.
"use strict";

{
  const PAUSE = 200; // milliseconds without a key after which the hits are fetched
  const form = document.getElementById("search");
  const box = form.elements.q;
  const results = document.getElementById("results");
  const said = document.getElementById("search-said");
  let asked = box.value;
  let waiting, running;

  const fields = () => new URLSearchParams([...new FormData(form)].filter(([, value]) => value));

  function isShown(query, html) {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    results.replaceChildren(...fresh.body.childNodes);
    results.setAttribute("aria-busy", "false");
    said.textContent = document.getElementById("count")?.textContent ?? "";
    document.title = (query || form.querySelector("button").textContent) + " · Broadsheet";
    const help = document.querySelector(".help");
    if (query && !help.contains(document.activeElement)) help.open = false;
    for (const feed of document.querySelectorAll('link[rel=alternate][href*="/search."]')) {
      const address = new URL(feed.href);
      address.searchParams.set("q", query);
      feed.href = address;
    }
  }

  async function show() {
    const given = fields();
    const query = box.value.trim();
    asked = box.value;
    running?.abort();
    running = new AbortController();
    results.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.action + "/results?" + given, { signal: running.signal });
      if (!answer.ok) throw new Error(answer.statusText);
      isShown(query, await answer.text());
      history.replaceState(history.state, "", form.action + (query ? "?" + given : ""));
    } catch (trouble) {
      if (trouble.name === "AbortError") return;
      results.setAttribute("aria-busy", "false");
      said.textContent = said.dataset.failed;
    }
  }

  box.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => box.value !== asked && show(), PAUSE);
  });
  addEventListener("pagehide", () => clearTimeout(waiting));
}
