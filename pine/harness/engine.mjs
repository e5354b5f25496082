// Runs one Pine script over bars with PineTS and returns what TradingView would have sent.

import { setFlagsFromString } from 'node:v8';

import { Indicator, PineTS } from 'pinets';

import { BarProvider } from './bars.mjs';
import { clockSet } from './clock.mjs';

// A script becomes one huge function; the optimising compiler would work on it for longer than the
// script itself runs.
setFlagsFromString('--max-optimized-bytecode-size=20000');

/** How long after a bar's close TradingView sends, as the fixtures have it. */
export const SENT_AFTER_MS = 400;

/** A script with its inputs, set by title. Throws for a title or value that the script refuses. */
export function scriptPrepare(source, inputs = {}) {
  const script = new Indicator(source);
  for (const [title, value] of Object.entries(inputs)) script.input[title] = value;
  return script;
}

/**
 * Run over all bars, the last one closed, as if the alert had been on since the first.
 * Returns `alerts` [{site, barTime, text}] in the order sent, and `plots` by title.
 */
export async function scriptRun({ source, bars, symbol, timeframe, inputs }) {
  clockSet(bars.at(-1).closeTime + SENT_AFTER_MS);
  const context = await execute({ source, bars, symbol, timeframe, inputs, mode: 'all' });
  const closeOf = new Map(bars.map((one) => [one.openTime, one.closeTime]));
  return {
    alerts: context.alerts.map((one) => told(one, closeOf.get(one.time) + SENT_AFTER_MS)),
    plots: context.plots,
  };
}

/** What is sent on the last bar alone, with the clock at `now`: the way TradingView runs a script. */
export async function scriptRunLive({ source, bars, symbol, timeframe, inputs, now }) {
  clockSet(now);
  const context = await execute({ source, bars, symbol, timeframe, inputs, mode: 'realtime' });
  return context.alerts.map((one) => told(one, now));
}

async function execute({ source, bars, symbol, timeframe, inputs, mode }) {
  const runner = new PineTS(new BarProvider(bars, symbol, timeframe), symbol.tickerid, timeframe, bars.length);
  runner.setAlertMode(mode);
  repair(runner);
  return runner.run(scriptPrepared(source, inputs));
}

/**
 * Where PineTS differs from TradingView and our scripts would notice: `format.mintick` shows all
 * decimals of the tick (PineTS cuts 0.25 to one), and a timeframe input can be set.
 */
export function repair(runner) {
  const initialize = runner._initializeContext.bind(runner);
  runner._initializeContext = (...parts) => {
    const context = initialize(...parts);
    const { str, input } = context.pine;
    input.timeframe = input.string;
    const plain = str.tostring.bind(str);
    str.tostring = (value, format) => {
      const { mintick } = context.pine.syminfo;
      if (format !== 'mintick' || Number.isNaN(value)) return plain(value, format);
      return (Math.round(value / mintick) * mintick).toFixed(decimalsOf(mintick));
    };
    return context;
  };
}

/** Decimals of a tick: 0.25 has two, 0.00001 five, 1 none. */
export function decimalsOf(tick) {
  return tick.toFixed(10).replace(/0+$/, '').split('.')[1].length;
}

/** Translating takes longer than running a few bars, so the last script is kept. */
function scriptPrepared(source, inputs) {
  const key = JSON.stringify([source, inputs]);
  if (kept.key !== key) kept = { key, script: scriptPrepare(source, inputs) };
  return kept.script;
}

let kept = {};

/** History knows one clock for all bars; live each message carries the moment of its own bar. */
export function told(alert, sentAt) {
  const text = alert.message.replace(/"sent_at":\d+/, `"sent_at":${sentAt}`);
  return { site: alert.id, barTime: alert.time, text };
}
