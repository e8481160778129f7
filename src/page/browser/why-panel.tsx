import { selectTenants } from '../../report/answer.js';
import { causeSentence, slowTable } from '../../report/explanation-text.js';
import { headroomSentence } from '../../report/headroom.js';
import { htmlTable } from '../../report/html/html-table.js';
import { html } from '../../report/html/markup.js';
import { headroomSection } from '../../report/html/sections.js';
import { remedyOf } from '../edit/what-if.js';
import { Part } from './markup.js';
import { onDemand, Progress } from './on-demand.js';
import { answer, changeTo, endGesture, scenario } from './state.js';

/** Tenants with a button of their own: those most in need of attention. */
const MOST_ASKED = 6;

const explaining = onDemand('explain');
const headroom = onDemand('headroom');

/** Why slow requests are slow, and what can be done: both take further runs, so they are asked for. */
export function WhyPanel() {
  const tenants = selectTenants(answer.value?.report.summary.tenants ?? [], MOST_ASKED);
  return (
    <section id="why">
      <h2>Causes and headroom</h2>
      <div class="bar">
        {tenants.map(({ tenant }) => (
          <button type="button" key={tenant} onClick={() => explaining.start({ kind: 'explain', tenant })}>
            Why is {tenant} slow?
          </button>
        ))}
        <button type="button" onClick={() => headroom.start({ kind: 'headroom' })}>
          How far may the load grow?
        </button>
      </div>
      <Progress job={explaining} />
      <Causes />
      <Progress job={headroom} />
      <OverTheLoad />
    </section>
  );
}

function Causes() {
  const explained = explaining.state.value.result;
  if (explained === undefined) return null;
  const { tenant, slow, causes } = explained.explanation;
  return (
    <div>
      <h3>Why {tenant} is slow</h3>
      {slow === undefined ? (
        <p>None of its requests was completed.</p>
      ) : (
        <Part markup={html`<p class="quiet">${slowTable(slow).title}</p>${htmlTable(slowTable(slow))}`} />
      )}
      {causes.length === 0 && <p>No cause stands out.</p>}
      <ol class="causes">
        {causes.map((cause) => (
          <li key={cause.text}>
            {causeSentence(cause)} <Remedy remedy={remedyOf(cause, tenant, scenario.value)} />
          </li>
        ))}
      </ol>
    </div>
  );
}

function Remedy({ remedy }: { readonly remedy: ReturnType<typeof remedyOf> }) {
  if (remedy === undefined) return null;
  const apply = () => {
    endGesture();
    changeTo(remedy.spec);
  };
  return (
    <button type="button" onClick={apply}>
      {remedy.label}
    </button>
  );
}

function OverTheLoad() {
  const found = headroom.state.value.result;
  const report = answer.value?.report;
  if (found === undefined || report === undefined) return null;
  return (
    <>
      <p class="answer">{headroomSentence(found)}</p>
      <Part markup={headroomSection({ ...report, headroom: found })} />
    </>
  );
}
