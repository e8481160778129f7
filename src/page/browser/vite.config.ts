import { resolve } from 'node:path';
import { defineConfig } from 'vite';
import { viteSingleFile } from 'vite-plugin-singlefile';
import { withoutDescriptions } from './without-descriptions.js';

/** One file that needs nothing else: the worker, too, lies inside of the script. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [withoutDescriptions(), viteSingleFile({ removeViteModuleLoader: true })],
  resolve: {
    alias: {
      // Charts draw on the page's own document here.
      linkedom: resolve(import.meta.dirname, 'browser-document.ts'),
      'd3-geo': resolve(import.meta.dirname, 'no-maps.ts'),
    },
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  worker: { format: 'iife', plugins: () => [withoutDescriptions()] },
  build: { target: 'es2022', emptyOutDir: false, reportCompressedSize: false },
});
