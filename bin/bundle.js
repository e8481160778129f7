// Puts the compiled command line and its threads into one file (dist/start), beside the code that V8 makes of it. Node takes
// longer to find, read, link and compile four hundred small ones than to simulate a small scenario.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the bundle inside of `dist`. */
export const BUNDLES = 'start';

/** Packages that nearly every command loads. The others stay packages: most runs never load them. */
const INLINE = [
  '@bufbuild/protobuf',
  'lru-cache',
  'seedrandom',
  'simple-statistics',
  'string-width',
  'yaml',
  'yargs',
  'zod',
];

/** Packages that are imported when they are needed; code that V8 has kept cannot import by itself. */
const IMPORT_OF_PACKAGES = 'const perseusImport = exports.importPackage ?? ((name) => import(name));';

const URL_OF_BUNDLE = "const perseusUrl = require('node:url').pathToFileURL(__filename).href;";

/** Zod else writes JavaScript for each schema of objects, which takes longer to compile than it saves in most runs. */
const NO_ZOD_JIT = '(globalThis.__zod_globalConfig ??= {}).jitless = true;';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * Bundles what is compiled in a folder; without esbuild does nothing, as the files can start by themselves.
 * @param {string} folder the folder of compiled files
 */
export async function bundle(folder) {
  const compiled = resolve(folder);
  const esbuild = await loadEsbuild();
  if (esbuild === undefined) return;
  const start = join(compiled, BUNDLES);
  const threads = threadsBelow(compiled);
  const entries = ['cli/main.js', ...threads];
  // What V8 made of an older bundle must not lie beside this one.
  rmSync(start, { recursive: true, force: true });
  await esbuild.build({
    stdin: { contents: entries.map(exportOf).join('\n'), resolveDir: compiled },
    outfile: join(start, 'bundle.cjs'),
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
    external: packagesLeftOut(),
    define: { 'import.meta.url': 'perseusUrl' },
    banner: { js: [IMPORT_OF_PACKAGES, URL_OF_BUNDLE, NO_ZOD_JIT].join('\n') },
    plugins: [placesKept(compiled, threads), WIDTHS_LATER],
  });
  const file = join(start, 'bundle.cjs');
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll('import("', 'perseusImport("'));
  copyFileSync(new URL('load.js', import.meta.url), join(start, 'load.js'));
  for (const entry of entries) writeFileSync(join(start, basename(entry)), starter(entry));
  // A run that makes V8 compile what most runs need.
  spawnSync(
    process.execPath,
    [join(start, 'main.js'), 'simulate', join(ROOT, 'examples/scenarios/two-tenants.yaml')],
    { stdio: 'ignore', env: { ...process.env, PERSEUS_KEEP_CODE: '1' } },
  );
}

function exportOf(entry) {
  return `exports['${basename(entry, '.js')}'] = () => import('./${entry}');`;
}

function starter(entry) {
  return `import { load } from './load.js';\nexport default (await load('${basename(entry, '.js')}')).default;\n`;
}

/** @returns undefined where it is not installed */
export async function loadEsbuild() {
  try {
    createRequire(import.meta.url).resolve('esbuild');
  } catch {
    return undefined;
  }
  return import('esbuild');
}

/** Files with which worker threads of `node/` start. */
function threadsBelow(compiled) {
  const folder = join(compiled, 'node');
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /-(worker|thread)\.js$/.test(file) && !file.includes('redis'))
    .map((file) => `node/${file.split(sep).join('/')}`);
}

function packagesLeftOut() {
  const { dependencies = {}, peerDependencies = {} } = JSON.parse(
    readFileSync(join(ROOT, 'package.json'), 'utf8'),
  );
  return Object.keys({ ...dependencies, ...peerDependencies, vite: '' }).filter(
    (name) => !INLINE.includes(name),
  );
}

/** Files beside a module are looked for where it was compiled to; threads start from the bundle. */
function placesKept(compiled, threads) {
  const names = threads.map((file) => basename(file, '.js')).join('|');
  // tsc keeps the quotes of the sources, esbuild writes its own.
  const thread = new RegExp(`new URL\\((['"])[^'"]*?(${names || '$^'})\\.js\\1, import\\.meta\\.url\\)`, 'g');
  return {
    name: 'places-kept',
    setup(build) {
      build.onLoad({ filter: /\.js$/ }, ({ path }) => {
        const inside = relative(compiled, path);
        if (inside.startsWith('..') || inside.includes('node_modules')) return undefined;
        const place = `new URL(${JSON.stringify(`../${inside.split(sep).join('/')}`)}, import.meta.url).href`;
        const contents = readFileSync(path, 'utf8')
          .replace(thread, (_place, _quote, name) => `new URL('./${name}.js', import_meta_url)`)
          .replaceAll('import.meta.url', place)
          .replaceAll('import_meta_url', 'import.meta.url');
        return { contents, loader: 'js' };
      });
    },
  };
}

/** The patterns of string-width take V8 20 ms to read, and few runs have a text that they are for. */
const WIDTHS_LATER = {
  name: 'widths-later',
  setup(build) {
    build.onResolve({ filter: /^string-width$/ }, ({ path }) => ({ path, namespace: 'later' }));
    build.onLoad({ filter: /.*/, namespace: 'later' }, ({ path }) => {
      const file = JSON.stringify(createRequire(import.meta.url).resolve(path));
      return {
        contents: `export default (...given) => require(${file}).default(...given);`,
        resolveDir: ROOT,
      };
    });
  },
};

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle(process.argv[2] ?? 'dist');
