// The scripts over fixed bars: what they send, that it never changes, and that an open bar is silent.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, test } from 'node:test';

import { aggregate } from './bars.mjs';
import { FIXTURES, SCRIPTS, caseLoad } from './cases.mjs';
import { messageFaults, openBarFaults, replayFaults, sequenceFaults, storyFaults } from './checks.mjs';
import { scriptPrepare, scriptRun } from './engine.mjs';

const SERIES = readdirSync(FIXTURES).filter((name) => name.endsWith('.csv'));
const TRADERS = SCRIPTS.filter((script) => !['df-bars', 'df-canary'].includes(script));
// Bias timeframes that the short fixtures can fill.
const NEAR = { 'df-playbook': { First: '1D', Second: '240', Third: '60' } };
const inputsOf = (script, more = {}) => ({ ...NEAR[script], ...more });

async function faultsOf(run) {
  const { alerts, plots } = await scriptRun(run);
  const faults = [
    ...messageFaults(alerts, run.symbol.mintick), ...sequenceFaults(alerts), ...storyFaults(alerts),
  ];
  return { alerts, plots, faults };
}

describe('every script on every fixture', () => {
  for (const script of SCRIPTS) {
    for (const bars of SERIES) {
      test(`${script} on ${bars} sends valid messages that tell one story`, async () => {
        const { faults } = await faultsOf(caseLoad({ script, bars, inputs: inputsOf(script) }));
        assert.deepEqual(faults, []);
      });
    }
  }
});

describe('inputs', () => {
  for (const script of TRADERS) {
    for (const [direction, allowed] of [['long', ['buy']], ['short', ['sell']], ['both', ['buy', 'sell']]]) {
      test(`${script} told "${direction}" enters on that side alone`, async () => {
        const inputs = inputsOf(script, { Direction: direction });
        const { alerts, faults } = await faultsOf(caseLoad({ script, bars: 'OANDA_EURUSD-15.csv', inputs }));
        const entries = alerts.map(({ text }) => JSON.parse(text)).filter(({ event }) => event === 'entry');
        assert.deepEqual(faults, []);
        assert.deepEqual([...new Set(entries.map(({ side }) => side))].sort(), allowed);
      });
    }
  }

  for (const script of SCRIPTS) {
    const numbers = scriptPrepare(caseLoad({ script, bars: SERIES[0] }).source).getInputsMeta()
      .filter(({ minval, maxval }) => minval !== undefined && maxval !== undefined);
    for (const [word, pick] of [['least', 'minval'], ['most', 'maxval']]) {
      test(`${script} with every number at its ${word} sends nothing invalid`, async () => {
        const inputs = inputsOf(script, Object.fromEntries(numbers.map((one) => [one.title, one[pick]])));
        const { faults } = await faultsOf(caseLoad({ script, bars: 'OANDA_EURUSD-15.csv', inputs }));
        assert.deepEqual(faults, []);
      });
    }
  }

  test('an input that the script does not have is refused', () => {
    const { source } = caseLoad({ script: 'df-trend', bars: SERIES[0] });
    assert.throws(() => scriptPrepare(source, { 'Fats EMA': 5 }), /Fats EMA/);
  });
});

describe('timeframes', () => {
  for (const script of SCRIPTS) {
    for (const timeframe of ['60', '240', 'D']) {
      test(`${script} on bars put together to ${timeframe}`, async () => {
        const run = caseLoad({ script, bars: 'OANDA_EURUSD-15.csv', inputs: inputsOf(script) });
        const { alerts, faults } = await faultsOf({ ...run, bars: aggregate(run.bars, timeframe), timeframe });
        assert.deepEqual(faults, []);
        assert.ok(alerts.every(({ text }) => JSON.parse(text).tf === timeframe));
      });
    }
  }
});

describe('what was sent live is what history shows', () => {
  for (const [script, bars, first, count, replayed] of [
    ['df-trend', 'OANDA_EURUSD-15.csv', 0, 420, 220], ['df-breakout', 'OANDA_EURUSD-15.csv', 60, 420, 220],
    ['df-reversion', 'BINANCE_BTCUSDT.P-240.csv', 0, 420, 220],
    ['df-playbook', 'OANDA_EURUSD-15.csv', 200, 260, 100], ['df-channel', 'TSE_7203-1D.csv', 0, 320, 220],
    ['df-bars', 'OANDA_XAUUSD-1.csv', 0, 120, 100], ['df-canary', 'OANDA_XAUUSD-1.csv', 0, 320, 200],
  ]) {
    const run = () => caseLoad({ script, bars, first, count, inputs: inputsOf(script) });

    test(`${script} sends the same bar by bar as over the whole`, async () => {
      const { faults, compared } = await replayFaults(run(), replayed);
      assert.deepEqual(faults, []);
      assert.ok(compared > 0, 'no alert fell into the replayed bars: the test would prove nothing');
    });

    test(`${script} sends nothing while a bar is open`, async () => {
      assert.deepEqual(await openBarFaults(run(), replayed), []);
    });
  }
});

describe('odd series', () => {
  const odd = {
    'one price for ever': (bars) => bars.map((one) => ({ ...one, open: 1, high: 1, low: 1, close: 1, volume: 0 })),
    'a bar alone': (bars) => bars.slice(0, 1),
    'too few bars for any average': (bars) => bars.slice(0, 12),
    'no volume': (bars) => bars.map((one) => ({ ...one, volume: NaN })),
    'every third bar missing': (bars) => bars.filter((_, n) => n % 3),
    'a jump to half the price': (bars) => bars.map((one, n) => (n < 700 ? one : scaled(one, 0.5))),
    'prices of a millionth': (bars) => bars.map((one) => scaled(one, 1e-6)),
    'prices of a billion': (bars) => bars.map((one) => scaled(one, 1e9)),
    'prices that fall below zero': (bars) => bars.map((one) => moved(one, -1.01)),
    'bars half as long as the price': (bars) => bars.map((one) => moved(scaled(one, 40), -40.1)).filter(({ low }) => low > 0),
    'a volume of 15 digits': (bars) => bars.map((one) => ({ ...one, volume: 2.5e14 })),
  };
  const changed = (one, how) => ({ ...one, open: how(one.open), high: how(one.high), low: how(one.low), close: how(one.close) });
  const scaled = (one, by) => changed(one, (price) => price * by);
  const moved = (one, by) => changed(one, (price) => price + by);

  for (const script of SCRIPTS) {
    for (const [name, change] of Object.entries(odd)) {
      test(`${script}: ${name}`, async () => {
        const run = caseLoad({ script, bars: 'OANDA_EURUSD-15.csv', inputs: inputsOf(script) });
        const { alerts, faults } = await faultsOf({ ...run, bars: change(run.bars) });
        assert.deepEqual(faults.filter((fault) => !/is not on the tick/.test(fault) || !/prices of/.test(name)), []);
        if (name === 'one price for ever' && TRADERS.includes(script)) assert.deepEqual(alerts, []);
      });
    }
  }
});

describe('pictures', () => {
  for (const script of SCRIPTS) {
    test(`${script} draws its lines or marks and a table that names it`, async () => {
      const { plots } = await scriptRun(caseLoad({ script, bars: 'OANDA_EURUSD-15.csv', inputs: inputsOf(script) }));
      const drawn = Object.entries(plots).filter(([title]) => !title.startsWith('__'));
      assert.ok(drawn.some(([, { data }]) => data.some(({ value }) => value)), 'nothing was drawn');
      const cells = plots.__tables__.data.flatMap(({ value }) => value).flatMap(({ cells: rows }) => rows.flat());
      assert.equal(cells[0].text, script);
    });
  }
});
