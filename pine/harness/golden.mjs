#!/usr/bin/env node
// Writes the golden files: the alerts of each case as JSONL, the charts of the education page, and a
// manifest with the hash of everything they were made from. With --check it writes nothing and fails
// where a file differs.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

import { CASES, FIXTURES, GOLDEN, PINE, caseLoad } from './cases.mjs';
import { decimalsOf, scriptRun } from './engine.mjs';

const LINE_STYLES = [undefined, 'style_line', 'style_linebr', 'style_stepline', 'style_steplinebr'];

async function filesMake() {
  const files = new Map();
  for (const one of CASES) {
    const run = caseLoad(one);
    const { alerts, plots } = await scriptRun(run);
    files.set(`${one.name}.jsonl`, alerts.map(({ text }) => `${text}\n`).join(''));
    if (one.chart) files.set(`charts/${one.script}.json`, chartText(one, run, alerts, plots));
  }
  files.set('manifest.json', manifestText(files));
  return files;
}

/** One window of a case: bars, the script's lines, and the alerts that fall into it. */
function chartText({ script, chart }, { bars, symbol, timeframe }, alerts, plots) {
  const shown = bars.slice(chart.first, chart.first + chart.count);
  const [from, until] = [shown[0].openTime, shown.at(-1).openTime];
  const decimals = decimalsOf(symbol.mintick);
  const rounded = (value) => Number(value.toFixed(decimals));
  const lines = Object.values(plots)
    .filter(({ title, options }) => !title.startsWith('__') && LINE_STYLES.includes(options?.style))
    .map(({ title, data, options }) => ({
      title,
      color: options.color,
      values: data
        .filter(({ time }) => time >= from && time <= until)
        .map(({ value }) => (value == null || Number.isNaN(value) ? null : rounded(value))),
    }));
  const told = alerts.filter(({ barTime }) => barTime >= from && barTime <= until);
  return `${JSON.stringify({
    script, symbol: symbol.tickerid, timeframe, mintick: symbol.mintick,
    bars: shown.map(({ openTime, open, high, low, close }) => [openTime / 1000, open, high, low, close]),
    lines,
    alerts: told.map(({ text }) => JSON.parse(text)),
  })}\n`;
}

/** Which sources made these files: a test compares the hashes without Node. */
function manifestText(files) {
  const scripts = readdirSync(PINE).filter((name) => name.endsWith('.pine'));
  const fixtures = readdirSync(FIXTURES).filter((name) => name.endsWith('.csv'));
  const sources = {
    ...hashes(scripts, (name) => name, (name) => readFileSync(`${PINE}/${name}`)),
    ...hashes(fixtures, (name) => `harness/fixtures/${name}`, (name) => readFileSync(`${FIXTURES}/${name}`)),
    ...hashes(['cases.json', 'cases.mjs', 'bars.mjs', 'clock.mjs', 'engine.mjs', 'golden.mjs', 'package-lock.json'],
      (name) => `harness/${name}`, (name) => readFileSync(`${PINE}/harness/${name}`)),
  };
  const made = hashes([...files.keys()], (name) => `golden/${name}`, (name) => files.get(name));
  return `${JSON.stringify({ sources, made }, null, 1)}\n`;
}

function hashes(names, path, content) {
  return Object.fromEntries(
    names.sort().map((name) => [path(name), createHash('sha256').update(content(name)).digest('hex')]));
}

function stale(files) {
  const here = existsSync(GOLDEN) ? readdirSync(GOLDEN, { recursive: true }).filter((name) => /\.jsonl?$/.test(name)) : [];
  const differ = [...files].filter(([name, text]) => !here.includes(name) || readFileSync(`${GOLDEN}/${name}`, 'utf8') !== text);
  return [...differ.map(([name]) => name), ...here.filter((name) => !files.has(name))];
}

const files = await filesMake();
if (process.argv.includes('--check')) {
  const names = stale(files);
  process.stdout.write(names.length ? `not fresh: ${names.join(', ')}; run make pine-golden\n` : `${files.size} golden files are fresh\n`);
  process.exitCode = names.length ? 1 : 0;
} else {
  rmSync(GOLDEN, { recursive: true, force: true });
  mkdirSync(`${GOLDEN}/charts`, { recursive: true });
  for (const [name, text] of files) writeFileSync(`${GOLDEN}/${name}`, text);
  process.stdout.write(`${files.size} golden files written\n`);
}
