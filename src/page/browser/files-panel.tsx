import { signal } from '@preact/signals';
import { strToU8, zipSync } from 'fflate';
import { devicesToCsv, tenantsToCsv } from '../../report/csv.js';
import type { Exported } from '../export.js';
import { downloadNameOf, SCENARIO_FILE } from '../export-names.js';
import type { DroppedFile } from '../open-files.js';
import { droppedFiles, filesOf } from './dropped.js';
import { ask, problemsIn } from './on-demand.js';
import { save } from './save.js';
import { answer, carried, goTo, isRefining, notice, problems, spec } from './state.js';

const notes = signal<readonly string[]>([]);
const isOver = signal(false);

/** Takes files from anywhere on the page, and gives what is open away. */
export function FilesPanel() {
  return (
    <section id="files">
      <h2>Open and save</h2>
      <p>
        Drop a scenario, a profile, a config.pbtxt, a model repository folder or a trace (CSV, JSON Lines,
        Arrow, Parquet, access logs) anywhere on this page. <b>Nothing leaves this browser.</b>
      </p>
      <div class="bar">
        <label class="button">
          Open files
          <input type="file" multiple onChange={({ currentTarget }) => takePicked(currentTarget)} />
        </label>
        <label class="button">
          Open a folder
          <input
            type="file"
            ref={(input) => input?.setAttribute('webkitdirectory', '')}
            onChange={({ currentTarget }) => takePicked(currentTarget)}
          />
        </label>
      </div>
      {isOver.value && <p class="drop">Drop it here: it stays in this browser.</p>}
      <div role="status" class="quiet">
        {notes.value.map((note) => (
          <p key={note}>{note}</p>
        ))}
      </div>
      <Savings />
    </section>
  );
}

function Savings() {
  const name = downloadNameOf(String(spec.value['name'] ?? ''));
  const shown = answer.value;
  const command = `unzip ${name}.zip -d ${name} && perseus simulate ${name}/${SCENARIO_FILE}`;
  return (
    <>
      <div class="bar">
        <button type="button" onClick={() => saveExport(`${name}.zip`, zipped)}>
          Save all (zip with every config.pbtxt)
        </button>
        <button type="button" onClick={() => saveExport(`${name}.yaml`, ({ yaml }) => yaml)}>
          Save the scenario (YAML)
        </button>
        {shown !== undefined && (
          <>
            <button type="button" onClick={() => save(`${name}-tenants.csv`, tenantsToCsv(shown.report))}>
              Save tenants (CSV)
            </button>
            <button type="button" onClick={() => save(`${name}-devices.csv`, devicesToCsv(shown.report))}>
              Save devices (CSV)
            </button>
          </>
        )}
      </div>
      <p>
        The same answer on the command line, from the zip: <code>{command}</code>
        {shown?.isWhole === true && !isRefining.value && problems.value.length === 0 && (
          <>
            {' '}
            (result <code>{shown.hash}</code>)
          </>
        )}
      </p>
    </>
  );
}

/** What is saved is written by a worker, of what is open now. */
function saveExport(name: string, contentOf: (exported: Exported) => Uint8Array | string): void {
  attempt(async () => save(name, contentOf(await ask({ kind: 'export', open: carried.value }))));
}

function zipped({ files }: Exported): Uint8Array {
  return zipSync(Object.fromEntries(files.map(({ path, text }) => [path, strToU8(text)])));
}

function takePicked(input: HTMLInputElement): void {
  const files = filesOf([...(input.files ?? [])]);
  input.value = '';
  attempt(() => take(files));
}

async function take(files: Promise<readonly DroppedFile[]>): Promise<void> {
  const taken = await ask({ kind: 'take', dropped: await files, open: carried.value });
  goTo(taken.carried);
  notes.value = taken.notes;
}

/** What is wrong is told, and nothing else is changed. */
async function attempt(action: () => Promise<void>): Promise<void> {
  notice.value = [];
  notes.value = [];
  try {
    await action();
  } catch (error) {
    notice.value = problemsIn(error);
  }
}

export function takeDrops(): void {
  document.addEventListener('dragover', (event) => {
    if (event.dataTransfer?.types.includes('Files') !== true) return;
    event.preventDefault();
    isOver.value = true;
  });
  document.addEventListener('dragleave', () => {
    isOver.value = false;
  });
  document.addEventListener('drop', (event) => {
    if (event.dataTransfer?.types.includes('Files') !== true) return;
    event.preventDefault();
    isOver.value = false;
    // What was dropped can be asked for within this event only.
    const files = droppedFiles(event.dataTransfer);
    attempt(() => take(files));
  });
}
