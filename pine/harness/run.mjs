#!/usr/bin/env node
// Runs one script over a CSV file of bars and prints its alerts, one JSON message a line.

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';

import { barsRead, mintickGuess, symbolInfo } from './bars.mjs';
import { scriptPrepare, scriptRun } from './engine.mjs';
import { symbolKnown } from './cases.mjs';

const HELP = `node pine/harness/run.mjs SCRIPT.pine BARS.csv [options]

Prints the alerts that the script would have sent over these bars, one JSON message a line.

  --symbol EXCH:TICKER   chart symbol (default: from the file's name, OANDA_EURUSD-15.csv)
  --tf 15                chart timeframe: 5S, 15, 240, 1D (default: from the file's name, else 15)
  --mintick 0.01         the symbol's tick (default: of a known symbol, else the prices' last digit)
  --input 'Title=value'  an input by its title; may be given several times
  --list-inputs          print the script's inputs with their defaults and stop
  --help                 this text`;

const OPTIONS = {
  symbol: { type: 'string' },
  tf: { type: 'string' },
  mintick: { type: 'string' },
  input: { type: 'string', multiple: true, default: [] },
  'list-inputs': { type: 'boolean' },
  help: { type: 'boolean' },
};

async function main() {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
  if (values.help) return print(HELP);
  const [scriptPath, barsPath, ...rest] = positionals;
  if (!scriptPath || rest.length || (!barsPath && !values['list-inputs'])) {
    throw new Error('give one script and one CSV file; --help tells more');
  }
  const source = readFileSync(scriptPath, 'utf8');
  if (values['list-inputs']) return print(inputsText(source));
  const { symbol: named, timeframe: namedTimeframe } = fileTells(barsPath);
  const timeframe = values.tf ?? namedTimeframe ?? '15';
  const bars = barsRead(barsPath, timeframe);
  const tickerid = values.symbol ?? named;
  if (!/^[^:]+:[^:]+$/.test(tickerid ?? '')) throw new Error('give --symbol EXCHANGE:TICKER');
  const mintick = Number(values.mintick ?? symbolKnown(tickerid)?.mintick ?? mintickGuess(bars));
  if (!(mintick > 0)) throw new Error('--mintick must be a number above zero');
  const symbol = symbolInfo(tickerid, { ...symbolKnown(tickerid), mintick });
  const { alerts } = await scriptRun({ source, bars, symbol, timeframe, inputs: inputsRead(source, values.input) });
  print(alerts.map((one) => one.text).join('\n'));
}

/** OANDA_EURUSD-15.csv tells symbol and timeframe. */
function fileTells(path) {
  const [, exchange, ticker, timeframe] = /^(.+)_([^_]+)-(\w+)\.csv$/.exec(basename(path)) ?? [];
  return { symbol: exchange && `${exchange}:${ticker}`, timeframe };
}

/** Values take the type of the input's default. */
function inputsRead(source, given) {
  const known = scriptPrepare(source).input;
  return Object.fromEntries(given.map((text) => {
    const [title, ...parts] = text.split('=');
    const value = parts.join('=');
    if (!parts.length) throw new Error(`--input "${text}": write 'Title=value'`);
    if (!(title in known)) throw new Error(`no input "${title}"; --list-inputs shows them`);
    if (typeof known[title] === 'string') return [title, value];
    const typed = typeof known[title] === 'boolean' ? { true: true, false: false }[value] : Number(value);
    if (typed === undefined || Number.isNaN(typed)) throw new Error(`input "${title}": ${value} is not a ${typeof known[title]}`);
    return [title, typed];
  }));
}

function inputsText(source) {
  return scriptPrepare(source).getInputsMeta().map(({ title, defval }) => `${title}=${defval}`).join('\n');
}

function print(text) {
  if (text) process.stdout.write(`${text}\n`);
}

process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error;
});
main().catch((error) => {
  process.stderr.write(`run.mjs: ${error.message}\n`);
  process.exitCode = 1;
});
