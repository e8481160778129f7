/** The pages of the repository as a site: what they link to comes with them, and the what-if page is alive in its own. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { defineConfig } from 'vitepress';

const ROOT = resolve(import.meta.dirname, '../..');
/** Copies of the pages, below this folder because they are compiled to modules that import vue. */
const PAGES = resolve(import.meta.dirname, '../pages');
const WITH_PAGES = ['docs', 'calibration', 'deploy', 'triton', 'results'];
/** Files beside the pages that these link to. */
const linked = new Set();

rmSync(PAGES, { recursive: true, force: true });
for (const name of [...WITH_PAGES, ...readdirSync(ROOT).filter((file) => file.endsWith('.md'))])
  cpSync(join(ROOT, name), join(PAGES, name), {
    recursive: true,
    filter: (file) => statSync(file).isDirectory() || /\.(md|svg|png)$/.test(file),
  });

const titleOf = (file) => /^# (.*)$/m.exec(readFileSync(join(ROOT, file), 'utf8'))?.[1] ?? file;
const entry = (file) => ({ text: titleOf(file), link: `/${file.replace(/\.md$/, '')}` });
const pagesIn = (folder) =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => entry(`${folder}/${name}`));
const FIRST = ['start', 'concepts', 'what-if', 'scenarios'].map((name) => entry(`docs/${name}.md`));

export default defineConfig({
  title: 'perseus',
  description: 'Predicts throughput, latency, SLO attainment and cost of models on Triton',
  base: process.env['SITE_BASE'] ?? '/',
  srcDir: PAGES,
  outDir: join(ROOT, 'dist-site'),
  cacheDir: join(ROOT, '.tmp/vitepress'),
  rewrites: { 'README.md': 'index.md' },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    sidebar: [
      {
        text: 'Guide',
        items: [...FIRST, ...pagesIn('docs').filter(({ link }) => !FIRST.some((one) => one.link === link))],
      },
      { text: 'Reference', collapsed: true, items: pagesIn('docs/reference') },
    ],
  },
  markdown: { config: (md) => md.use(filesBeside).use(livePage) },
  buildEnd({ outDir }) {
    for (const file of linked) {
      mkdirSync(dirname(join(outDir, file)), { recursive: true });
      cpSync(join(ROOT, file), join(outDir, file));
    }
    cpSync(join(ROOT, '.tmp/site/what-if.html'), join(outDir, 'what-if.html'));
  },
});

/** Links to files that are no pages lead to copies of them; folders have no page, so their links are their text. */
function filesBeside(md) {
  const open =
    md.renderer.rules.link_open ?? ((tokens, at, options, _, self) => self.renderToken(tokens, at, options));
  md.renderer.rules.link_open = (tokens, at, options, env, self) => {
    const href = tokens[at].attrGet('href') ?? '';
    const file =
      /^(https?:|#)/.test(href) || /\.md(#|$)/.test(href)
        ? undefined
        : resolve(ROOT, relative(PAGES, dirname(env.path)), href);
    if (file === undefined || !existsSync(file)) return open(tokens, at, options, env, self);
    if (statSync(file).isDirectory()) return '<a>';
    linked.add(relative(ROOT, file));
    tokens[at].attrSet('href', href);
    tokens[at].attrSet('target', '_blank');
    return self.renderToken(tokens, at, options);
  };
}

/** In place of its picture. */
function livePage(md) {
  const image = md.renderer.rules.image;
  md.renderer.rules.image = (tokens, at, options, env, self) => {
    const isPicture = tokens[at].attrGet('src')?.endsWith('images/what-if.png');
    if (!isPicture) return image(tokens, at, options, env, self);
    return '<iframe src="../what-if.html" title="The what-if page" style="width:100%;height:80vh;border:1px solid #8884"></iframe>';
  };
}
