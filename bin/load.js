// Lies beside the bundle: loads it with the code that V8 made of it, which takes a fifth of the time of compiling it.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';
import v8 from 'node:v8';
import vm from 'node:vm';

const bundle = fileURLToPath(new URL('bundle.cjs', import.meta.url));
// Another version of Node would refuse the code, and another processor may not run it.
const code = `${bundle}.${process.version}-${process.arch}`;

/**
 * What a module of the bundle exports.
 * @param {string} name its entry
 */
export function load(name) {
  const require = module.createRequire(bundle);
  // Node keeps compiled code between runs itself from version 22 on.
  return module.enableCompileCache === undefined ? fromCode(require)[name]() : require(bundle)[name]();
}

function fromCode(require) {
  const script = new vm.Script(module.wrap(readFileSync(bundle, 'latin1')), {
    filename: bundle,
    ...(existsSync(code) && { cachedData: readFileSync(code) }),
  });
  if (process.env.PERSEUS_KEEP_CODE) keepCode(script);
  const loaded = { exports: { importPackage: (name) => import(name) } };
  script.runInThisContext()(loaded.exports, require, loaded, bundle);
  return loaded.exports;
}

/** At the end of this run, which has made V8 compile what most runs need. */
function keepCode(script) {
  v8.setFlagsFromString('--no-flush-bytecode');
  process.on('exit', () => {
    // Code is refused where it was made under other settings.
    v8.setFlagsFromString('--flush-bytecode');
    writeFileSync(code, script.createCachedData());
  });
}
