import {
  answerSection,
  latencySection,
  resourceSection,
  splitSection,
  timelineSection,
  warningSection,
} from '../../report/html/sections.js';
import { Board } from './board/board.js';
import { LoadPanel } from './load-panel.js';
import { Part } from './markup.js';
import { answer, canRedo, canUndo, isRefining, problems, redo, spec, undo } from './state.js';

export function App() {
  const shown = answer.value;
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
        <span class="quiet" role="status">
          {statusText()}
        </span>
      </header>
      {problems.value.length > 0 && (
        <div class="problems" role="alert">
          <ul>
            {problems.value.map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
        </div>
      )}
      <Board />
      <LoadPanel />
      {shown !== undefined && (
        <div class={isRefining.value ? 'refining' : ''}>
          <Part markup={answerSection(shown.report)} />
          <Part markup={latencySection(shown.report)} />
          <Part markup={splitSection(shown.report)} />
          <Part markup={timelineSection(shown.report)} />
          <Part markup={resourceSection(shown.report)} />
          <Part markup={warningSection(shown.report)} />
        </div>
      )}
    </>
  );
}

function statusText(): string {
  const shown = answer.value;
  if (shown === undefined) return 'simulating …';
  return isRefining.value ? 'a short window; the whole run follows …' : `whole run, result ${shown.hash}`;
}
