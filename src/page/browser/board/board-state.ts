import { computed, signal } from '@preact/signals';
import { formatProblem, problemsOf } from '../../../base/problem.js';
import { lookOf } from '../../../report/charts/highlight.js';
import { pageTheme } from '../../../report/charts/theme.js';
import { emphasise } from '../../../report/html/sections.js';
import type { ScenarioSpec } from '../../../scenario/spec.js';
import { decodeValue } from '../../../sweep/content.js';
import { boardOf, placesOf } from '../../edit/board-view.js';
import type { Place } from '../../edit/placement.js';
import type { Chip } from '../../edit/placement-moves.js';
import type { Shipped } from '../../edit/placement-shipped.js';
import { consequences } from '../../edit/placement-words.js';
import { packedText } from '../packed-text.js';
import { answer, changeTo, files, scenario } from '../state.js';

/** What the panel beside the board changes. */
export type Selection =
  | ({ readonly kind: 'model' } & Chip)
  | { readonly kind: 'gpu'; readonly server: number; readonly gpu: number }
  | { readonly kind: 'server'; readonly server: number };

/** What perseus ships, as far as the page carries it. */
const packedWithPage = computed((): Shipped => {
  const text = packedText('#shipped');
  return text === undefined ? { profiles: {}, prices: [] } : (decodeValue(text) as Shipped);
});
export const shipped = computed(
  (): Shipped => ({
    profiles: { ...packedWithPage.value.profiles, ...files.value.profiles },
    prices: packedWithPage.value.prices,
  }),
);
export const board = computed(() => boardOf(scenario.value, shipped.value));
export const places = computed(() => placesOf(board.value));

/** Where each tenant stands among the series of a chart, whose colours the board has, too. */
const orderOfCharts = computed(() => {
  const tenants = answer.value?.report.summary.tenants ?? [];
  return emphasise(tenants, tenants).map(({ tenant }) => tenant);
});

export function colourOfTenant(index: number): string {
  const at = orderOfCharts.value.indexOf(scenario.value.tenants[index]!.name);
  return lookOf(at < 0 ? index : at, pageTheme).colour;
}

export const selection = signal<Selection | undefined>(undefined);
export function isChosen(own: Selection): boolean {
  return JSON.stringify(selection.value) === JSON.stringify(own);
}

export function choose(own: Selection): void {
  selection.value = isChosen(own) ? undefined : own;
  // On a small screen it is far below.
  requestAnimationFrame(() => document.querySelector('.panel')?.scrollIntoView({ block: 'nearest' }));
}

/** What happened last, in words. */
export const said = signal('');

/** Makes an edit and says what came of it; where it cannot be made, says why. */
export function edit(
  words: string,
  make: (spec: ScenarioSpec, shipped: Shipped) => ScenarioSpec,
  { from = scenario.value, gesture }: { readonly from?: ScenarioSpec; readonly gesture?: string } = {},
): boolean {
  try {
    const after = make(from, shipped.value);
    // Before the scenario that names them.
    fetchProfiles(after);
    changeTo(after, gesture);
    said.value = [`${words}.`, ...consequences(from, after)].join(' ');
    return true;
  } catch (error) {
    said.value = problemsOf(error).map(formatProblem).join(' ');
    return false;
  }
}

/** The simulator gets the packedWithPage profiles that a scenario names. */
function fetchProfiles({ profiles }: ScenarioSpec): void {
  const missing = profiles.filter((path) => files.value.profiles[path] === undefined);
  const found = missing.flatMap((path) => {
    const value = packedWithPage.value.profiles[path];
    return value === undefined ? [] : [[path, value] as const];
  });
  if (found.length === 0) return;
  files.value = {
    ...files.value,
    profiles: { ...files.value.profiles, ...Object.fromEntries(found) },
  };
}

export const SHARING_WORDS = {
  exclusive: 'exclusive, as if each ran alone',
  streams: 'streams',
  timeSlices: 'time slices',
  mps: 'MPS shares',
  mig: 'MIG slices',
} as const;

export function placeName({ server, device }: Place): string {
  const slot = places.value.find((each) => each.server === server && each.device === device);
  return slot === undefined ? 'nowhere' : slotName(slot);
}

export function slotName({ server, name, slice }: (typeof places.value)[number]): string {
  return `${name}${slice === undefined ? '' : ` (${slice})`} of ${board.value[server]!.name}`;
}

export function chipKey({ model, server, device }: Chip): string {
  return `${server} ${device} ${model}`;
}

export function focusChip(chip: Chip): void {
  requestAnimationFrame(() => {
    const shown = document.querySelector<HTMLElement>(`[data-chip="${CSS.escape(chipKey(chip))}"]`);
    shown?.focus();
  });
}
