// Where everything lies, the fixtures' symbols, and the runs whose alerts are kept as golden files.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { barsRead, symbolInfo } from './bars.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
export const PINE = here('..');
export const FIXTURES = here('fixtures');
export const GOLDEN = here('../golden');
export const SCHEMA = here('../../signals/schemas/df.signal.v1.json');
export const SCRIPTS = [
  'df-trend', 'df-breakout', 'df-reversion', 'df-playbook', 'df-channel', 'df-bars', 'df-canary',
];

const { symbols, cases } = JSON.parse(readFileSync(here('cases.json'), 'utf8'));
export const CASES = cases;

/** What is known of a symbol, or undefined. */
export function symbolKnown(tickerid) {
  return symbols[tickerid];
}

export function sourceRead(script) {
  return readFileSync(`${PINE}/${script}.pine`, 'utf8');
}

/** Everything that `scriptRun` needs for one case. */
export function caseLoad({ script, bars: file, inputs = {}, first = 0, count = Infinity }) {
  const [, exchange, ticker, timeframe] = /^(.+)_([^_]+)-(\w+)\.csv$/.exec(file);
  const tickerid = `${exchange}:${ticker}`;
  return {
    source: sourceRead(script),
    bars: barsRead(`${FIXTURES}/${file}`, timeframe).slice(first, first + count),
    symbol: symbolInfo(tickerid, symbolKnown(tickerid)),
    timeframe,
    inputs,
  };
}
