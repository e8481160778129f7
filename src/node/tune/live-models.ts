import { withScheduling } from '../../emit/with-scheduling.js';
import type { InferenceClient, LiveModelConfig } from '../../live/inference-client.js';
import { LiveError } from '../../live/inference-client.js';
import { giveModelBack, reloadModel } from '../../live/reload-model.js';
import type { LiveServer } from '../../live/run-live.js';
import type { ModelConfig } from '../../scenario/model-config.js';
import type { Scenario } from '../../scenario/scenario.js';
import type { ModelConfigFields } from '../../scenario/triton/fields.js';
import { configDifferences } from '../../validate/config-differences.js';
import type { ChangedModel } from '../calibrate/change-note.js';

interface LiveModel {
  readonly client: InferenceClient;
  readonly name: string;
  /** As it was found. */
  readonly original: LiveModelConfig;
  /** The configuration that it was last loaded under; undefined while it is as it was found. */
  loadedAs: string | undefined;
}

/** Is told which models are not as they were found, for who may be killed before they are given back. */
export type NoteModels = (models: readonly ChangedModel[]) => Promise<void>;

/**
 * The models of live servers, loaded anew under one configuration after the other. What perseus does not
 * look at (parameters, backend, tensors) stays as each server has it.
 */
export class LiveModels {
  /** By server of the scenario, then by name. */
  readonly #servers: readonly ReadonlyMap<string, LiveModel>[];
  readonly #note: NoteModels;

  private constructor(servers: readonly ReadonlyMap<string, LiveModel>[], note: NoteModels) {
    this.#servers = servers;
    this.#note = note;
  }

  /**
   * Reads how the servers serve the scenario's models now; nothing is changed.
   * @throws LiveError when a model is not there
   */
  static async open(
    scenario: Scenario,
    servers: readonly LiveServer[],
    note: NoteModels = async () => {},
  ): Promise<LiveModels> {
    const all = scenario.servers.map(async ({ models }, s) => {
      const { client } = servers[s]!;
      const entries = models.map(async ({ config: { name } }) => {
        const original = await client.modelConfig(name);
        return [name, { client, name, original, loadedAs: undefined } as LiveModel] as const;
      });
      return new Map(await Promise.all(entries));
    });
    return new LiveModels(await Promise.all(all), note);
  }

  /**
   * Loads every model whose settings are to change, and makes sure that the server then has them in force.
   * @throws LiveError when the server refuses, or has something else in force
   */
  async apply(scenario: Scenario): Promise<void> {
    for (const [s, { models }] of scenario.servers.entries()) {
      for (const { config } of models) await this.#loadAs(this.#servers[s]!.get(config.name)!, config);
    }
  }

  /**
   * Gives every model that was loaded anew the configuration in which it was found. All are tried.
   * @throws LiveError naming those that could not be given back
   */
  async restore(): Promise<void> {
    const changed = this.#changed();
    if (changed.length === 0) return;
    const failures: string[] = [];
    for (const model of changed) {
      await giveBack(model).catch((error: Error) => failures.push(`${model.name} (${error.message})`));
    }
    if (failures.length === 0) return this.#noteChanged();
    throw new LiveError(
      'server',
      `these models could not be loaded as they were: ${failures.join(', ')}`,
      'load them again by hand, or restart the server',
    );
  }

  async #loadAs(model: LiveModel, config: ModelConfig): Promise<void> {
    const { client, name, original } = model;
    const configJson = JSON.stringify(withScheduling(original.json as ModelConfigFields, config));
    const isInForce =
      model.loadedAs === undefined
        ? configDifferences(original.config, config).length === 0
        : model.loadedAs === configJson;
    if (isInForce) return;
    const before = model.loadedAs;
    if (before === undefined) await this.#noteChanged(model);
    // Set before: a load that fails may leave the model unloaded.
    model.loadedAs = configJson;
    try {
      await reloadModel(client, name, { configJson });
    } catch (error) {
      // A server that allows no loading has not touched it.
      if (error instanceof LiveError && error.kind === 'refused') {
        model.loadedAs = before;
        await this.#noteChanged();
      }
      throw error;
    }
    const differences = configDifferences((await client.modelConfig(name)).config, config);
    if (differences.length === 0) return;
    throw new LiveError(
      'server',
      `${client.url}: "${name}" was loaded under other settings than it was given: ${differences.join('; ')}`,
      'tune without what the server does not take',
    );
  }

  #changed(): LiveModel[] {
    return this.#servers
      .flatMap((models) => [...models.values()])
      .filter(({ loadedAs }) => loadedAs !== undefined);
  }

  /** Before a model is touched and once all are given back; in between, a note of too many does no harm. */
  #noteChanged(...soon: readonly LiveModel[]): Promise<void> {
    const models = [...this.#changed(), ...soon];
    return this.#note(models.map(({ client: { url }, name, original: { json } }) => ({ url, name, json })));
  }
}

/** Nothing is left to give back where that worked. */
async function giveBack(model: LiveModel): Promise<void> {
  await giveModelBack(model.client, { name: model.name, json: model.original.json });
  model.loadedAs = undefined;
}
