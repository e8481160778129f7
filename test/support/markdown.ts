/** The fenced blocks of a page in that language. */
export function blocks(page: string, language: string): string[] {
  return [...page.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    (match) => match[1]!,
  );
}

/** Output that a page shows below a comment with its command. A line with an ellipsis stands for lines left out. */
export function shownOutputs(
  page: string,
): { readonly command: string; readonly lines: readonly string[] }[] {
  return [...page.matchAll(/<!-- output: (.*?) -->\n```text\n([\s\S]*?)```/g)].map(([, command, text]) => ({
    command: command!,
    lines: text!.split('\n').filter((line) => line !== '…' && line !== ''),
  }));
}

/** Links and pictures of a page that point into the repository. */
export function linksOf(page: string): { readonly path: string; readonly anchor: string | undefined }[] {
  const prose = page.replace(/```[\s\S]*?```/g, '');
  return [...prose.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].map(([, path, anchor]) => ({
    path: path!,
    anchor,
  }));
}

/** The anchors that a page's headings get: lower case, hyphens for blanks, other punctuation dropped. */
export function anchorsOf(page: string): string[] {
  return [...page.replace(/```[\s\S]*?```/g, '').matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Files and folders of the repository that a page names in its text, patterns and placeholders left out. */
export function namedPaths(page: string): string[] {
  const prose = page.replace(/```[\s\S]*?```/g, '');
  return [...prose.matchAll(/`((?:src|test|scripts|bench|bin|schemas|plans|sweeps|docs)\/[\w./-]*)`/g)]
    .map(([, path]) => path!)
    .filter((path) => !path.includes('NAME'));
}
