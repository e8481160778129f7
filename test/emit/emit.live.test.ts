import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { findInstallation } from '../../scripts/triton/installation.js';
import type { RepositoryModel } from '../../scripts/triton/repository-model.js';
import { startServer } from '../../scripts/triton/server.js';
import { writeRepository } from '../../scripts/triton/write-repository.js';
import { runLive } from '../../src/live/run-live.js';
import { connectTriton } from '../../src/live/triton/connect.js';
import { writePlacement } from '../../src/node/emit/emit-files.js';
import { loadScenario } from '../../src/node/scenario/scenario-files.js';
import { withSetting } from '../../src/plan/tune/setting.js';
import { serializeProfile } from '../../src/profile/parse.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { Outcome } from '../../src/trace/request-log.js';
import { configDifferences } from '../../src/validate/config-differences.js';
import { describeLive } from '../live/support/triton.js';
import { profile } from '../support/scenario.js';

const MODELS: readonly RepositoryModel[] = [
  { kind: 'sleeping', name: 'plain', fixedUs: 1000, itemUs: 100 },
  {
    kind: 'sleeping',
    name: 'batched',
    fixedUs: 1000,
    itemUs: 100,
    dynamicBatching: { max_queue_delay_microseconds: 300 },
  },
  {
    kind: 'sleeping',
    name: 'levels',
    fixedUs: 1000,
    itemUs: 100,
    dynamicBatching: {
      preferred_batch_size: [2, 4],
      priority_levels: 2,
      default_priority_level: 1,
      priority_queue_policy: new Map([
        [2, { timeout_action: 'REJECT', default_timeout_microseconds: 50_000 }],
      ]),
    },
  },
];

const NAMES = MODELS.map(({ name }) => name);

/** The settings as they are for `plain` and `levels`, others for `batched`, as a search would change them. */
function tuned(scenario: Scenario): Scenario {
  const [server] = scenario.servers;
  const batching = { preferredBatchSizes: [4], maxQueueDelayUs: 700, maxQueueSize: 9 };
  const models = server!.models.map((model) =>
    model.config.name === 'batched'
      ? withSetting(model, { instances: 2, maxBatchSize: 4, batching }, server!)
      : model,
  );
  return { ...scenario, servers: [{ ...server!, models }] };
}

describeLive('an emitted repository and a real Triton', () => {
  const folder = mkdtempSync(join(tmpdir(), 'perseus-emit-'));
  const path = (name: string) => join(folder, name);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('loads with the version folders of another repository, has the settings in force, and answers', async () => {
    const installation = findInstallation()!;
    await writeRepository(path('models'), MODELS, installation);
    mkdirSync(path('profiles'));
    for (const name of NAMES) {
      const own = serializeProfile(profile(name, 1, 0.1, { device: 'CPU' }));
      writeFileSync(path(`profiles/${name}.profile.json`), own);
    }
    const scenarioFile = path('small.json');
    writeFileSync(
      scenarioFile,
      JSON.stringify({
        perseus: 1,
        name: 'small',
        durationS: 1,
        profiles: ['profiles'],
        servers: [
          {
            name: 'CPU box',
            models: NAMES.map((name) => ({ name, config: `models/${name}/config.pbtxt` })),
          },
        ],
        tenants: NAMES.map((name) => ({
          name,
          model: name,
          load: { process: { kind: 'constant', ratePerS: 10 } },
        })),
      }),
    );
    const loaded = await loadScenario(scenarioFile);
    const wanted = tuned(loaded.scenario);
    const source = { ...loaded, scenario: wanted };
    await writePlacement(source, { out: path('deploy'), scenarioFile, models: path('models') });

    const repository = path('deploy/model-repositories/cpu-box');
    const server = await startServer({ installation, repository, logFile: path('server.log') });
    const client = connectTriton({ url: server.url });
    try {
      for (const { config } of wanted.servers[0]!.models) {
        const live = await client.modelConfig(config.name);
        expect(configDifferences(live.config, config), config.name).toEqual([]);
      }
      const { scenario } = await loadScenario(path('deploy/scenario.yaml'));
      expect(scenario).toEqual(wanted);
      const { log } = await runLive(scenario, { servers: [{ client }] });
      expect(log.outcome.filter((outcome) => outcome === Outcome.failed)).toHaveLength(0);
      expect(log.outcome.filter((outcome) => outcome === Outcome.completed).length).toBeGreaterThan(0);
    } finally {
      client.close();
      await server.stop();
    }
  }, 120_000);
});
