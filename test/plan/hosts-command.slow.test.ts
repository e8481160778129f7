import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { CommandModule } from 'yargs';
import { planCommand } from '../../src/cli/commands/plan.js';
import type { PlanReport } from '../../src/report/plan/plan-report.js';
import { runCommand } from '../cli/in-process.js';

const folder = mkdtempSync(join(tmpdir(), 'perseus-plan-hosts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const plan = (...words: string[]) => runCommand(planCommand as CommandModule, ['plan', ...words]);
const write = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

it('a plan places models on hosts without a GPU', async () => {
  const { stdout } = await plan('examples/plans/hosts.yaml', '--budget', '100runs', '--json');
  const { candidates, chosen } = JSON.parse(stdout) as PlanReport;
  const best = candidates.find(({ number }) => number === chosen)!;
  expect(best.gpus).toBe(0);
  expect(best.slosMet).toBe(best.slos);
  expect(best.devices.map(({ device }) => device)).toEqual(best.devices.map(() => 'CPU'));
});

it('a plan says where a device is busier than anything that its profiles were measured at', async () => {
  // How much a host bears is in profiles that are measured anew now and then: loads grow until one is crowded.
  const text = readFileSync('examples/plans/hosts.yaml', 'utf8')
    .replace('../../calibration', resolve('calibration'))
    .replace(/marginPercent: .*/, '')
    .replace(/limitMs: (\d+)/g, (_, ms) => `limitMs: ${10 * Number(ms)}`);
  const planned = async (factor: number) => {
    const grown = text.replace(
      /ratePerS: (\d+)/g,
      (_, rate) => `ratePerS: ${Math.round(factor * Number(rate))}`,
    );
    const file = write('crowded.yaml', grown);
    const report = JSON.parse((await plan(file, '--budget', '100runs', '--json')).stdout) as PlanReport;
    const best = report.candidates.find(({ number }) => number === report.chosen)!;
    return { file, report, isCrowded: best.devices.some(({ measuredUpTo }) => measuredUpTo !== undefined) };
  };
  let found = await planned(1);
  for (let factor = 1.1; factor < 1.7 && !found.isCrowded; factor += 0.1) found = await planned(factor);
  const { file: crowded, report } = found;
  expect(found.isCrowded).toBe(true);
  for (const { devices } of report.candidates)
    for (const { busyShare, measuredUpTo } of devices)
      expect(measuredUpTo).toBe(busyShare > 0.77 ? 0.75 : undefined);
  const { stdout } = await plan(crowded, '--budget', '100runs');
  expect(stdout.replaceAll('\n', ' ')).toMatch(
    /host-\d: busy for [\d.]+ % of the time, where its profiles were measured up to 75.0 %/,
  );
});
