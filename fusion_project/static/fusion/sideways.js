/* Marks what holds more to the right than it shows, so that it can be seen that it scrolls. */
(() => {
  "use strict";
  const WIDE = ".f-box, .f-nav, .results, .table-box";
  const mark = () => {
    for (const one of document.querySelectorAll(WIDE)) {
      const left = one.scrollWidth - one.clientWidth - one.scrollLeft;
      one.classList.toggle("has-more", left > 1);
    }
  };
  document.querySelector(".f-nav [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
  addEventListener("scroll", mark, { capture: true, passive: true });
  addEventListener("resize", mark);
  const watched = { childList: true, subtree: true, attributes: true, attributeFilter: ["class"] };
  new MutationObserver(mark).observe(document.body, watched);
  mark();
})();
