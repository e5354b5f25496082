/* Keeps one fragment of a page fresh: every 3 s for a minute after activity, every 60 s otherwise,
   never in a hidden tab. The server answers 204 while the fragment's version is unchanged. */
(() => {
  "use strict";
  const box = document.querySelector("[data-refresh]");
  if (!box) return;
  const FAST_MS = 3000, SLOW_MS = 60000, FAST_ROUNDS = 20;
  let rounds = 0, timer = 0;

  const mark = (text) => {
    for (const node of document.querySelectorAll("[data-as-of]")) node.textContent = text;
  };
  const ask = async () => {
    const url = new URL(box.dataset.refresh, location.href);
    url.searchParams.set("since", box.dataset.version);
    const answer = await fetch(url, { headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(String(answer.status));
    mark(answer.headers.get("X-As-Of") || "");
    if (answer.status === 204) return;
    const open = [...box.querySelectorAll("details[open][id]")].map((node) => node.id);
    box.innerHTML = await answer.text();
    open.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
    box.dataset.version = answer.headers.get("X-Version") || "";
  };
  const loop = async () => {
    clearTimeout(timer);
    if (document.hidden) return;
    try { await ask(); box.removeAttribute("data-stale"); } catch { box.setAttribute("data-stale", ""); }
    timer = setTimeout(loop, rounds++ < FAST_ROUNDS ? FAST_MS : SLOW_MS);
  };
  const wake = () => { const slow = rounds > FAST_ROUNDS; rounds = 0; if (slow) loop(); };
  for (const kind of ["pointerdown", "keydown", "scroll"]) addEventListener(kind, wake, { passive: true });
  document.addEventListener("visibilitychange", () => { rounds = 0; loop(); });
  timer = setTimeout(loop, FAST_MS);
})();
