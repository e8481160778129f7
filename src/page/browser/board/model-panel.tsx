import { type Batching, batchingOf, setBatching } from '../../edit/batching.js';
import { addInstance, type Chip, instancesOf, modelOn, removeInstance } from '../../edit/placement-moves.js';
import { scenario } from '../state.js';
import { edit, placeName, places, slotName } from './board-state.js';
import { Action, Choice, NumberField, TextField } from './fields.js';
import { moveChip } from './slot.js';

export function ModelPanel({ model: name, server, device }: Chip) {
  const chip = { model: name, server, device };
  const model = modelOn(scenario.value.servers[server]!, name);
  const count = instancesOf(scenario.value, chip);
  if (model === undefined || count === 0) return null;
  const batching = batchingOf(model);
  const keyOf = (place: { readonly server: number; readonly device: number }) =>
    `${place.server} ${place.device}`;
  return (
    <fieldset class="panel">
      <legend>{name}</legend>
      <Choice
        label="Where"
        value={keyOf(chip)}
        options={places.value.map((place) => [keyOf(place), slotName(place)])}
        onSet={(to) => moveChip(chip, places.value.find((place) => keyOf(place) === to)!)}
      />
      <div class="field">
        <span>Instances there</span>
        <span class="steps">
          <Action
            onClick={() =>
              edit(`${name}: one instance less`, (spec, from) => removeInstance(spec, chip, from))
            }
          >
            <span aria-hidden="true">−</span>
            <span class="unseen">
              Remove an instance of {name} from {placeName(chip)}
            </span>
          </Action>
          <output>{count}</output>
          <Action
            onClick={() => edit(`${name}: one instance more`, (spec, from) => addInstance(spec, chip, from))}
          >
            <span aria-hidden="true">+</span>
            <span class="unseen">
              Add an instance of {name} to {placeName(chip)}
            </span>
          </Action>
        </span>
      </div>
      {batching !== undefined && <BatchingFields name={name} batching={batching} />}
    </fieldset>
  );
}

function BatchingFields({ name, batching }: { readonly name: string; readonly batching: Batching }) {
  const { maxBatchSize, isDynamic, preferredSizes, delayUs, queueSize, queueTimeoutUs } = batching;
  const set = (words: string, change: Partial<Batching>) =>
    edit(`${name}: ${words}`, (spec) => setBatching(spec, name, change));
  return (
    <>
      <NumberField
        label="Largest batch"
        value={maxBatchSize}
        max={4096}
        onSet={(to) => set(`batches of at most ${to}`, { maxBatchSize: to })}
      />
      <label class="field">
        <span>Dynamic batching</span>
        <input
          type="checkbox"
          checked={isDynamic}
          onChange={({ currentTarget }) =>
            set(currentTarget.checked ? 'dynamic batching' : 'no dynamic batching', {
              isDynamic: currentTarget.checked,
            })
          }
        />
      </label>
      <TextField
        label="Preferred batch sizes"
        value={preferredSizes.join(', ')}
        isOff={!isDynamic}
        onSet={(to) =>
          set(`prefers batches of ${to || 'any size'}`, {
            preferredSizes: (to.match(/\d+/g) ?? []).map(Number),
          })
        }
      />
      <NumberField
        label="Queue delay, µs"
        value={delayUs}
        isOff={!isDynamic}
        onSet={(to) => set(`queue delay ${to} µs`, { delayUs: to })}
      />
      <NumberField
        label="Most in queue (0 = any)"
        value={queueSize}
        isOff={!isDynamic}
        onSet={(to) => set(`at most ${to || 'any number'} in the queue`, { queueSize: to })}
      />
      <NumberField
        label="Longest in queue, ms (0 = any)"
        value={queueTimeoutUs / 1000}
        step="any"
        isOff={!isDynamic}
        onSet={(to) => set(`at most ${to} ms in the queue`, { queueTimeoutUs: Math.round(to * 1000) })}
      />
      <p class="quiet small">The settings of its batches hold on every server that serves it.</p>
    </>
  );
}
