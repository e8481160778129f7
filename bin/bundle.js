// Puts the compiled command line and its threads into a few files (dist/start). Node takes longer to find, read and
// link four hundred small ones than to simulate a small scenario.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of bundles inside of `dist`. All of them lie beside each other. */
export const BUNDLES = 'start';

/** Packages that nearly every command loads. The others stay packages: most runs never load them. */
const INLINE = ['@bufbuild/protobuf', 'seedrandom', 'simple-statistics', 'yaml', 'yargs', 'zod'];

/**
 * Bundles what is compiled in a folder; without esbuild does nothing, as the files can start by themselves.
 * @param {string} folder the folder of compiled files
 */
export async function bundle(folder) {
  const compiled = resolve(folder);
  const esbuild = await loadEsbuild();
  if (esbuild === undefined) return;
  const threads = threadsBelow(compiled);
  await esbuild.build({
    entryPoints: [join(compiled, 'cli/main.js'), ...threads],
    outdir: join(compiled, BUNDLES),
    entryNames: '[name]',
    // Names of bundles come from their content, which names the files that it is from.
    absWorkingDir: compiled,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
    external: packagesLeftOut(),
    // Bundled CommonJS packages ask for modules of Node by `require`.
    banner: {
      js: "import { createRequire as perseusRequire } from 'node:module';\nconst require = perseusRequire(import.meta.url);",
    },
    plugins: [placesKept(compiled, threads)],
  });
}

async function loadEsbuild() {
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
    .map((file) => join(folder, file));
}

function packagesLeftOut() {
  const { dependencies = {}, peerDependencies = {} } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  );
  return Object.keys({ ...dependencies, ...peerDependencies, vite: '' }).filter(
    (name) => !INLINE.includes(name),
  );
}

/** Files beside a module are looked for where it was compiled to; threads start from their bundles. */
function placesKept(compiled, threads) {
  const names = threads.map((file) => basename(file, '.js')).join('|');
  const thread = new RegExp(`new URL\\('[^']*?(${names || '$^'})\\.js', import\\.meta\\.url\\)`, 'g');
  return {
    name: 'places-kept',
    setup(build) {
      build.onLoad({ filter: /\.js$/ }, ({ path }) => {
        const inside = relative(compiled, path);
        if (inside.startsWith('..') || inside.includes('node_modules')) return undefined;
        const place = `new URL(${JSON.stringify(`../${inside.split(sep).join('/')}`)}, import.meta.url).href`;
        const contents = readFileSync(path, 'utf8')
          .replace(thread, (_, name) => `new URL('./${name}.js', import_meta_url)`)
          .replaceAll('import.meta.url', place)
          .replaceAll('import_meta_url', 'import.meta.url');
        return { contents, loader: 'js' };
      });
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle(process.argv[2] ?? 'dist');
