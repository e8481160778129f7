/// <reference lib="webworker" />
import type { ScenarioResources } from '../../scenario/resources.js';
import { resourcesOf } from '../carried.js';
import { simulateCarried } from '../simulate-carried.js';
import type { Asked, Told } from './protocol.js';

declare const self: DedicatedWorkerGlobalScope;

let resources: ScenarioResources | undefined;
let version = '';

self.onmessage = ({ data }: MessageEvent<Asked>) => {
  if (data.kind === 'files') {
    resources = resourcesOf(data.files);
    version = data.files.version;
    return;
  }
  const { id, spec, mostRequests } = data;
  const tell = (answer: Told['answer']) => self.postMessage({ id, answer } satisfies Told);
  try {
    tell(simulateCarried(spec, resources!, { version, ...(mostRequests !== undefined && { mostRequests }) }));
  } catch (error) {
    tell({ failure: error instanceof Error ? error.message : String(error) });
  }
};
