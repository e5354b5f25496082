/* Keys of the review pages. A key moves the focus or opens a page; it never sends a form. */
(() => {
  "use strict";
  const find = (name) => document.querySelector(`[data-key-${name}]`);
  const open = (name) => { const link = find(name); if (link) location.assign(link.href); };
  const focus = (node) => { if (node) { node.focus(); node.scrollIntoView({ block: "center" }); } };
  const acts = {
    j: () => open("next"),
    k: () => open("previous"),
    a: () => focus(find("approve")),
    r: () => focus(find("reject")),
    "/": () => { const box = find("search"); if (box) focus(box); else location.assign("/ops/traces/"); },
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target.closest("input, select, textarea, [contenteditable]")) return;
    const act = acts[event.key];
    if (act) { event.preventDefault(); act(); }
  });
})();
