// The runner itself: bars, ticks, and its command line.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { aggregate, bar, barsRead, mintickGuess, periodStart, symbolInfo, timeframeMs } from './bars.mjs';
import { FIXTURES, PINE, caseLoad } from './cases.mjs';
import { decimalsOf, scriptRun } from './engine.mjs';

const MINUTE = 60_000;
const at = (text) => Date.parse(text);

function csv(...lines) {
  const path = join(mkdtempSync(join(tmpdir(), 'bars-')), 'OANDA_EURUSD-15.csv');
  writeFileSync(path, lines.join('\n'));
  return path;
}

describe('timeframes', () => {
  test('have a length', () => {
    assert.deepEqual(['5S', '1', '240', 'D', '1D', '1W'].map(timeframeMs),
      [5_000, MINUTE, 240 * MINUTE, 1440 * MINUTE, 1440 * MINUTE, 7 * 1440 * MINUTE]);
    for (const odd of ['', 'X', '1h', '-5', '0', '0S']) assert.throws(() => timeframeMs(odd), /not a timeframe/);
  });

  test('weeks begin on Monday and months on the first', () => {
    assert.equal(periodStart(at('2025-01-05T23:00Z'), '1W'), at('2024-12-30T00:00Z'));
    assert.equal(periodStart(at('2025-02-28T23:00Z'), '1M'), at('2025-02-01T00:00Z'));
  });

  test('a bar ends with its period, also a month', () => {
    assert.equal(bar(at('2025-02-01T00:00Z'), '1M', [1, 1, 1, 1, 1]).closeTime, at('2025-03-01T00:00Z'));
  });
});

test('bars put together keep first, highest, lowest, last and the sum', () => {
  const bars = [[1, 5, 1, 2, 10], [2, 3, 0.5, 3, 20], [3, 4, 3, 4, 5]].map(
    (values, n) => bar(at('2025-01-06T00:00Z') + n * 15 * MINUTE, '15', values));
  const [first, ...rest] = aggregate(bars, '30');
  assert.deepEqual([first.open, first.high, first.low, first.close, first.volume], [1, 5, 0.5, 3, 30]);
  assert.equal(rest.length, 1);
});

describe('CSV', () => {
  test('times may be seconds, milliseconds or ISO, and volume may be missing', () => {
    const seconds = barsRead(csv('time,open,high,low,close', '1736121600,1,2,0.5,1.5'), '15');
    const millis = barsRead(csv('Time,Open,High,Low,Close,Volume', '1736121600000,1,2,0.5,1.5,7'), '15');
    const iso = barsRead(csv('close,low,high,open,time', '1.5,0.5,2,1,2025-01-06T00:00:00Z'), '15');
    assert.deepEqual([seconds, millis, iso].map(([{ openTime }]) => openTime), Array(3).fill(1736121600000));
    assert.deepEqual([iso[0].open, iso[0].close, millis[0].volume], [1, 1.5, 7]);
    assert.ok(Number.isNaN(seconds[0].volume));
  });

  test('what cannot be read is refused with its line', () => {
    assert.throws(() => barsRead(csv('time,open,high,low', '1,1,1,1'), '15'), /lacks close/);
    assert.throws(() => barsRead(csv('time,open,high,low,close', 'monday,1,1,1,1'), '15'), /:2: not a time/);
    assert.throws(() => barsRead(csv('time,open,high,low,close', '1736121600,1,1,1,'), '15'), /:2: a price/);
    assert.throws(() => barsRead(csv('time,open,high,low,close', '1736121600,1,1,1,1', '1736121600,1,1,1,1'), '15'), /:3: times must rise/);
    assert.throws(() => barsRead(csv('time,open,high,low,close'), '15'), /no bar/);
    assert.throws(() => barsRead(csv('time,open,high,low,close', '1736121600,1,1,1,Infinity'), '15'), /:2: a price/);
    assert.throws(() => barsRead(csv('time,open,high,low,close', '1736121600,1,2,1.5,1'), '15'), /:2: the low is above/);
    assert.throws(() => barsRead(csv('time,open,high,low,close', '1736121600,1,1,1,1', '1736125200,1,1,1,1'), '1D'), /:3: two bars in one period/);
  });

  test('a time without a zone is UTC', () => {
    for (const text of ['2025-01-06T00:00', '2025-01-06 00:00:00', '2025-01-06', '2025-01-06T02:00+02:00']) {
      assert.equal(barsRead(csv('time,open,high,low,close', `${text},1,1,1,1`), '15')[0].openTime, 1736121600000);
    }
  });

  test('the tick of many and of tiny prices is guessed too', () => {
    const price = 0.0000123;
    assert.equal(mintickGuess(Array(70_000).fill({ open: price, high: price, low: price, close: price })), 1e-7);
  });

  test('the tick is guessed from the finest price', () => {
    assert.equal(mintickGuess([{ open: 1, high: 1.25, low: 1, close: 1.1 }]), 0.01);
    assert.equal(mintickGuess([{ open: 1, high: 2, low: 1, close: 1 }]), 1);
  });
});

test('prices show all decimals of the tick, and lie on it', async () => {
  assert.deepEqual([0.25, 0.00001, 1, 0.5].map(decimalsOf), [2, 5, 0, 1]);
  const source = '//@version=6\nindicator("x")\nalert(str.tostring(close, format.mintick), alert.freq_once_per_bar_close)';
  const bars = [bar(at('2025-01-06T00:00Z'), '15', [1, 9, 1, 5806.3, 1])];
  const { alerts } = await scriptRun({ source, bars, symbol: symbolInfo('CME_MINI:ES1!', { mintick: 0.25 }), timeframe: '15' });
  assert.equal(alerts[0].text, '5806.25');
});

test('a timeframe input can be set', async () => {
  const inputs = { First: '15', Second: '60', Third: '60' };
  const { alerts } = await scriptRun(caseLoad({ script: 'df-playbook', bars: 'OANDA_EURUSD-15.csv', inputs }));
  assert.deepEqual(alerts, [], 'a bias timeframe as small as the chart keeps the script silent');
});

describe('run.mjs', () => {
  const run = (...parts) => spawnSync(process.execPath, [fileURLToPath(new URL('run.mjs', import.meta.url)), ...parts], { encoding: 'utf8' });
  const script = `${PINE}/df-trend.pine`;
  const bars = `${FIXTURES}/OANDA_EURUSD-15.csv`;

  test('prints one JSON message a line, and takes inputs by title', () => {
    const messages = run(script, bars, '--input', 'Direction=long', '--input', 'Fast EMA=5').stdout.trim().split('\n').map(JSON.parse);
    assert.ok(messages.length > 20);
    assert.ok(messages.filter(({ event }) => event === 'entry').every(({ side }) => side === 'buy'));
  });

  test('takes another symbol, timeframe and tick than the file name tells', () => {
    const { stdout } = run(script, bars, '--symbol', 'FX:EURUSD', '--tf', '5', '--mintick', '0.0001');
    const { exchange, tf, ref_price } = JSON.parse(stdout.split('\n')[0]);
    assert.deepEqual([exchange, tf, ref_price.length], ['FX', '5', 6]);
  });

  for (const [what, parts, words] of [
    ['an unknown input', ['--input', 'Fats EMA=5'], /no input "Fats EMA"/],
    ['a value that the input does not take', ['--input', 'Direction=up'], /not one of/],
    ['a number that is none', ['--input', 'Fast EMA=five'], /not a number/],
    ['an input without a value', ['--input', 'Fast EMA'], /Title=value/],
    ['a timeframe of no length', ['--tf', '0'], /not a timeframe/],
    ['a symbol without exchange', ['--symbol', 'EURUSD'], /EXCHANGE:TICKER/],
    ['an option that does not exist', ['--what'], /--what/],
    ['a tick of nothing', ['--mintick', '0'], /above zero/],
  ]) {
    test(`refuses ${what} with one sentence`, () => {
      const { status, stderr, stdout } = run(script, bars, ...parts);
      assert.equal(status, 1);
      assert.equal(stdout, '');
      assert.match(stderr, words);
    });
  }

  test('refuses a script that does not run', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'script-')), 'broken.pine');
    writeFileSync(path, '//@version=6\nindicator("x")\nplot(undeclared)\n');
    assert.equal(run(path, bars).status, 1);
  });

  test('lists inputs, and helps', () => {
    assert.match(run(script, '--list-inputs').stdout, /^Fast EMA=9$/m);
    assert.match(run('--help').stdout, /--symbol EXCH:TICKER/);
    assert.equal(run().status, 1);
  });
});
