import { resolve } from 'node:path';
import { defineConfig } from 'vite';
import { viteSingleFile } from 'vite-plugin-singlefile';
import { checkingSchemas } from './checking-schemas.js';

/** One file that needs nothing else: the worker, too, lies inside of the script. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [checkingSchemas(), viteSingleFile({ removeViteModuleLoader: true })],
  resolve: {
    alias: [
      // Charts draw on the page's own document here.
      { find: 'linkedom', replacement: resolve(import.meta.dirname, 'browser-document.ts') },
      { find: 'd3-geo', replacement: resolve(import.meta.dirname, 'no-maps.ts') },
      { find: 'd3-time-format', replacement: resolve(import.meta.dirname, 'no-dates.ts') },
      { find: /^.*\/legends\.js$/, replacement: resolve(import.meta.dirname, 'no-legends.ts') },
      // 7 kB compressed.
      { find: /^.*\/schemes\.js$/, replacement: resolve(import.meta.dirname, 'no-colour-schemes.ts') },
    ],
  },
  // Tests, which build it as well, get the same page.
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact', development: false } },
  worker: { format: 'iife', plugins: () => [checkingSchemas()] },
  build: { target: 'es2022', emptyOutDir: false, modulePreload: false, reportCompressedSize: false },
});
