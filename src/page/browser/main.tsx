import { effect } from '@preact/signals';
import { strFromU8, unzlibSync } from 'fflate';
import { render } from 'preact';
import { stylesheet } from '../../report/html/stylesheet.js';
import { carriedFromText } from '../carried.js';
import { App } from './app.js';
import { Simulator } from './simulator.js';
import { answer, files, open, spec, tell } from './state.js';
import './style.css';

const style = document.createElement('style');
style.textContent = stylesheet;
document.head.prepend(style);

open(carriedFromText(strFromU8(unzlibSync(bytesOf(document.querySelector('#carried')!.textContent!)))));
const simulator = new Simulator(files.value, tell);
effect(() => simulator.take(files.value));
let isAnswered = answer.value?.isWhole === true;
effect(() => {
  const asked = spec.value;
  if (!isAnswered) simulator.ask(asked);
  isAnswered = false;
});
render(<App />, document.querySelector('#app')!);

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64.trim()), (character) => character.charCodeAt(0));
}
