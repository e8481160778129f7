import { signal } from '@preact/signals';
import type { ScenarioSpec } from '../../../scenario/spec.js';
import type { Place } from '../../edit/placement.js';
import { type Chip, moveInstances } from '../../edit/placement-moves.js';
import { endGesture, scenario } from '../state.js';
import { edit, focusChip, placeName, selection } from './board-state.js';

/** A press that moves less than this is a click. */
const LEAST_MOVE_PX = 6;

interface Drag {
  readonly pointer: number;
  readonly chip: Chip;
  /** The scenario before the drag, from which each move starts anew. */
  readonly from: ScenarioSpec;
  readonly gesture: string;
  readonly startX: number;
  readonly startY: number;
  at: Place;
  isMoving: boolean;
}

/** What hangs on the pointer: the name of the model, and where. */
export const hanging = signal<{ readonly model: string; readonly x: number; readonly y: number } | undefined>(
  undefined,
);
/** Where the chip would fall. */
export const target = signal<Place | undefined>(undefined);

let drag: Drag | undefined;
let drags = 0;
let wasDragged = false;

/** Whether the click that a press ends with belongs to a drag. */
export function isEndOfDrag(): boolean {
  return wasDragged;
}

export function press(event: PointerEvent, chip: Chip): void {
  wasDragged = false;
  if (event.button !== 0 || drag !== undefined) return;
  const { pointerId, clientX, clientY } = event;
  drag = {
    pointer: pointerId,
    chip,
    from: scenario.value,
    gesture: `drag ${++drags}`,
    startX: clientX,
    startY: clientY,
    at: chip,
    isMoving: false,
  };
  // The chip is drawn anew where it goes, so that events must not hang on it.
  addEventListener('pointermove', move);
  addEventListener('pointerup', drop);
  addEventListener('pointercancel', cancel);
  addEventListener('keydown', onKey, true);
}

function move({ pointerId, clientX, clientY }: PointerEvent): void {
  if (drag === undefined || pointerId !== drag.pointer) return;
  const { startX, startY, chip } = drag;
  if (!drag.isMoving && Math.hypot(clientX - startX, clientY - startY) < LEAST_MOVE_PX) return;
  drag.isMoving = true;
  hanging.value = { model: chip.model, x: clientX, y: clientY };
  const at = placeUnder(clientX, clientY) ?? chip;
  if (at.server === drag.at.server && at.device === drag.at.device) return;
  drag.at = at;
  show(drag);
}

/** Asks for what the scenario would be: only when the place under the pointer is another. */
function show({ chip, at, from, gesture }: Drag): void {
  const isBack = at === chip;
  target.value = isBack ? undefined : at;
  const words = isBack ? `${chip.model} is where it was` : `${chip.model} moved to ${placeName(at)}`;
  edit(words, (spec, shipped) => moveInstances(spec, chip, at, shipped), { from, gesture });
}

function drop({ pointerId }: PointerEvent): void {
  if (drag === undefined || pointerId !== drag.pointer) return;
  const { chip, at, isMoving } = drag;
  end();
  if (!isMoving) return;
  wasDragged = true;
  const landed = { ...at, model: chip.model };
  selection.value = { kind: 'model', model: chip.model, server: at.server, device: at.device };
  focusChip(landed);
}

function cancel(): void {
  if (drag === undefined) return;
  drag.at = drag.chip;
  if (drag.isMoving) show(drag);
  end();
}

function onKey(event: KeyboardEvent): void {
  if (event.key !== 'Escape') return;
  event.preventDefault();
  cancel();
}

function end(): void {
  drag = undefined;
  hanging.value = undefined;
  target.value = undefined;
  endGesture();
  removeEventListener('pointermove', move);
  removeEventListener('pointerup', drop);
  removeEventListener('pointercancel', cancel);
  removeEventListener('keydown', onKey, true);
}

function placeUnder(x: number, y: number): Place | undefined {
  const slot = document.elementFromPoint(x, y)?.closest<HTMLElement>('[data-device]');
  if (!slot) return undefined;
  return { server: Number(slot.dataset['server']), device: Number(slot.dataset['device']) };
}
