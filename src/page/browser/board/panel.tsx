import { addServer, removeServer, renameServer, setPrice } from '../../edit/placement-devices.js';
import { scenario } from '../state.js';
import { board, edit, selection } from './board-state.js';
import { Action, NumberField, TextField } from './fields.js';
import { GpuPanel } from './gpu-panel.js';
import { ModelPanel } from './model-panel.js';

export function Panel() {
  const chosen = selection.value;
  if (chosen === undefined || board.value[chosen.server] === undefined) return null;
  if (chosen.kind === 'model') return <ModelPanel {...chosen} />;
  if (chosen.kind === 'gpu') return <GpuPanel {...chosen} />;
  return <ServerPanel server={chosen.server} />;
}

function ServerPanel({ server }: { readonly server: number }) {
  const { name, usdPerHour } = board.value[server]!;
  const source = scenario.value.servers[server]!.machine?.priceSource;
  const remove = () => {
    if (edit(`${name} was removed`, (spec) => removeServer(spec, server))) selection.value = undefined;
  };
  return (
    <fieldset class="panel">
      <legend>{name}</legend>
      <TextField
        label="Name"
        value={name}
        onSet={(to) => edit(`${name} is now ${to}`, (spec) => renameServer(spec, server, to))}
      />
      <NumberField
        label="Price, $ per hour"
        value={usdPerHour ?? 0}
        step="any"
        onSet={(value) => edit(`${name} costs $${value} per hour`, (spec) => setPrice(spec, server, value))}
      />
      <p class="quiet small">{source ?? 'no price was given'}</p>
      <div class="actions">
        <Action onClick={() => edit(`${name} was copied`, (spec) => addServer(spec, server, false))}>
          Copy it with its models
        </Action>
        <Action onClick={() => edit(`An empty ${name} was added`, (spec) => addServer(spec, server, true))}>
          Add an empty one like it
        </Action>
        <Action onClick={remove}>Remove it</Action>
      </div>
    </fieldset>
  );
}
