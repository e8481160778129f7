import { CPU_KIND } from '../../../profile/host-cores.js';
import { knownMemoryMb } from '../../../scenario/gpu-kinds.js';
import {
  changeKind,
  migChoices,
  removeDevice,
  SHARING_MODES,
  setMig,
  setShare,
  setSharing,
} from '../../edit/placement-devices.js';
import { scenario } from '../state.js';
import { edit, SHARING_WORDS, selection, shipped } from './board-state.js';
import { Action, Choice, NumberField } from './fields.js';

export function GpuPanel({ server, gpu }: { readonly server: number; readonly gpu: number }) {
  const own = scenario.value.servers[server]!;
  const device = own.devices[gpu];
  if (device === undefined) return null;
  const { name, kind, mig, sharing } = device;
  const title = `${name} of ${own.name}`;
  const layouts = migChoices(kind);
  const mode = sharing?.mode ?? 'streams';
  const remove = () => {
    const words = `${title} was removed`;
    if (edit(words, (spec, from) => removeDevice(spec, server, gpu, from))) selection.value = undefined;
  };
  return (
    <fieldset class="panel">
      <legend>{title}</legend>
      <Choice
        label="Kind"
        value={kind}
        options={kinds(kind).map((each) => [each, each])}
        onSet={(to) => edit(`${title} is now ${to}`, (spec, from) => changeKind(spec, server, gpu, to, from))}
      />
      {layouts.length > 0 && (
        <Choice
          label="MIG slices"
          value={(mig ?? []).join(' + ')}
          options={[
            ['', 'none: the whole GPU'],
            ...withPresent(layouts, mig).map((slices) => [slices.join(' + '), slices.join(' + ')] as const),
          ]}
          onSet={(to) => {
            const slices = to === '' ? undefined : to.split(' + ');
            const words = slices === undefined ? `${title} is whole` : `${title} is divided into ${to}`;
            edit(words, (spec, from) => setMig(spec, server, gpu, slices, from));
          }}
        />
      )}
      {mig === undefined && (
        <Choice
          label="Shared by"
          value={mode}
          options={SHARING_MODES.map((each) => [each, SHARING_WORDS[each]])}
          onSet={(to) =>
            edit(`${title} is shared by ${SHARING_WORDS[to as typeof mode]}`, (spec, from) =>
              setSharing(spec, server, gpu, to as typeof mode, from),
            )
          }
        />
      )}
      {sharing?.mode === 'mps' &&
        Object.entries(sharing.shares).map(([model, share]) => (
          <NumberField
            key={model}
            label={`Share of ${model}, %`}
            value={Number((share * 100).toFixed(4))}
            min={1}
            max={100}
            step="any"
            onSet={(percent) =>
              edit(`${model} has ${percent} % of ${title}`, (spec) =>
                setShare(spec, server, gpu, model, percent / 100),
              )
            }
          />
        ))}
      <div class="actions">
        <Action onClick={remove}>Remove this GPU</Action>
      </div>
    </fieldset>
  );
}

/** Whole GPUs of which there are profiles and whose memory is known. */
function kinds(present: string): readonly string[] {
  const profiled = Object.values(shipped.value.profiles).flatMap((files) =>
    files.map(({ profile }) => profile.device),
  );
  const whole = profiled.filter(
    (kind) => kind !== CPU_KIND && !kind.includes(' MIG ') && knownMemoryMb(kind) !== undefined,
  );
  return [...new Set([present, ...whole])].sort();
}

function withPresent(
  layouts: readonly (readonly string[])[],
  present: readonly string[] | undefined,
): readonly (readonly string[])[] {
  const isListed = layouts.some((slices) => slices.join() === present?.join());
  return present === undefined || isListed ? layouts : [present, ...layouts];
}
