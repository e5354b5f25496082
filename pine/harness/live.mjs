// A script that goes on bar by bar, as on a chart: its state is kept, each new closed bar runs once.

import { PineTS } from 'pinets';

import { BarProvider, periodStart } from './bars.mjs';
import { clockSet } from './clock.mjs';
import { SENT_AFTER_MS, repair, scriptPrepare, told } from './engine.mjs';

/**
 * PineTS' own stream runs the last bar again with each new one and so changes what some functions
 * return. Closed bars need no second run: each is appended and run once.
 */
export class LiveScript {
  constructor({ source, symbol, timeframe, inputs }) {
    Object.assign(this, { symbol, timeframe, script: scriptPrepare(source, inputs), seen: 0 });
  }

  /** Run over these closed bars, then over what later calls bring; returns their alerts. */
  async feed(bars) {
    if (!this.context) return this.#open(bars);
    for (const one of bars) await this.#append(one);
    return this.#news();
  }

  async #open(bars) {
    this.provider = new BarProvider([...bars], this.symbol, this.timeframe);
    this.runner = new PineTS(this.provider, this.symbol.tickerid, this.timeframe, bars.length);
    this.runner.setAlertMode('all');
    repair(this.runner);
    clockSet(bars.at(-1).closeTime + SENT_AFTER_MS);
    this.context = await this.runner.run(this.script);
    return this.#news();
  }

  async #append(one) {
    const { runner, context } = this;
    const last = runner.data.at(-1);
    if (one.openTime <= last.openTime) throw new Error(`bar ${one.openTime} is not after ${last.openTime}`);
    this.provider.bars.push(one);
    clockSet(one.closeTime + SENT_AFTER_MS);
    runner._appendCandle({ ...one });
    context.length = runner.data.length;
    this.#forgetPassed(last.openTime, one.openTime);
    await runner._executeIterations(context, runner._transpiledCode, context.length - 1, context.length);
  }

  /** A higher timeframe whose next candle began is put together anew; within one nothing final changes. */
  #forgetPassed(before, after) {
    const { cache } = this.context;
    for (const [key, { pineTS } = {}] of Object.entries(cache)) {
      const timeframe = pineTS?.timeframe;
      if (timeframe && periodStart(before, timeframe) !== periodStart(after, timeframe)) delete cache[key];
    }
  }

  #news() {
    const closeOf = (openTime) => this.provider.bars.findLast((one) => one.openTime === openTime).closeTime;
    const fresh = this.context.alerts.slice(this.seen);
    this.seen = this.context.alerts.length;
    return fresh.map((one) => told(one, closeOf(one.time) + SENT_AFTER_MS));
  }
}
