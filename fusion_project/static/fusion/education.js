/* The example chart of a script, and the copy button. Without this file the tables say the same. */
import { alertMarks } from "./education-marks.js";

{
  const find = (name) => document.querySelector(`[data-${name}]`);
  const plot = find("plot");
  const word = find("word");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  // Width of a bar at first.
  const BAR_PX = 11;
  const DAILY = /[DWM]$/;
  const STROKES = { red: 2, teal: 1, purple: 3 };
  const MARK_COLOURS = {
    buy: "gain", sell: "loss", exit: "ink", other: "fine", bar: "line-strong", card: "card",
  };
  const colour = (name) =>
    getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const markColours = () =>
    Object.fromEntries(Object.entries(MARK_COLOURS).map(([look, name]) => [look, colour(name)]));

  // Each unbroken stretch of a line is drawn by itself. A level that comes and goes with trades
  // is a new one where it jumps at an entry.
  const stretches = (bars, values, starts) => {
    const found = [];
    const hasGaps = values.includes(null);
    values.forEach((value, n) => {
      if (value === null) return;
      const isJump = hasGaps && values[n - 1] !== value && starts.has(n);
      if (!n || values[n - 1] === null || isJump) found.push([]);
      found.at(-1).push({ time: bars[n][0], value });
    });
    return found;
  };
  const isLevel = (values) =>
    values.filter((value, n) => value === values[n - 1]).length > values.length / 2;
  // Where to look first: the `room` bars with the most kinds of alerts, and of those the calmest.
  const placeToStart = (marks, places, firsts, room) => {
    const scores = firsts.map((from) => {
      const inside = marks.filter((_, n) => places[n] >= from && places[n] < from + room);
      return new Set(inside.map((mark) => mark.label)).size * 1000 - inside.length;
    });
    return firsts[scores.indexOf(Math.max(...scores))];
  };

  const chartLook = () => ({
    layout: {
      background: { color: colour("card") }, textColor: colour("ink-soft"),
      fontFamily: getComputedStyle(document.body).fontFamily, attributionLogo: false,
    },
    grid: { vertLines: { visible: false }, horzLines: { color: colour("line") } },
    rightPriceScale: { borderColor: colour("line") },
    timeScale: { borderColor: colour("line") },
    crosshair: {
      vertLine: { color: colour("line-strong"), labelBackgroundColor: colour("ink-soft") },
      horzLine: { color: colour("line-strong"), labelBackgroundColor: colour("ink-soft") },
    },
  });
  const candleLook = () => ({
    upColor: colour("card"), downColor: colour("ink-soft"),
    borderColor: colour("ink-soft"), wickColor: colour("ink-soft"),
  });

  const build = (data, starts) => {
    const { createChart, CandlestickSeries, LineSeries, LineType } = LightweightCharts;
    const price = { type: "price", precision: data.places, minMove: data.mintick };
    const quiet = { priceFormat: price, lastValueVisible: false, priceLineVisible: false };
    const chart = createChart(plot, {
      ...chartLook(), autoSize: true,
      localization: { locale: "en-GB" },
      kineticScroll: { touch: !calm.matches, mouse: false },
      // The wheel and a finger's way up or down belong to the page.
      handleScroll: { mouseWheel: false, vertTouchDrag: false },
      handleScale: { mouseWheel: false, axisPressedMouseMove: { price: false, time: true } },
    });
    chart.timeScale().applyOptions({
      timeVisible: !DAILY.test(data.timeframe), secondsVisible: false, minBarSpacing: 1,
    });
    chart.priceScale("right").applyOptions({ scaleMargins: { top: 0.17, bottom: 0.17 } });
    const candles = chart.addSeries(CandlestickSeries, { ...quiet, ...candleLook() });
    candles.setData(
      data.bars.map(([time, open, high, low, close]) => ({ time, open, high, low, close })),
    );
    const lines = data.lines.flatMap((line) => {
      // A line that the script draws half-clear is a side note: thin, and it may leave the picture.
      const isFaint = line.color.length > "#rrggbb".length;
      const look = {
        ...quiet, color: colour(`look-${line.look}`), crosshairMarkerVisible: false,
        lineWidth: isFaint ? 1 : 2, lineStyle: STROKES[line.look] || 0,
        lineType: isLevel(line.values) ? LineType.WithSteps : LineType.Simple,
        ...(isFaint && { autoscaleInfoProvider: () => null }),
      };
      return stretches(data.bars, line.values, starts).map((stretch) => {
        const series = chart.addSeries(LineSeries, look);
        series.setData(stretch);
        return { series, look: line.look };
      });
    });
    return { chart, candles, lines };
  };

  const start = (data) => {
    word.remove();
    const indexOf = new Map(data.bars.map((bar, n) => [bar[0], n]));
    const places = data.marks.map((mark) => indexOf.get(mark.time));
    const starts = new Set(places.filter((_, n) => data.alerts[n].event === "entry"));
    const { chart, candles, lines } = build(data, starts);
    const scale = chart.timeScale();
    const choice = find("choice");
    const readout = find("readout");
    const cells = data.lines.map((_, n) =>
      document.querySelector(`[data-line="${n}"] [data-value]`));
    const isDaily = DAILY.test(data.timeframe);
    const font = getComputedStyle(document.body).fontFamily;
    let colours = markColours();
    let chosen = -1;

    data.marks.forEach(({ when, label }, n) => choice.add(new Option(`${when} · ${label}`, n)));
    const marks = alertMarks(() =>
      ({ marks: data.marks, places, bars: data.bars, chosen, colours, font }));
    candles.attachPrimitive(marks);
    const show = (from, to) => scale.setVisibleLogicalRange({ from, to });
    const shown = () => {
      const range = scale.getVisibleLogicalRange();
      return { middle: (range.from + range.to) / 2, width: range.to - range.from };
    };
    const choose = (number, isScrolled) => {
      chosen = Math.min(Math.max(number, 0), data.alerts.length - 1);
      choice.value = String(chosen);
      find("message").textContent = JSON.stringify(data.alerts[chosen], null, 2);
      for (const button of document.querySelectorAll("[data-step]")) {
        button.disabled = !data.alerts[chosen + Number(button.dataset.step)];
      }
      const { width } = shown();
      if (isScrolled) show(places[chosen] - width / 2, places[chosen] + width / 2);
      marks.redraw();
      tell(places[chosen]);
    };
    const zoom = (factor) => {
      if (factor === "all") { show(-1, data.bars.length + 1); return; }
      const { middle, width } = shown();
      const half = Math.min(Math.max(width * Number(factor), 12), data.bars.length + 4) / 2;
      show(middle - half, middle + half);
    };
    const tell = (at) => {
      const bar = data.bars[at];
      const [open, high, low, close] = bar.slice(1).map((one) => one.toFixed(data.places));
      const time = new Date(bar[0] * 1000).toISOString().replace("T", " ");
      const when = `${time.slice(0, isDaily ? 10 : 16)} UTC`;
      const labels = data.marks.filter((_, n) => places[n] === at).map((mark) => mark.label);
      const prices = `open ${open} high ${high} low ${low} close ${close}`;
      readout.textContent = [when, prices, ...labels].join(" · ");
      cells.forEach((cell, n) => {
        const value = data.lines[n].values[at];
        cell.textContent = value === null ? "none" : value.toFixed(data.places);
      });
    };

    chart.subscribeCrosshairMove((move) => {
      const at = indexOf.get(move.time);
      tell(at ?? places[chosen] ?? data.bars.length - 1);
    });
    chart.subscribeClick((click) => {
      // Where one bar has several alerts, each click goes to the next of them.
      const here = [...places.keys()].filter((n) => places[n] === indexOf.get(click.time));
      if (here.length) choose(here[(here.indexOf(chosen) + 1) % here.length], false);
    });
    choice.addEventListener("change", () => choose(Number(choice.value), true));
    for (const button of document.querySelectorAll("[data-step]")) {
      button.addEventListener("click", () => choose(chosen + Number(button.dataset.step), true));
    }
    for (const button of document.querySelectorAll("[data-zoom]")) {
      button.addEventListener("click", () => zoom(button.dataset.zoom));
    }
    dark.addEventListener("change", () => {
      chart.applyOptions(chartLook());
      candles.applyOptions(candleLook());
      lines.forEach(({ series, look }) => series.applyOptions({ color: colour(`look-${look}`) }));
      colours = markColours();
      marks.redraw();
    });

    readout.hidden = false;
    find("side").hidden = !data.alerts.length;
    const room = Math.min(Math.floor(plot.clientWidth / BAR_PX), data.bars.length);
    const firsts = starts.size ? [...starts] : places;
    const first = firsts.length ? placeToStart(data.marks, places, firsts, room - 10) : 0;
    const from = Math.max(Math.min(first - 6, data.bars.length - room), 0);
    show(from, from + room);
    tell(data.bars.length - 1);
    if (places.length) choose(places.findIndex((at) => at >= first), false);
    plot.setAttribute("role", "img");
    plot.setAttribute("aria-label", "Chart of the example; the table below has its alerts.");
    plot.dataset.drawn = "yes";
  };

  const load = async () => {
    word.textContent = "Loading the chart.";
    const answer = await fetch(plot.dataset.plot, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    start(await answer.json());
  };
  if (plot) {
    load().catch(() => {
      plot.replaceChildren(word);
      word.textContent = "The chart could not be drawn. The table below has the same alerts.";
    });
  }

  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      const text = document.getElementById(button.dataset.copy).textContent;
      const isCopied = await navigator.clipboard.writeText(text).then(() => true, () => false);
      find("copied").textContent = isCopied
        ? "Copied." : "Not allowed by the browser; use the download.";
    });
  }

  // An example's bar closed long ago, and a late entry is refused: its own times move to now.
  for (const form of document.querySelectorAll("[data-try]")) {
    const raw = form.elements.message.value;
    form.addEventListener("submit", () => {
      const message = JSON.parse(raw);
      const moved = Date.now() - message.sent_at;
      const times = new Set([message.bar_time, message.bar_close, message.sent_at]);
      form.elements.message.value = [...times].reduce(
        (text, time) => text.replaceAll(String(time), String(time + moved)), raw,
      );
    });
  }
}
