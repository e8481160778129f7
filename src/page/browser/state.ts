import { batch, computed, signal } from '@preact/signals';
import { formatProblem } from '../../base/problem.js';
import type { ScenarioSpec } from '../../scenario/spec.js';
import { type CarriedScenario, type ScenarioData, tracesFound } from '../carried.js';
import type { PageAnswer } from '../page-answer.js';
import type { Told } from './protocol.js';

interface History {
  readonly past: readonly ScenarioData[];
  readonly present: ScenarioData;
  readonly future: readonly ScenarioData[];
}

const MOST_STEPS = 200;

/** What is open: its files, and each state that its scenario had. */
export const files = signal<Omit<CarriedScenario, 'spec'>>({
  version: '',
  profiles: {},
  serverProfiles: {},
  traces: {},
});
const history = signal<History>({ past: [], present: {}, future: [] });

export const spec = computed(() => history.value.present);
/** The same as the schema reads it: nobody has checked that it is one. */
export const scenario = computed(() => spec.value as unknown as ScenarioSpec);
export const carried = computed<CarriedScenario>(() => ({ ...files.value, spec: spec.value }));
export const canUndo = computed(() => history.value.past.length > 0);
export const canRedo = computed(() => history.value.future.length > 0);

/** The last answer that could be given, and what is wrong with the scenario since, if anything is. */
export const answer = signal<PageAnswer | undefined>(undefined);
export const problems = signal<readonly string[]>([]);
/** What was wrong with something that was to be opened; what was open before still is. */
export const notice = signal<readonly string[]>([]);
/** Whether what is shown is not yet what the whole scenario gives. */
export const isRefining = signal(true);

/** Opens another scenario; what was open is forgotten, but for traces that its link left out. */
export function open({ spec: present, answer: known, ...rest }: CarriedScenario): void {
  const found = tracesFound(rest.tracesLeftOut, files.value.traces);
  endGesture();
  batch(() => {
    files.value = { ...rest, traces: { ...rest.traces, ...found } };
    history.value = { past: [], present, future: [] };
    answer.value = known;
    isRefining.value = known?.isWhole !== true;
  });
}

/** Adds files that the scenario may name from now on. */
export function addFiles(more: Partial<Omit<CarriedScenario, 'spec'>>): void {
  const { profiles, serverProfiles, traces, tracesLeftOut } = files.value;
  files.value = {
    ...files.value,
    profiles: { ...profiles, ...more.profiles },
    serverProfiles: { ...serverProfiles, ...more.serverProfiles },
    traces: { ...traces, ...more.traces, ...tracesFound(tracesLeftOut, more.traces ?? {}) },
  };
}

/** Changes to another scenario, as a step that can be undone. */
export function goTo({ spec: next, ...rest }: CarriedScenario): void {
  endGesture();
  batch(() => {
    addFiles(rest);
    change(next);
  });
}

/**
 * Changes the scenario. Changes with the same `gesture` that follow one another, such as those of one drag of a slider,
 * are one step to undo.
 */
export function change(next: ScenarioData, gesture?: string): void {
  const { past, present } = history.value;
  if (next === present) return;
  const isSame = gesture !== undefined && gesture === lastGesture;
  if (isSame && next === past.at(-1)) {
    // The gesture came back to where it began: it is no step.
    endGesture();
    history.value = { past: past.slice(0, -1), present: next, future: [] };
    return;
  }
  lastGesture = gesture;
  history.value = { past: isSame ? past : [...past, present].slice(-MOST_STEPS), present: next, future: [] };
}

export function changeTo(next: ScenarioSpec, gesture?: string): void {
  change(next as unknown as ScenarioData, gesture);
}

let lastGesture: string | undefined;

/** The next change is a step of its own, whatever its gesture. */
export function endGesture(): void {
  lastGesture = undefined;
}

export function undo(): void {
  const { past, present, future } = history.value;
  if (past.length === 0) return;
  endGesture();
  history.value = { past: past.slice(0, -1), present: past.at(-1)!, future: [present, ...future] };
}

export function redo(): void {
  const { past, present, future } = history.value;
  if (future.length === 0) return;
  endGesture();
  history.value = { past: [...past, present], present: future[0]!, future: future.slice(1) };
}

export function tell(told: Told['answer']): void {
  if ('failure' in told) {
    problems.value = [told.failure];
  } else if ('problems' in told) {
    problems.value = told.problems.map(formatProblem);
  } else {
    problems.value = [];
    answer.value = told;
  }
  isRefining.value = 'report' in told && !told.isWhole;
}
