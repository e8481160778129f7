import { Worker } from 'node:worker_threads';

/**
 * Starts a file beside the caller as a worker thread and waits for its first message, by which it says that
 * it is there. In the package the files are JavaScript; under tsx and vitest they are TypeScript.
 *
 * @param name the file without its ending
 * @param from `import.meta.url` of the caller
 */
export async function startWorker(name: string, from: string, workerData: unknown): Promise<Worker> {
  const worker = from.endsWith('.ts')
    ? startSource(new URL(`./${name}.ts`, from), workerData)
    : new Worker(new URL(`./${name}.js`, from), { workerData });
  await new Promise<void>((resolve, reject) => {
    const exited = (code: number) => reject(new Error(`the thread ${name} ended at once (code ${code})`));
    worker.once('error', reject);
    worker.once('exit', exited);
    worker.once('message', () => {
      worker.off('error', reject);
      worker.off('exit', exited);
      resolve();
    });
  });
  return worker;
}

/** A thread cannot begin with a TypeScript file, not even under tsx: it begins with a line that loads tsx. */
function startSource(file: URL, workerData: unknown): Worker {
  const tsx = import.meta.resolve('tsx/esm/api');
  const load = `import('${tsx}').then(({ register }) => { register(); return import('${file.href}'); });`;
  return new Worker(load, { eval: true, workerData });
}
