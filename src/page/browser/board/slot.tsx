import { mean } from 'simple-statistics';
import { pageTheme } from '../../../report/charts/theme.js';
import { formatNumber, formatPercent } from '../../../report/format.js';
import { replicaNames } from '../../../scenario/replica-names.js';
import type { BoardChip, BoardSlot } from '../../edit/board-view.js';
import { addInstance, moveInstances, removeInstance } from '../../edit/placement-moves.js';
import { doubt } from '../doubt.js';
import { answer, scenario } from '../state.js';
import {
  chipKey,
  choose,
  colourOfTenant,
  edit,
  focusChip,
  isChosen,
  places,
  type Selection,
  selection,
  slotName,
} from './board-state.js';
import { isEndOfDrag, press, target } from './drag.js';

interface SlotProps {
  readonly slot: BoardSlot;
  readonly serverName: string;
  readonly replicas: number;
}

/** A place for models: what is there, and how full and how busy it is. */
export function Slot({ slot, serverName, replicas }: SlotProps) {
  const { server, device } = slot;
  const isTarget = target.value?.server === server && target.value.device === device;
  return (
    <div
      class={`slot${isTarget ? ' target' : ''}`}
      data-server={server}
      data-device={device}
      style={{ flexGrow: slot.size }}
    >
      {slot.slice !== undefined && <p class="small slice">{slot.slice}</p>}
      <ul class="chips" aria-label={`models on ${slotName(slot)}`}>
        {slot.chips.map((chip) => (
          <li key={chip.model}>
            <Chip chip={chip} slot={slot} />
          </li>
        ))}
        {slot.chips.length === 0 && <li class="quiet small">empty</li>}
      </ul>
      {slot.memoryMb !== undefined && <Memory chips={slot.chips} memoryMb={slot.memoryMb} />}
      <Busy slot={slot} serverName={serverName} replicas={replicas} />
    </div>
  );
}

/** Instances that are drawn one by one; of more than these only the number is shown. */
const MOST_DRAWN = 8;

function Chip({ chip, slot }: { readonly chip: BoardChip; readonly slot: BoardSlot }) {
  const own = { model: chip.model, server: slot.server, device: slot.device };
  const choice: Selection = { kind: 'model', ...own };
  const instances = chip.count === 1 ? '1 instance' : `${chip.count} instances`;
  const trouble = chip.hasProfile ? '' : ', no profile for this device';
  return (
    <button
      type="button"
      class={`chip${chip.hasProfile ? '' : ' lost'}`}
      data-chip={chipKey(own)}
      aria-label={`${chip.model}, ${instances} on ${slotName(slot)}${trouble}`}
      aria-describedby="board-help"
      aria-pressed={isChosen(choice)}
      title={chip.hasProfile ? chip.model : `${chip.model}: no profile for this device`}
      style={{ '--of': stripes(chip.tenants) }}
      onPointerDown={(event) => press(event, own)}
      onKeyDown={(event) => onKey(event, own)}
      onClick={() => {
        if (!isEndOfDrag()) choose(choice);
      }}
    >
      <span class="name">{chip.model}</span>
      <span class="instances" aria-hidden="true">
        {chip.count <= MOST_DRAWN
          ? Array.from({ length: chip.count }, (_, i) => <i key={String(i)} />)
          : `× ${chip.count}`}
      </span>
    </button>
  );
}

type Own = Parameters<typeof press>[1];

const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

function onKey(event: KeyboardEvent, own: Own): void {
  const step = STEPS[event.key];
  if (step !== undefined) {
    event.preventDefault();
    const here = places.value.findIndex((each) => each.server === own.server && each.device === own.device);
    const to = places.value[here + step];
    if (to !== undefined) moveChip(own, to);
  } else if (event.key === '+' || event.key === '-') {
    const [words, change] =
      event.key === '+'
        ? (['one instance more', addInstance] as const)
        : (['one instance less', removeInstance] as const);
    edit(`${own.model}: ${words}`, (spec, shipped) => change(spec, own, shipped));
  }
}

/** Moves a chip, with the focus and the panel that is open for it. */
export function moveChip(own: Own, to: BoardSlot): void {
  const words = `${own.model} moved to ${slotName(to)}`;
  if (!edit(words, (spec, shipped) => moveInstances(spec, own, to, shipped))) return;
  const landed = { model: own.model, server: to.server, device: to.device };
  if (selection.value?.kind === 'model') selection.value = { kind: 'model', ...landed };
  focusChip(landed);
}

function stripes(tenants: readonly number[]): string {
  const colours = tenants.length === 0 ? [pageTheme.idle] : tenants.map(colourOfTenant);
  const share = 100 / colours.length;
  const stops = colours.map((colour, i) => `${colour} ${i * share}% ${(i + 1) * share}%`);
  return `linear-gradient(${stops.join(',')})`;
}

function Memory({ chips, memoryMb }: { readonly chips: readonly BoardChip[]; readonly memoryMb: number }) {
  const used = chips.reduce((sum, chip) => sum + (chip.memoryMb ?? 0), 0);
  const unknown = chips.filter((chip) => chip.memoryMb === undefined).map(({ model }) => model);
  const isTooMuch = used > memoryMb;
  const width = (mb: number) => `${(100 * mb) / Math.max(used, memoryMb)}%`;
  return (
    <>
      <div class={`fill${unknown.length > 0 ? ' unknown' : ''}`} aria-hidden="true">
        {chips.map(({ model, memoryMb: mb = 0, tenants }) => (
          <span key={model} style={{ width: width(mb), background: stripes(tenants) }} />
        ))}
        {isTooMuch && <b style={{ left: width(memoryMb) }} />}
      </div>
      <p class={`small ${isTooMuch ? 'bad' : 'quiet'}`}>
        {unknown.length === chips.length && unknown.length > 0
          ? `memory unknown, of ${gib(memoryMb)} GiB`
          : `memory ${gib(used)} of ${gib(memoryMb)} GiB`}
        {isTooMuch && ': does not fit'}
        {unknown.length > 0 && unknown.length < chips.length && `; unknown: ${unknown.join(', ')}`}
      </p>
    </>
  );
}

function gib(mb: number): string {
  return formatNumber(mb / 1024);
}

/** How busy it was in the last run, by tenant, and how busy it may be. */
function Busy({ slot, serverName, replicas }: SlotProps) {
  const names = replicaNames({ name: serverName, replicas });
  const found =
    answer.value?.report.summary.devices.filter(
      ({ server, device }) => device === slot.name && names.includes(server),
    ) ?? [];
  if (found.length === 0) return null;
  const ranges = (doubt.value?.devices ?? []).filter(
    ({ server, device }) => device === slot.name && names.includes(server),
  );
  const open = ranges.length > 0 && {
    low: mean(ranges.map(({ low }) => low)),
    high: mean(ranges.map(({ high }) => high)),
  };
  const tenants = scenario.value.tenants.map(({ name }, i) => ({
    name,
    colour: colourOfTenant(i),
    share: mean(found.map((each) => each.shareByTenant.find(({ tenant }) => tenant === name)?.share ?? 0)),
  }));
  return (
    <>
      <div class="fill" aria-hidden="true">
        {open && <em style={{ left: `${100 * open.low}%`, width: `${100 * (open.high - open.low)}%` }} />}
        {tenants.map(({ name, colour, share }) => (
          <span key={name} style={{ width: `${100 * share}%`, background: colour }} />
        ))}
      </div>
      <p class="small quiet">
        busy {formatPercent(mean(found.map(({ busyShare }) => busyShare)))} %
        {open && open.high > 0 && ` (${formatPercent(open.low)} to ${formatPercent(open.high)})`}
      </p>
    </>
  );
}
