/* Keeps the live part of a page fresh: every 3 s for a minute after activity, every 60 s otherwise,
   never in a hidden tab. `data-refresh` names a fragment's address, whose server answers 204 while its
   version is the present one; empty, the page itself is asked and its live part taken.

   What is the same stays the same element, so that focus, selection, open folds and scrolling stay, and
   what a person fills in is never touched. While somebody types or selects in it the part waits, unless
   it says `data-refresh-held="never"`; `data-refresh-pace="fast"` never slows down. */
(() => {
  "use strict";
  const box = document.querySelector("[data-refresh]");
  if (!box) return;
  const FAST_MS = 3000, SLOW_MS = 60000, FAST_ROUNDS = 20, PATIENCE_MS = 10000;
  const FIELDS = "input:not([type=hidden]), select, textarea";
  let rounds = 0, timer = 0, pressed = false, asking = false;
  let fresh = new Date().toISOString().slice(11, 19);

  const word = document.createElement("p");
  word.className = "live-word";
  word.setAttribute("role", "status");
  word.hidden = true;
  box.before(word);
  const say = (text) => {
    if (word.textContent !== text) word.textContent = text;
    word.hidden = !text;
    box.toggleAttribute("data-stale", Boolean(text));
  };

  const held = () => {
    if (box.dataset.refreshHeld === "never") return false;
    const selection = getSelection(), active = document.activeElement;
    const selects = !selection.isCollapsed && box.contains(selection.anchorNode);
    return pressed || selects || (box.contains(active) && active.matches(FIELDS));
  };

  const key = (node) => node.id || node.dataset?.key
    || (node.nodeName === "TR" && node.querySelector("a")?.getAttribute("href")) || "";
  const isSame = (old, wanted) => old.nodeName === wanted.nodeName && key(old) === key(wanted);
  const patch = (old, wanted) => {
    if (old.isEqualNode(wanted)) return;
    if (old.nodeType !== Node.ELEMENT_NODE) { old.nodeValue = wanted.nodeValue; return; }
    if (old.matches(FIELDS) || old.name === "csrfmiddlewaretoken") return;
    for (const { name } of [...old.attributes]) {
      if (name !== "open" && !wanted.hasAttribute(name)) old.removeAttribute(name);
    }
    for (const { name, value } of wanted.attributes) {
      if (name !== "open" && old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    renew(old, wanted);
  };
  // Walks both lists of children; a row is found again by its key, a new one is put before it.
  const renew = (old, wanted) => {
    let at = old.firstChild;
    for (const one of [...wanted.childNodes]) {
      let found = at;
      while (found && !isSame(found, one)) found = key(one) ? found.nextSibling : null;
      if (!found) { old.insertBefore(document.importNode(one, true), at); continue; }
      while (at !== found) { const gone = at; at = at.nextSibling; gone.remove(); }
      at = found.nextSibling;
      patch(found, one);
    }
    while (at) { const gone = at; at = at.nextSibling; gone.remove(); }
  };

  // A fault that has words of its own; any other one is a missing answer.
  const refusal = (words) => Object.assign(new Error(words), { words });
  const ask = async () => {
    const url = new URL(box.dataset.refresh || location.href, location.href);
    url.hash = "";
    if (box.dataset.version) url.searchParams.set("since", box.dataset.version);
    const answer = await fetch(url, { headers: { Accept: "text/html" }, signal: AbortSignal.timeout(PATIENCE_MS) });
    if (!answer.ok) throw refusal(`The server answers ${answer.status}`);
    const told = answer.headers.get("X-As-Of");
    const asOf = told || new Date(answer.headers.get("Date") || Date.now()).toISOString().slice(11, 19);
    if (answer.status !== 204) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const part = page.querySelector("[data-refresh]") || (box.dataset.refresh && page.body);
      if (!part) throw refusal("You are signed out, or the page has gone");
      if (held()) return;
      renew(box, part);
      if (answer.headers.has("X-Version")) box.dataset.version = answer.headers.get("X-Version");
      if (!box.dataset.refresh) box.dataset.refreshPace = part.dataset.refreshPace || "";
    }
    fresh = asOf;
    if (told) for (const node of document.querySelectorAll("[data-as-of]")) node.textContent = told;
  };
  const loop = async () => {
    clearTimeout(timer);
    if (document.hidden || asking) return;
    asking = true;
    try {
      if (held()) { say(`Waits while you type or select; as of ${fresh} UTC.`); }
      else { await ask(); say(""); }
    } catch (fault) {
      say(`${fault.words || "No answer from the server"}: what stands below is of ${fresh} UTC and may be old.`);
    }
    asking = false;
    const isFast = rounds++ < FAST_ROUNDS || box.dataset.refreshPace === "fast" || !word.hidden;
    timer = setTimeout(loop, isFast ? FAST_MS : SLOW_MS);
  };
  const wake = () => { const slow = rounds > FAST_ROUNDS; rounds = 0; if (slow) loop(); };
  for (const kind of ["pointerdown", "keydown", "scroll"]) addEventListener(kind, wake, { passive: true });
  addEventListener("pointerdown", () => { pressed = true; }, { passive: true });
  for (const kind of ["pointerup", "pointercancel", "blur"]) addEventListener(kind, () => { pressed = false; });
  document.addEventListener("visibilitychange", () => { rounds = 0; loop(); });
  document.addEventListener("fusion:refresh", loop);
  timer = setTimeout(loop, FAST_MS);
})();
