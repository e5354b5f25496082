/* Marks of alerts on a chart: a shape at the bar and a few words with a rim, so that candles and
   lines behind them leave them readable. Words that would cover others are left out. */
const SIZE = 5;
const GAP = 4;
const LINE = 13;
// Where bars are narrower than this, the picture is of the whole: small shapes, few words.
const TIGHT_PX = 6;
// On a phone the words of all would lie on the candles: the chosen one's stand alone.
const NARROW_PX = 420;

const outlines = {
  buy: [[0, -5], [6, 1], [3, 1], [3, 5], [-3, 5], [-3, 1], [-6, 1]],
  sell: [[0, 5], [6, -1], [3, -1], [3, -5], [-3, -5], [-3, -1], [-6, -1]],
  exit: [[-5, -5], [5, -5], [5, 5], [-5, 5]],
};

const drawShape = (pen, look, x, y, scale, rim) => {
  pen.beginPath();
  const outline = outlines[look];
  if (outline) outline.forEach(([dx, dy]) => pen.lineTo(x + dx * scale, y + dy * scale));
  else pen.arc(x, y, (look === "bar" ? 2.5 : SIZE) * scale, 0, 2 * Math.PI);
  pen.closePath();
  pen.lineWidth = 3;
  pen.strokeStyle = rim;
  pen.stroke();
  pen.fill();
};

const areApart = (one, other) =>
  one.right < other.left || other.right < one.left
  || one.bottom < other.top || other.bottom < one.top;

/** A primitive for candles. `state()` gives {marks, places, bars, chosen, colours, font}. */
export const alertMarks = (state) => {
  let chart = null, series = null, redraw = () => {};

  // Where each mark stands: away from the bar, one behind the other.
  const stand = (now) => {
    const used = new Map();
    return now.marks.map((mark, n) => {
      const isAbove = mark.side === "sell";
      const [, , high, low] = now.bars[now.places[n]];
      const key = `${now.places[n]}${isAbove}`;
      const far = used.get(key) || 2 * GAP;
      used.set(key, far + 2 * SIZE + LINE + GAP);
      const x = chart.timeScale().logicalToCoordinate(now.places[n]);
      const edge = series.priceToCoordinate(isAbove ? high : low);
      return { mark, n, x, y: edge + (isAbove ? -far : far), away: isAbove ? -1 : 1 };
    });
  };
  const drawWords = (pen, now, spot, taken, width) => {
    const half = pen.measureText(spot.mark.label).width / 2;
    const x = Math.min(Math.max(spot.x, half + GAP), width - half - GAP);
    const y = spot.y + spot.away * (SIZE + GAP + LINE / 2);
    const box = { left: x - half, right: x + half, top: y - LINE / 2, bottom: y + LINE / 2 };
    if (!taken.every((other) => areApart(box, other))) return;
    taken.push(box);
    pen.lineWidth = 5;
    pen.strokeStyle = now.colours.card;
    pen.strokeText(spot.mark.label, x, y);
    pen.fillText(spot.mark.label, x, y);
  };
  const draw = (pen, { width }) => {
    const now = state();
    const spots = stand(now).filter(({ x }) => x !== null && x >= 0 && x <= width);
    Object.assign(pen, {
      font: `12px ${now.font}`, textAlign: "center", textBaseline: "middle", lineJoin: "round",
    });
    // The chosen one comes last, so that it lies on top, but its words take their place first.
    spots.sort((one, other) => (one.n === now.chosen) - (other.n === now.chosen));
    const isTight = chart.timeScale().options().barSpacing < TIGHT_PX;
    for (const { mark, n, x, y } of spots) {
      const scale = n === now.chosen ? 1.5 : isTight ? 0.7 : 1;
      pen.fillStyle = now.colours[mark.look];
      drawShape(pen, mark.look, x, y, scale, now.colours.card);
    }
    const isCrowded = isTight || width < NARROW_PX;
    const taken = [];
    for (const spot of spots.reverse()) {
      if (spot.n !== now.chosen && (isCrowded || spot.mark.look === "bar")) continue;
      pen.fillStyle = now.colours[spot.mark.look];
      drawWords(pen, now, spot, taken, width);
    }
  };
  const view = {
    zOrder: () => "top",
    renderer: () => ({
      draw: (target) =>
        target.useMediaCoordinateSpace(({ context, mediaSize }) => draw(context, mediaSize)),
    }),
  };
  return {
    attached: (given) => ({ chart, series, requestUpdate: redraw } = given),
    paneViews: () => [view],
    redraw: () => redraw(),
  };
};
