// What single scripts promise beyond the common checks, on bars made for it.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { caseLoad } from './cases.mjs';
import { scriptRun } from './engine.mjs';

const hour = ({ openTime }) => new Date(openTime).getUTCHours();
const day = (ms) => new Date(ms).toISOString().slice(0, 10);
const messages = async (run) => (await scriptRun(run)).alerts.map(({ text }) => JSON.parse(text));

describe('df-breakout', () => {
  const load = (inputs = {}) => caseLoad({ script: 'df-breakout', bars: 'OANDA_EURUSD-15.csv', inputs });

  test('ends a trade with its session where no bar comes after it', async () => {
    const run = load();
    const bars = run.bars.filter((one) => hour(one) < 14);
    const ends = (await messages({ ...run, bars })).filter(({ reason }) => reason === 'session_over');
    assert.ok(ends.length > 3);
    assert.deepEqual([...new Set(ends.map(({ bar_close: at }) => new Date(at).getUTCHours()))], [14]);
  });

  test('leaves nothing open over night or over the weekend', async () => {
    const sent = await messages(load());
    const opened = new Map(sent.filter(({ event }) => event === 'entry').map((one) => [one.id, one.bar_time]));
    const ended = sent.filter(({ event }) => event !== 'entry');
    assert.ok(ended.length > 10);
    assert.ok(ended.every((one) => day(one.bar_time) === day(opened.get(one.trade_id))));
  });

  test('places no order on the range of another day', async () => {
    const run = load({ 'Range at most, in ATR': 100 });
    const bare = '2025-01-14';
    const bars = run.bars.filter((one) => day(one.openTime) !== bare || hour(one) >= 6);
    const days = (sent) => sent.filter(({ event }) => event === 'entry').map((one) => day(one.bar_time));
    assert.ok(days(await messages(run)).includes(bare));
    assert.ok(!days(await messages({ ...run, bars })).includes(bare));
  });

  test('cancels only where a fill that the chart missed must have ended, and exits at the end', async () => {
    const sent = await messages(load());
    const cancels = sent.filter(({ event }) => event === 'cancel');
    assert.ok(cancels.length > 0);
    for (const { trade_id: trade, ref_price: price } of cancels) {
      const { side, sl } = sent.find(({ id }) => id === trade);
      assert.ok(side === 'buy' ? Number(price) < Number(sl) : Number(price) > Number(sl));
    }
  });

  test('is silent on a daily chart', async () => {
    const run = caseLoad({ script: 'df-breakout', bars: 'TSE_7203-1D.csv' });
    assert.deepEqual(await messages(run), []);
  });
});

describe('df-playbook', () => {
  test('calls an exit break_even only where the stop stands at the entry', async () => {
    const sent = await messages(caseLoad({ script: 'df-playbook', bars: 'OANDA_EURUSD-15.csv' }));
    const moved = new Set(sent.filter(({ event }) => event === 'amend').map((one) => one.trade_id));
    const ended = sent.filter(({ event }) => event === 'exit');
    assert.ok(ended.some(({ reason }) => reason === 'break_even'));
    for (const { reason, trade_id: trade } of ended) {
      if (reason === 'break_even') assert.ok(moved.has(trade));
      if (reason === 'stop') assert.ok(!moved.has(trade));
    }
  });

  test('needs two of the three higher timeframes, not all', async () => {
    const inputs = { First: '1D', Second: '240', Third: '60' };
    const run = caseLoad({ script: 'df-playbook', bars: 'OANDA_EURUSD-15.csv', inputs });
    const strict = run.source.replace('biasUps >= 2 ? 1 : biasDowns >= 2 ? -1 : 0', 'biasUps == 3 ? 1 : biasDowns == 3 ? -1 : 0');
    assert.notEqual(strict, run.source);
    assert.notDeepEqual(await messages(run), await messages({ ...run, source: strict }));
  });
});
