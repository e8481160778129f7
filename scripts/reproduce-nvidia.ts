import { join } from 'node:path';
import { InputError } from '../src/base/problem.js';
import { versionLine } from '../src/node/runs/package-facts.js';
import { toldFrontEnds } from './nvidia/fit.js';
import { leaveEachOut } from './nvidia/left-out.js';
import { resultFiles, summary } from './nvidia/readme.js';
import { reproduceNvidia } from './nvidia/reproduction.js';
import { type NvidiaTable, OFFLINE, ONLINE, readNvidiaTables } from './nvidia/tables.js';
import { readPublished } from './nvidia/unseen.js';
import { FRONT_ENDS, readFrontEnds } from './profiles/front-ends.js';
import { jsonText, reproduction } from './support/reproduction.js';
import { namedBy, wordOf } from './support/script-options.js';

await reproduction({
  name: 'nvidia',
  about:
    'Predicts the online tables by the shipped profiles, which are made of the offline tables and of a front end that is fitted\nto a few online rows of each GPU. After a change of that fit: npm run profiles, and this again.',
  data: {
    from: '../shared/data/profiles',
    takes: 'FOLDER',
    help: `with ${OFFLINE} and ${ONLINE}`,
    needs: [OFFLINE, ONLINE],
    origin: "NVIDIA's tables",
  },
  results: 'results/nvidia',
  options: {
    only: { takes: 'TEXT', help: 'only tables whose "model on GPU" holds this text, e.g. resnet50 or T4' },
    'leave-out': {
      takes: 'TEXT',
      help: 'tables whose name holds this text: the front ends see none of their online rows',
    },
    'leave-one-out': {
      takes: 'family|gpu',
      help: 'predicts every family of models, or every GPU, with front ends that saw no online\nrow of it; writes left-out-family or left-out-gpu and no other result',
    },
  },
  partial: ['only', 'leave-out'],
  run: (given, onProgress) => {
    const { data, isOwnData, only = '', 'leave-out': leftOut } = given;
    const nameOf = ({ name, device }: NvidiaTable) => `${name} on ${device}`;
    const { tables: all, withoutOffline } = readNvidiaTables(data);
    if (all.length === 0)
      throw InputError.of(
        'no online table has an offline table of the same set-up',
        'write rows of both: source_path, gpu, backend, accelerator and precision must be the same',
        { file: join(data, ONLINE) },
      );
    const tables = namedBy({ option: 'only', text: only, kind: 'table' }, all, nameOf);
    if (given['leave-one-out'] !== undefined) {
      const by = wordOf('leave-one-out', given['leave-one-out'], ['family', 'gpu']);
      const shipped = isOwnData ? undefined : readFrontEnds();
      return leaveEachOut(by, { tables, shipped }, onProgress);
    }
    // Figures of others, and what is fitted without a family, have no profiles that are shipped.
    const isShipped = !isOwnData && leftOut === undefined;
    const unseen =
      leftOut === undefined
        ? []
        : namedBy({ option: 'leave-out', text: leftOut, kind: 'table' }, tables, nameOf);
    const isLeftOut = (table: NvidiaTable) => unseen.includes(table);
    // What is published saw rows that are left out.
    const published = leftOut === undefined ? readPublished() : undefined;
    return reproduceNvidia({ tables, withoutOffline }, { isLeftOut, isShipped, published, onProgress });
  },
  files: (result) => resultFiles(result, versionLine()),
  published: ({ gpus }) => new Map([[FRONT_ENDS, jsonText(toldFrontEnds(gpus))]]),
  json: ({ points }) => ({ points }),
  report: summary,
});
