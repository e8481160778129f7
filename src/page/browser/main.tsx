import { effect } from '@preact/signals';
import { render } from 'preact';
import { stylesheet } from '../../report/html/stylesheet.js';
import { carriedFromText } from '../carried.js';
import { App } from './app.js';
import { takeDrops } from './files-panel.js';
import { ask, problemsIn } from './on-demand.js';
import { packedText } from './packed-text.js';
import { Simulator } from './simulator.js';
import { answer, files, notice, open, spec, tell } from './state.js';
import './style.css';

const style = document.createElement('style');
style.textContent = stylesheet;
document.head.prepend(style);

const LINK = /^#s=(.*)$/s;

open(carriedFromText(packedText('#carried')!));
openLink().then(begin);

function begin(): void {
  addEventListener('hashchange', openLink);
  const simulator = new Simulator(files.value, tell);
  let isAnswered = answer.value?.isWhole === true;
  effect(() => {
    simulator.take(files.value);
    if (!isAnswered) simulator.ask(spec.peek());
  });
  effect(() => {
    const asked = spec.value;
    if (!isAnswered) simulator.ask(asked);
    isAnswered = false;
  });
  takeDrops();
  render(<App />, document.querySelector('#app')!);
  if (answer.value?.isWhole === true) simulator.warmUp(spec.value);
}

async function openLink(): Promise<void> {
  const fragment = LINK.exec(location.hash)?.[1];
  if (fragment === undefined) return;
  try {
    open(await ask({ kind: 'link', fragment }));
    notice.value = [];
  } catch (error) {
    notice.value = problemsIn(error);
  }
}
