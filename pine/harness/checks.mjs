// What must hold of a script's alerts, each check a function that returns its faults as sentences.

import { readFileSync } from 'node:fs';

import Ajv from 'ajv/dist/2020.js';

import { SCHEMA } from './cases.mjs';
import { SENT_AFTER_MS, scriptRun, scriptRunLive } from './engine.mjs';

export const MESSAGE_LENGTH_MAX = 1500;
const RANK = ['cancel', 'exit', 'partial_exit', 'amend', 'entry'];
const OPENED = { entry: true };
const matchesSchema = new Ajv({ allErrors: true, strict: false }).compile(JSON.parse(readFileSync(SCHEMA, 'utf8')));

/** Each message alone: JSON, schema, length, prices on the tick, stop and target on their sides. */
export function messageFaults(alerts, mintick) {
  return alerts.flatMap(({ text }) => {
    const message = jsonRead(text);
    if (!message) return [`not JSON: ${text.slice(0, 120)}`];
    const where = message.id ?? text.slice(0, 80);
    const faults = matchesSchema(message) ? [] : matchesSchema.errors.map(
      ({ instancePath, message: words }) => `${where}: schema: ${instancePath || '/'} ${words}`);
    if (text.length > MESSAGE_LENGTH_MAX) faults.push(`${where}: ${text.length} characters`);
    return [...faults, ...priceFaults(message, mintick).map((fault) => `${where}: ${fault}`)];
  });
}

function jsonRead(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function priceFaults(message, mintick) {
  const names = ['ref_price', 'sl', 'tp', 'limit_price', 'stop_price', 'open', 'high', 'low', 'close'];
  const off = names.filter((name) => message[name] != null && !isOnTick(Number(message[name]), mintick));
  const faults = off.map((name) => `${name} ${message[name]} is not on the tick ${mintick}`);
  if (message.event !== 'entry') return faults;
  const base = message.limit_price ?? message.stop_price ?? message.ref_price;
  const sign = message.side === 'buy' ? 1 : -1;
  const rising = [message.sl, base, message.tp].filter((price) => price != null).map((price) => sign * Number(price));
  if (rising.some((price, n) => n && price <= rising[n - 1])) faults.push('stop, price and target are not in order');
  return faults;
}

function isOnTick(price, mintick) {
  const ticks = price / mintick;
  return Math.abs(ticks - Math.round(ticks)) < 1e-6;
}

/** All messages together: no id twice, and on one bar cancel > exit > partial > amend > entry. */
export function sequenceFaults(alerts) {
  const faults = [];
  const seen = new Set();
  let before = null;
  for (const { barTime, text } of alerts) {
    const { id, event } = jsonRead(text) ?? {};
    if (seen.has(id)) faults.push(`the id ${id} occurs twice`);
    seen.add(id);
    if (before?.barTime === barTime && RANK.indexOf(event) < RANK.indexOf(before.event)) {
      faults.push(`${id}: ${event} after ${before.event} on one bar`);
    }
    before = { barTime, event };
  }
  return faults;
}

/** A story that can be told: nothing closes or changes what was not opened, nothing opens twice. */
export function storyFaults(alerts) {
  const faults = [];
  let open = null;
  let partClosed = 0;
  for (const { text } of alerts) {
    const { id, event, trade_id: trade, close_pct: part } = jsonRead(text) ?? {};
    if (event === 'test' || event === 'bar') continue;
    if (OPENED[event]) {
      if (open) faults.push(`${id}: opens while ${open} is open`);
      if (trade !== id) faults.push(`${id}: an entry's trade is its own id`);
      open = id;
      partClosed = 0;
      continue;
    }
    if (trade !== open) faults.push(`${id}: ${event} of ${trade}, but ${open ?? 'nothing'} is open`);
    partClosed += Number(part ?? 0);
    if (partClosed > 100) faults.push(`${id}: more than the whole is closed`);
    if (event === 'exit' || event === 'cancel') open = null;
  }
  return faults;
}

/** The script as TradingView runs it, bar by bar up to each of the last `count` bars: the same alerts? */
export async function replayFaults(run, count) {
  const whole = (await scriptRun(run)).alerts;
  const faults = [];
  let compared = 0;
  for (let length = run.bars.length - count + 1; length <= run.bars.length; length += 1) {
    const bars = run.bars.slice(0, length);
    const { openTime, closeTime } = bars.at(-1);
    const live = await scriptRunLive({ ...run, bars, now: closeTime + SENT_AFTER_MS });
    const then = whole.filter((one) => one.barTime === openTime);
    compared += then.length;
    if (JSON.stringify(live) !== JSON.stringify(then)) {
      faults.push(`bar ${new Date(openTime).toISOString()}: live sent ${texts(live)}, history ${texts(then)}`);
    }
  }
  return { faults, compared };
}

/** While a bar is open nothing may be sent: the clock stands a moment before each close. */
export async function openBarFaults(run, count) {
  const faults = [];
  for (let length = run.bars.length - count + 1; length <= run.bars.length; length += 1) {
    const bars = run.bars.slice(0, length);
    const live = await scriptRunLive({ ...run, bars, now: bars.at(-1).closeTime - 1 });
    faults.push(...live.map(({ text }) => `sent on an open bar: ${text.slice(0, 160)}`));
  }
  return faults;
}

function texts(alerts) {
  return alerts.length ? alerts.map(({ text }) => jsonRead(text)?.id ?? text).join(' and ') : 'nothing';
}
