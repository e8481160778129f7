import { describe, expect, it } from 'vitest';
import type { CommandModule } from 'yargs';
import { compareCommand } from '../../src/cli/commands/compare.js';
import { runCommand } from './in-process.js';
import { scenarioText, smallScenario } from './small-scenario.js';

const { file, write } = smallScenario();
const apart = write('apart.yaml', scenarioText({ servers: 2 }));
const compare = (...words: string[]) => runCommand(compareCommand as CommandModule, ['compare', ...words]);

describe('perseus compare', () => {
  it('says what two placements cost and how much faster each tenant is, under the same arrivals', async () => {
    const { code, stdout, stderr } = await compare(file, apart, '--runs', '3');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const word of ['cats-people', 'dogs-people', 'small.yaml', 'apart.yaml'])
      expect(stdout).toContain(word);
    const { cost, latency } = JSON.parse((await compare(file, apart, '--runs', '3', '--json')).stdout);
    expect(cost).toBeDefined();
    expect(latency.map(({ tenant }: { tenant: string }) => tenant)).toEqual(['cats-people', 'dogs-people']);
  });

  it('finds no difference between a placement and itself', async () => {
    const { stdout } = await compare(file, file, '--runs', '2');
    expect(stdout).toMatch(/no (clear |significant )?difference|the same|equal/i);
  });

  it('gives the same bytes every time', async () => {
    const [once, twice] = [
      await compare(file, apart, '--runs', '2', '--json'),
      await compare(file, apart, '--runs', '2', '--json'),
    ];
    expect(twice.stdout).toBe(once.stdout);
  });

  it('says what one tenant adds: a machine where it has one of its own, nothing where it shares', async () => {
    const alone = JSON.parse(
      (await compare(apart, '--without', 'dogs-people', '--runs', '2', '--json')).stdout,
    );
    expect(alone.usdPerHour).toBeCloseTo(1.5, 6);
    const shared = JSON.parse(
      (await compare(file, '--without', 'dogs-people', '--runs', '2', '--json')).stdout,
    );
    expect(shared.usdPerHour).toBeCloseTo(0, 6);
    expect((await compare(file, '--without', 'dogs-people', '--runs', '2')).stdout).toMatch(
      /^dogs-people adds /,
    );
  });

  it.each([
    ['one scenario alone', [file], 'second scenario or --without'],
    ['two scenarios and --without', [file, apart, '--without', 'cats-people'], 'give one of the two'],
    ['a tenant that does not exist', [file, '--without', 'birds-people'], 'cats-people, dogs-people'],
    ['no runs', [file, apart, '--runs', '0'], 'runs'],
  ])('does not guess what %s means', async (_, words, said) => {
    const { code, stdout, stderr } = await compare(...words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(said);
  });

  it('does not compare placements of different tenants', async () => {
    const other = write('other.yaml', scenarioText().replace('name: cats-people', 'name: kittens'));
    const { code, stderr } = await compare(file, other, '--runs', '1');
    expect(code).toBe(2);
    expect(stderr).toContain('the tenants differ');
  });
});
