import { command } from '../command.js';
import { interruptSignal } from '../interrupt.js';
import { requireNumbers } from '../number-options.js';
import { printResult, say } from '../output.js';
import { overridesOf, withScenarioOptions } from './options/scenario-options.js';

export const openCommand = command({
  command: 'open [target]',
  describe: 'Change load and placement in the browser',
  builder: (yargs) =>
    withScenarioOptions(yargs)
      .positional('target', {
        type: 'string',
        describe:
          'Scenario file, or folder of a run, a sweep or a plan; default: an example that perseus ships',
      })
      .option('port', { type: 'number', default: 0, describe: 'Port on 127.0.0.1; 0: any that is free' })
      .option('browser', { type: 'boolean', default: true, describe: 'Start a browser where there is one' })
      .example('$0 open examples/scenarios/two-tenants.yaml', 'a page that only this machine can reach')
      .epilogue('It is served until Ctrl-C. Nothing that is dropped on the page leaves the browser.'),
  handler: async (args) => {
    const { pagesOf } = await import('../../node/page/open-target.js');
    const { servePages } = await import('../../node/page/serve-page.js');
    requireNumbers({ port: [args.port, { from: 0, to: 65_535, whole: true }] });
    const served = await servePages(await pagesOf(args.target, overridesOf(args), say), args.port);
    const stopped = interruptSignal();
    await printResult(`${served.url}\n`);
    say('Only this machine can reach it; Ctrl-C ends it.');
    if (args.browser) await startBrowser(served.url);
    await new Promise((resolve) => stopped.addEventListener('abort', resolve, { once: true }));
    await served.close();
  },
});

const OPENERS: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
};

/** Where there is no browser, the address is on the screen. */
async function startBrowser(url: string): Promise<void> {
  if (!process.stdout.isTTY) return;
  const { spawn } = await import('node:child_process');
  const [command = 'xdg-open', ...words] = OPENERS[process.platform] ?? [];
  const started = spawn(command, [...words, url], { stdio: 'ignore', detached: true });
  started.on('error', () => {});
  started.unref();
}
