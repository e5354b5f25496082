// Faults planted into true scripts: each must be found, or the layers prove nothing.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { caseLoad } from './cases.mjs';
import { messageFaults, openBarFaults, replayFaults, sequenceFaults, storyFaults } from './checks.mjs';
import { scriptRun } from './engine.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PYTHON = process.env.PYTHON ?? join(ROOT, '.venv/bin/python');

/** A case whose script has one text replaced; the text must be there once. */
function planted(one, old, fault) {
  const run = caseLoad({ count: 400, ...one });
  assert.equal(run.source.split(old).length, 2, `the script holds "${old}" once`);
  return { ...run, source: run.source.replace(old, fault) };
}

/** The first rule that the lint names, or nothing. */
function lint(script, source) {
  const folder = mkdtempSync(join(tmpdir(), 'pine-lint-'));
  const path = join(folder, `${script}.pine`);
  writeFileSync(path, source);
  try {
    execFileSync(PYTHON, ['-m', 'pine.harness.lint', path], { cwd: ROOT, encoding: 'utf8' });
    return '';
  } catch (error) {
    return error.stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const TREND = { script: 'df-trend', bars: 'OANDA_EURUSD-15.csv' };
const PLAYBOOK = {
  script: 'df-playbook', bars: 'OANDA_EURUSD-15.csv', first: 200, count: 260,
  inputs: { First: '240', Second: '120', Third: '60' },
};
const lookAhead = () => {
  const run = caseLoad(PLAYBOOK);
  return { ...run, source: run.source.replaceAll('close[1] - open[1]', 'close - open') };
};

describe('a planted repaint', () => {
  test('a higher timeframe that looks ahead is found by the replay', async () => {
    const { faults } = await replayFaults(lookAhead(), 60);
    assert.ok(faults.length > 0);
  });

  test('a higher timeframe that looks ahead is found by the lint', () => {
    assert.match(lint('df-playbook', lookAhead().source), /lookahead/);
  });

  test('an alert on an open bar is found', async () => {
    const run = planted(TREND, 'bool ready = barstate.isconfirmed and', 'bool ready =');
    const source = run.source.replaceAll('freq_once_per_bar_close', 'freq_all');
    assert.ok((await openBarFaults({ ...run, source }, 150)).length > 0);
  });
});

describe('a planted str.format payload', () => {
  test('is found by the lint', () => {
    const { source } = planted(TREND, 'whole(int value) =>\n    str.tostring(value, "0")', 'whole(int value) =>\n    str.format("{0}", value)');
    assert.match(lint('df-trend', source), /str\.format/);
  });

  test('the script without it passes the lint', () => {
    assert.equal(lint('df-trend', caseLoad(TREND).source), '');
  });
});

describe('a planted id collision', () => {
  test('ids made of the day instead of the bar are found', async () => {
    const run = planted(TREND, 'whole(time) + ":" + event', 'whole(time - time % 86400000) + ":" + event');
    const { alerts } = await scriptRun(run);
    assert.match(sequenceFaults(alerts).join('\n'), /occurs twice/);
  });

  test('ids that forget the event are found', async () => {
    const run = planted(TREND, '":" + event + ":" + side + ":"', '":"');
    const { alerts } = await scriptRun(run);
    assert.match(sequenceFaults(alerts).join('\n'), /occurs twice/);
  });
});

describe('other planted faults', () => {
  test('a float where a decimal string belongs', async () => {
    const run = planted(TREND, '"null" : q(str.tostring(price, format.mintick))', '"null" : str.tostring(price, format.mintick)');
    const { alerts } = await scriptRun(run);
    assert.match(messageFaults(alerts, run.symbol.mintick).join('\n'), /schema: \/ref_price must be string/);
  });

  test('a stop on the winning side', async () => {
    const run = planted(TREND, 'stopPrice := close - held * stopAtr * atr', 'stopPrice := close + held * stopAtr * atr * 3');
    const { alerts } = await scriptRun(run);
    assert.match(messageFaults(alerts, run.symbol.mintick).join('\n'), /not in order/);
  });

  test('an exit that forgets which trade it closes', async () => {
    const run = planted(TREND, 'exitSignal(held, tradeId, exitReason)', 'exitSignal(held, "other", exitReason)');
    const { alerts } = await scriptRun(run);
    assert.match(storyFaults(alerts).join('\n'), /exit of other/);
  });

  test('an entry before the exit of the same bar', async () => {
    const { alerts } = await scriptRun(caseLoad(TREND));
    const twice = alerts.findIndex(({ barTime }, n) => alerts[n + 1]?.barTime === barTime);
    const swapped = alerts.with(twice, alerts[twice + 1]).with(twice + 1, alerts[twice]);
    assert.match(sequenceFaults(swapped).join('\n'), /exit after entry/);
  });

  test('a message that is no JSON', () => {
    assert.match(messageFaults([{ text: '{"v":1,735,958}' }], 1).join(), /not JSON/);
  });
});
