import { Board } from './board/board.js';
import { ComparePanel } from './compare-panel.js';
import { report } from './doubt.js';
import { FilesPanel } from './files-panel.js';
import { HeadlineBanner } from './headline.js';
import { LoadPanel } from './load-panel.js';
import { Results } from './results.js';
import { answer, canRedo, canUndo, isRefining, notice, problems, redo, spec, undo } from './state.js';
import { TimelinePanel } from './timeline-panel.js';
import { WhyPanel } from './why-panel.js';

export function App() {
  const shown = report.value;
  return (
    <>
      <header class="bar">
        <h1>{String(spec.value['name'] ?? 'what if')}</h1>
        <button type="button" disabled={!canUndo.value} onClick={undo}>
          Undo
        </button>
        <button type="button" disabled={!canRedo.value} onClick={redo}>
          Redo
        </button>
        <button type="button" onClick={toFiles}>
          Open my own
        </button>
        <span class="quiet" role="status">
          {statusText()}
        </span>
      </header>
      <p class="quiet">
        What if? Move models, change the load: this page simulates it and shows latency and cost. Nothing
        leaves your browser.
      </p>
      <Problems of="This could not be opened" problems={notice.value} />
      <Problems of="The scenario cannot be simulated" problems={problems.value} />
      {shown !== undefined && <HeadlineBanner report={shown} />}
      <Board />
      <LoadPanel />
      <ComparePanel />
      <WhyPanel />
      <Results />
      <TimelinePanel />
      <FilesPanel />
    </>
  );
}

/** What takes files is below all that they give. */
function toFiles(): void {
  document.querySelector('#files')?.scrollIntoView();
  document.querySelector<HTMLInputElement>('#files input')?.focus();
}

function Problems({ of, problems }: { readonly of: string; readonly problems: readonly string[] }) {
  if (problems.length === 0) return null;
  return (
    <div class="problems" role="alert">
      {of}:
      <ul>
        {problems.map((problem) => (
          <li key={problem}>{problem}</li>
        ))}
      </ul>
    </div>
  );
}

function statusText(): string {
  const shown = answer.value;
  if (problems.value.length > 0) return 'cannot be simulated; figures are those of before';
  if (shown === undefined) return 'simulating …';
  return isRefining.value ? 'a short window; the whole run follows …' : `whole run, result ${shown.hash}`;
}
