#!/usr/bin/env node
// Keeps scripts running for another program: one JSON request a line in, one JSON answer a line out.
//
// Open:  {"key", "script", "symbol", "mintick", "timeframe", "inputs", "bars"}   (again: starts anew)
// Go on: {"key", "bars"}; a bar is [open time in ms, open, high, low, close, volume]
// Answer: {"key", "alerts": [{"bar_time", "text"}]} or {"key", "error"}

import { createInterface } from 'node:readline';

import { bar, symbolInfo } from './bars.mjs';
import { SCRIPTS, sourceRead } from './cases.mjs';
import { LiveScript } from './live.mjs';

const running = new Map();

async function answer({ key, script, symbol, mintick, timeframe, inputs, bars }) {
  if (script) {
    if (!SCRIPTS.includes(script)) throw new Error(`no script ${script}`);
    running.set(key, new LiveScript({ source: sourceRead(script), symbol: symbolInfo(symbol, { mintick }), timeframe, inputs }));
  }
  const live = running.get(key);
  if (!live) throw new Error('open it first');
  const alerts = await live.feed(bars.map(([time, ...values]) => bar(time, live.timeframe, values)));
  return alerts.map(({ barTime, text }) => ({ bar_time: barTime, text }));
}

for await (const line of createInterface({ input: process.stdin })) {
  let key = null;
  let reply;
  try {
    const request = JSON.parse(line);
    key = request.key;
    reply = { key, alerts: await answer(request) };
  } catch (error) {
    running.delete(key);
    reply = { key, error: error.message };
  }
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
