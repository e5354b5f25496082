/* Counts down to the end of a review and up the age of a price, each second, from the seconds that the
   page was made with: the clock of this computer does not matter. At the end the verdicts close. */
(() => {
  "use strict";
  const THIN = "\u202f";
  const seen = new WeakMap();

  const words = (seconds) => {
    const total = Math.max(0, Math.floor(seconds)), two = (number) => String(number).padStart(2, "0");
    const [days, hours, minutes] = [Math.floor(total / 86400), Math.floor(total / 3600) % 24, Math.floor(total / 60) % 60];
    if (days) return `${days}${THIN}d ${hours}${THIN}h`;
    if (hours) return `${hours}${THIN}h ${two(minutes)}${THIN}min`;
    if (minutes) return `${minutes}${THIN}min ${two(total % 60)}${THIN}s`;
    return `${total}${THIN}s`;
  };
  // Seconds since the page, or its last renewal, told this number.
  const passed = (node, told) => {
    const known = seen.get(node);
    if (known?.told === told) return (performance.now() - known.at) / 1000;
    seen.set(node, { told, at: performance.now() });
    return 0;
  };
  const tick = () => {
    for (const node of document.querySelectorAll("[data-age]")) {
      const told = node.dataset.age;
      node.textContent = words(Number(told) + passed(node, told));
    }
    for (const node of document.querySelectorAll("[data-countdown]")) {
      const told = node.dataset.countdown, left = Number(told) - passed(node, told);
      node.textContent = words(left);
      if (left > 0 || node.dataset.over === told) continue;
      node.dataset.over = told;
      for (const button of document.querySelectorAll("[data-in-time]")) button.disabled = true;
      document.dispatchEvent(new Event("fusion:refresh"));
    }
  };
  tick();
  setInterval(tick, 1000);
})();
