import { computed, signal } from '@preact/signals';
import { formatCount, formatNumber } from '../../report/format.js';
import { titledTable } from '../../report/html/html-table.js';
import { tableOf } from '../../report/tables/table.js';
import type { Execution } from '../executions.js';
import { Part } from './markup.js';
import { onDemand, Progress } from './on-demand.js';
import { save } from './save.js';

const found = onDemand('executions');
const tracing = onDemand('perfetto');
tracing.state.subscribe(({ result }) => {
  if (result !== undefined) save('executions.perfetto.json', result);
});
const fromS = signal(0);
const lengthS = signal(1);

const LENGTHS_S = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30];
/** Executions that are drawn and written out: more cannot be told apart, or read. */
const MOST_DRAWN = 3000;
const MOST_ROWS = 12;
const WIDTH = 1000;
const LANE = 24;
const COLOURS = 8;

const view = computed(() => {
  const result = found.state.value.result;
  if (result === undefined) return undefined;
  const [from, to] = [fromS.value * 1e6, (fromS.value + lengthS.value) * 1e6];
  const shown = result.executions.filter((one) => one.startUs < to && endOf(one) > from);
  const lanes = [...new Set(result.executions.map(({ lane }) => lane))].sort();
  return { shown, lanes, models: [...new Set(result.executions.map(({ model }) => model))], from, to };
});

export function TimelinePanel() {
  const result = found.state.value.result;
  return (
    <section id="executions">
      <h2>Executions</h2>
      <p class="quiet">Which instance executed what, and when: down to single batches.</p>
      <div class="bar">
        <label>
          from second{' '}
          <input
            type="number"
            min={0}
            step="any"
            value={fromS.value}
            onChange={({ currentTarget }) => move(Number(currentTarget.value))}
          />
        </label>
        <label>
          for{' '}
          <select
            onChange={({ currentTarget }) => {
              lengthS.value = Number(currentTarget.value);
              look();
            }}
          >
            {LENGTHS_S.map((seconds) => (
              <option key={seconds} value={seconds} selected={seconds === lengthS.value}>
                {seconds < 1 ? `${seconds * 1000} ms` : `${seconds} s`}
              </option>
            ))}
          </select>
        </label>
        <button type="button" onClick={() => move(fromS.value)}>
          Show
        </button>
        {[-1, 1].map((step) => (
          <button
            type="button"
            key={step}
            disabled={result === undefined}
            onClick={() => move(fromS.value + step * lengthS.value)}
          >
            {step < 0 ? 'Earlier' : 'Later'}
          </button>
        ))}
        <button
          type="button"
          onClick={() =>
            tracing.start({
              kind: 'perfetto',
              window: { fromS: fromS.value, toS: fromS.value + lengthS.value },
            })
          }
        >
          Save for Perfetto
        </button>
      </div>
      <Progress job={found} />
      <Progress job={tracing} />
      <Picture />
    </section>
  );
}

function move(to: number): void {
  fromS.value = Number(Math.max(0, Number.isFinite(to) ? to : 0).toFixed(6));
  look();
}

/** Simulates again, with a log, only where what was kept does not reach. */
function look(): void {
  const from = fromS.value * 1e6;
  const { result, step } = found.state.value;
  const reaches =
    result !== undefined &&
    from >= result.fromUs &&
    (from + lengthS.value * 1e6 <= result.untilUs || result.untilUs === result.endUs);
  if (!reaches && step === undefined) found.start({ kind: 'executions', fromUs: from });
}

function Picture() {
  const seen = view.value;
  if (seen === undefined) return null;
  const { shown, lanes, models, from, to } = seen;
  const x = (us: number) => Math.min(WIDTH, Math.max(0, ((us - from) / (to - from)) * WIDTH));
  const text = `${formatCount(shown.length)} executions on ${lanes.length} instances, from second ${seconds(from)} to ${seconds(to)}`;
  return (
    <>
      <figure>
        <svg viewBox={`0 0 ${WIDTH} ${lanes.length * 2 * LANE}`} role="img" aria-label={text} font-size="12">
          {lanes.map((lane, i) => (
            <text key={lane} x={0} y={2 * i * LANE + 16} fill="var(--muted)">
              {lane}
            </text>
          ))}
          {shown.slice(0, MOST_DRAWN).map((one) => (
            <Box
              key={`${one.lane} ${one.startUs}`}
              one={one}
              y={(2 * lanes.indexOf(one.lane) + 1) * LANE}
              colour={`var(--series-${(models.indexOf(one.model) % COLOURS) + 1})`}
              x={x}
            />
          ))}
        </svg>
        <figcaption>
          {text}; pale: copies in and out.{' '}
          {shown.length > MOST_DRAWN &&
            `Drawn are the first ${formatCount(MOST_DRAWN)}: look at a shorter time.`}
        </figcaption>
      </figure>
      <Part markup={titledTable(tableFor(shown))} />
    </>
  );
}

interface BoxProps {
  readonly one: Execution;
  readonly y: number;
  readonly colour: string;
  readonly x: (us: number) => number;
}

function Box({ one, y, colour, x }: BoxProps) {
  const { startUs, inputUs, inferUs } = one;
  const [start, infer, copy, end] = [startUs, startUs + inputUs, startUs + inputUs + inferUs, endOf(one)].map(
    x,
  );
  const height = LANE - 4;
  return (
    <g fill={colour}>
      <title>{`${one.model} × ${one.batch}: ${formatNumber((endOf(one) - startUs) / 1000)} ms from second ${seconds(startUs)}`}</title>
      <rect x={start} y={y} width={Math.max(0.5, end! - start!)} height={height} opacity={0.35} />
      <rect x={infer} y={y} width={Math.max(0.5, copy! - infer!)} height={height} />
      {copy! - infer! > 24 && (
        <text x={infer! + 4} y={y + 15} fill="var(--paper)">
          {one.batch}
        </text>
      )}
    </g>
  );
}

function tableFor(shown: readonly Execution[]) {
  const ms = (us: number) => formatNumber(us / 1000);
  const hidden = shown.length - MOST_ROWS;
  return tableOf(
    'The first of them',
    shown.slice(0, MOST_ROWS),
    [
      { header: 'instance', align: 'left', cell: ({ lane }) => lane },
      { header: 'start s', cell: ({ startUs }) => (startUs / 1e6).toFixed(6) },
      { header: 'inferences', cell: ({ batch }) => String(batch) },
      { header: 'input ms', cell: ({ inputUs }) => ms(inputUs) },
      { header: 'inference ms', cell: ({ inferUs }) => ms(inferUs) },
      { header: 'output ms', cell: ({ outputUs }) => ms(outputUs) },
    ],
    hidden > 0 ? [`and ${formatCount(hidden)} more.`] : [],
  );
}

/** To the microsecond. */
function seconds(us: number): number {
  return Math.round(us) / 1e6;
}

function endOf({ startUs, inputUs, inferUs, outputUs }: Execution): number {
  return startUs + inputUs + inferUs + outputUs;
}
