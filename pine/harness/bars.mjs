// Bars: read from CSV, put together to higher timeframes, handed to the runner as a provider.

import { readFileSync } from 'node:fs';

const SECOND = 1000;
const DAY = 86_400 * SECOND;
const UNITS = { S: SECOND, D: DAY, W: 7 * DAY };
const COLUMNS = ['time', 'open', 'high', 'low', 'close'];

/** Length of a timeframe in milliseconds: "5S", "15", "240", "1D", "1W", "1M" (31 days at most). */
export function timeframeMs(timeframe) {
  const [, count, unit] = /^(\d*)([SDWM]?)$/.exec(timeframe) ?? [];
  if (unit === undefined || (!count && !unit) || Number(count || 1) === 0) throw new Error(`not a timeframe: ${timeframe}`);
  const times = Number(count || 1);
  if (unit === 'M') return times * 31 * DAY;
  return times * (UNITS[unit] ?? 60 * SECOND);
}

/** First moment of the period of this timeframe that holds the moment, in UTC. */
export function periodStart(ms, timeframe) {
  if (/M$/.test(timeframe)) {
    const day = new Date(ms);
    return Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), 1);
  }
  const length = timeframeMs(timeframe);
  // The epoch was a Thursday; weeks begin on Monday.
  const shift = /W$/.test(timeframe) ? 4 * DAY : 0;
  return Math.floor((ms - shift) / length) * length + shift;
}

function periodEnd(start, timeframe) {
  if (!/M$/.test(timeframe)) return start + timeframeMs(timeframe);
  const day = new Date(start);
  return Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 1);
}

/** One bar as the runner wants it. A bar ends with its period, also where the next one is late. */
export function bar(openTime, timeframe, [open, high, low, close, volume]) {
  const closeTime = periodEnd(periodStart(openTime, timeframe), timeframe);
  return { openTime, closeTime, open, high, low, close, volume };
}

/**
 * Bars of a CSV file with a header: time, open, high, low, close and perhaps volume. The time is ISO
 * 8601, or seconds or milliseconds since the epoch; TradingView's own export is read as it is.
 */
export function barsRead(path, timeframe) {
  const [header, ...lines] = readFileSync(path, 'utf8').trim().split(/\r?\n/);
  const names = header.toLowerCase().split(',').map((name) => name.trim());
  const missing = COLUMNS.filter((name) => !names.includes(name));
  if (missing.length) throw new Error(`${path}: the header lacks ${missing.join(', ')}`);
  const at = [...COLUMNS, 'volume'].map((name) => names.indexOf(name));
  const bars = lines.map((line, number) => {
    const cells = line.split(',');
    const [time, ...numbers] = at.map((column) => (column < 0 ? '' : cells[column] ?? ''));
    const values = numbers.map((cell) => (cell.trim() === '' ? NaN : Number(cell)));
    const where = `${path}:${number + 2}`;
    pricesCheck(values, where);
    return bar(timeRead(time, where), timeframe, values);
  });
  if (!bars.length) throw new Error(`${path}: there is no bar in it`);
  bars.forEach((one, n) => {
    const where = `${path}:${n + 2}`;
    if (n && one.openTime <= bars[n - 1].openTime) throw new Error(`${where}: times must rise`);
    if (n && one.closeTime === bars[n - 1].closeTime) {
      throw new Error(`${where}: two bars in one period; is the timeframe ${timeframe}?`);
    }
  });
  return bars;
}

function pricesCheck([open, high, low, close], where) {
  if (![open, high, low, close].every(Number.isFinite)) throw new Error(`${where}: a price is missing`);
  if (low > Math.min(open, close) || high < Math.max(open, close)) {
    throw new Error(`${where}: the low is above, or the high below, another price`);
  }
}

function timeRead(text, where) {
  const cell = text.trim();
  // Without a zone a time is UTC, on every machine.
  const zoned = /(Z|[+-]\d\d:?\d\d)$/i.test(cell) || !cell.includes(':') ? cell : `${cell}Z`;
  const ms = /^\d+$/.test(cell) ? Number(cell) * (cell.length > 11 ? 1 : SECOND) : Date.parse(zoned);
  if (!Number.isFinite(ms)) throw new Error(`${where}: not a time: ${cell}`);
  return ms;
}

/** The bars of a higher timeframe; its last bar may still be open. */
export function aggregate(bars, timeframe) {
  const out = [];
  for (const one of bars) {
    const start = periodStart(one.openTime, timeframe);
    const last = out.at(-1);
    if (last?.openTime === start) {
      last.high = Math.max(last.high, one.high);
      last.low = Math.min(last.low, one.low);
      last.close = one.close;
      last.volume += one.volume;
    } else {
      out.push({ ...one, openTime: start, closeTime: periodEnd(start, timeframe) });
    }
  }
  return out;
}

/** Decimal places of the finest price, as the tick where nobody told it. */
export function mintickGuess(bars) {
  const places = (price) => price.toFixed(10).replace(/\.?0+$/, '').split('.')[1]?.length ?? 0;
  let most = 0;
  for (const { open, high, low, close } of bars) {
    most = Math.max(most, places(open), places(high), places(low), places(close));
  }
  return Number((10 ** -most).toFixed(most));
}

/** What the script's `syminfo` tells, for a ticker such as OANDA:EURUSD. */
export function symbolInfo(tickerid, { mintick, timezone = 'Etc/UTC', type = 'forex', currency = 'USD' }) {
  const [prefix, ticker] = tickerid.split(':');
  const pricescale = Math.round(1 / Math.min(mintick, 1));
  return {
    ticker, tickerid, prefix, root: ticker, main_tickerid: tickerid, description: ticker, type, currency,
    basecurrency: ticker.slice(0, 3), timezone, mintick, pricescale, pointvalue: 1, session: '24x7',
    minmove: Math.max(1, Math.round(mintick * pricescale)), minmov: 1, volumetype: 'base', mincontract: 1,
  };
}

/** Serves one series of bars, and what can be put together from them. */
export class BarProvider {
  constructor(bars, symbol, timeframe) {
    this.bars = bars;
    this.symbol = symbol;
    this.timeframe = timeframe;
  }

  configure() {}

  async getSymbolInfo() {
    return this.symbol;
  }

  async getMarketData(_ticker, timeframe, limit, from = -Infinity, until = Infinity) {
    const all = timeframe === this.timeframe ? this.bars : aggregate(this.bars, timeframe);
    const found = all.filter((one) => one.openTime >= from && one.openTime <= until);
    return (limit ? found.slice(-limit) : found).map((one) => ({ ...one }));
  }
}
