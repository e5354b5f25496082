// Bar by bar a script says what it says over the whole, and the stream speaks its protocol.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { SCRIPTS, caseLoad } from './cases.mjs';
import { scriptRun } from './engine.mjs';
import { LiveScript } from './live.mjs';

const NEAR = { 'df-playbook': { First: '240', Second: '120', Third: '60' } };
const texts = (alerts) => alerts.map(({ text }) => text);

for (const script of SCRIPTS) {
  test(`${script} fed bar by bar sends what the whole sends`, async () => {
    const run = caseLoad({ script, bars: 'OANDA_EURUSD-15.csv', count: 700, inputs: NEAR[script] });
    const live = new LiveScript(run);
    const sent = await live.feed(run.bars.slice(0, 200));
    for (const one of run.bars.slice(200)) sent.push(...await live.feed([one]));
    const whole = (await scriptRun(run)).alerts;
    assert.ok(whole.length > 0);
    assert.deepEqual(texts(sent), texts(whole));
  });
}

test('a bar that is not after the last one is refused', async () => {
  const run = caseLoad({ script: 'df-trend', bars: 'OANDA_EURUSD-15.csv', count: 50 });
  const live = new LiveScript(run);
  await live.feed(run.bars);
  await assert.rejects(live.feed(run.bars.slice(-1)), /not after/);
});

test('the stream answers each line, errors included, and ends with its input', () => {
  const { bars } = caseLoad({ script: 'df-bars', bars: 'OANDA_EURUSD-15.csv', count: 4 });
  const rows = bars.map(({ openTime, open, high, low, close, volume }) => [openTime, open, high, low, close, volume]);
  const open = { key: 'a', script: 'df-bars', symbol: 'OANDA:EURUSD', mintick: 0.00001, timeframe: '15', bars: rows.slice(0, 3) };
  const requests = [open, { key: 'a', bars: rows.slice(3) }, { key: 'b', bars: [] }, { ...open, key: 'c', script: '../x' }, null];
  const { status, stdout } = spawnSync(process.execPath, [fileURLToPath(new URL('stream.mjs', import.meta.url))],
    { input: requests.map((one) => JSON.stringify(one)).join('\n'), encoding: 'utf8' });
  const answers = stdout.trim().split('\n').map(JSON.parse);
  assert.equal(status, 0);
  assert.deepEqual(answers.map(({ key }) => key), ['a', 'a', 'b', 'c', null]);
  assert.deepEqual(answers.slice(0, 2).map(({ alerts }) => alerts.length), [3, 1]);
  assert.equal(JSON.parse(answers[1].alerts[0].text).bar_time, rows[3][0]);
  assert.match(answers[2].error, /open it first/);
  assert.match(answers[3].error, /no script/);
  assert.ok(answers[4].error);
});
