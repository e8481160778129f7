import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { CommandModule } from 'yargs';
import { doctorCommand } from '../../src/cli/commands/doctor.js';
import { orientation } from '../../src/cli/orientation.js';
import { nextSteps } from '../../src/node/here/next-steps.js';
import { recordText } from '../../src/node/output/folder-record.js';
import { runCommand } from './in-process.js';

const root = mkdtempSync(join(tmpdir(), 'perseus-here-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A folder with these files. */
function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(root, 'f-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const EVERYTHING = {
  'my run/perseus-folder.json': recordText({ command: 'simulate' }),
  'models/resnet/config.pbtxt': '',
  'first.yaml': '# mine\nperseus: 1\nservers: []\n',
  'grid.yaml': 'perseus: 1\nscenario: first.yaml\naxes: []\n',
  'machines.yaml': 'plan: 1\n',
  'perseus.yaml': 'perseus-expectations: 1\ncases: []\n',
  'access.log': '10.0.0.1 - - [16/Nov/2023:18:17:03 +0100] "GET / HTTP/1.1" 200 7\n',
  'error.log': 'nothing to see\n',
  'day.csv': 'arrival_us,tenant\n0,a\n',
  'gateway.jsonl': '{"ts": 1}\n',
  'notes.yaml': 'shopping: [milk]\n',
  'a-package.json': '{"name": "mine", "dependencies": {\n    "perseus": "^1.0.0"}}',
  'photo.png': '',
};

describe('perseus without arguments', () => {
  it('knows what lies in a folder, and the next command for it', async () => {
    const steps = await nextSteps(folderOf(EVERYTHING));
    expect(steps.map(({ what, command }) => `${what}: ${command}`)).toEqual([
      'a scenario: perseus simulate --headroom first.yaml',
      'a model repository: perseus init --repository models',
      'a sweep: perseus sweep grid.yaml',
      'a plan: perseus plan machines.yaml',
      'a file of expectations: perseus check perseus.yaml',
      "results of a run: perseus diff OTHER_RESULTS 'my run'",
      'a trace: perseus trace describe day.csv',
      'a table of requests: perseus trace import --from table --time-column COLUMN --out trace.arrow gateway.jsonl',
      'an access log: perseus trace import --from nginx --out trace.arrow access.log',
    ]);
  });

  it('knows the folder itself for a model repository', async () => {
    const text = await orientation(folderOf({ 'resnet/config.pbtxt': '' }));
    expect(text).toContain('this folder is a model repository: perseus init --repository .\n');
  });

  it('takes ten lines of at most 80 columns, however much lies there', async () => {
    const lines = (await orientation(folderOf(EVERYTHING))).trimEnd().split('\n');
    expect(lines).toHaveLength(10);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines).toContain('first.yaml is a scenario: perseus simulate --headroom first.yaml');
    const table = (await orientation(folderOf({ 'gateway.jsonl': '{"ts": 1}\n' }))).split('\n');
    expect(table.filter((line) => line.length > 80)).toEqual([]);
    expect(table).toContain('  perseus trace import --from table --time-column COLUMN \\');
  });

  it('has room for an access log beside a repository: what a new user has', async () => {
    const log = EVERYTHING['access.log'];
    const lines = (await orientation(folderOf({ 'models/m/config.pbtxt': '', 'access.log': log }))).split(
      '\n',
    );
    expect(lines).toContain('models is a model repository: perseus init --repository models');
    expect(lines).toContain('  perseus trace import --from nginx --out trace.arrow access.log');
  });

  it('names an example where nothing lies', async () => {
    expect(await orientation(folderOf({}))).toContain('perseus init --example two-tenants');
    expect(await nextSteps(join(root, 'nowhere'))).toEqual([]);
  });
});

describe('perseus doctor', () => {
  const doctor = (...words: string[]) => runCommand(doctorCommand as CommandModule, ['doctor', ...words]);

  it('says what is there and what is not, with how to get it', async () => {
    const listener = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await new Promise((resolve) => listener.once('listening', resolve));
    const { port } = listener.address() as { port: number };
    const { code, stdout } = await doctor('--url', '127.0.0.1:1', '--redis', `127.0.0.1:${port}`, '--json');
    listener.close();
    expect(code).toBe(0);
    const { format, needs } = JSON.parse(stdout);
    expect(format).toBe('perseus-doctor/1');
    const [triton, , , redis] = needs;
    expect(triton).toMatchObject({ name: 'Triton', isThere: false, found: 'none answers at 127.0.0.1:1' });
    expect(triton.remedy).toContain('npm run triton');
    expect(redis).toMatchObject({ name: 'Redis', isThere: true });
    for (const { isThere, remedy } of needs) expect(isThere).toBe(remedy === undefined);
  });

  it('is a line or two for each, and refuses what is no address', async () => {
    const { stdout } = await doctor('--url', '127.0.0.1:1', '--redis', '127.0.0.1:1');
    expect(stdout).toMatch(/^Simulating needs none of this\.\nmissing {2}Triton: none answers/);
    expect(stdout).toContain('nothing listens at 127.0.0.1:1');
    expect(await doctor('--url', 'http://[')).toMatchObject({ code: 2, stdout: '' });
    expect(await doctor('--redis', 'host:port')).toMatchObject({ code: 2, stdout: '' });
  });
});
