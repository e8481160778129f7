import { execFileSync, type StdioOptions } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../../', import.meta.url);

export function version(): string {
  return (JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8')) as { version: string }).version;
}

/** Commit of the checkout that runs, or undefined outside of one. */
export function commit(): string | undefined {
  try {
    const cwd = fileURLToPath(ROOT);
    const stdio: StdioOptions = ['ignore', 'pipe', 'ignore'];
    return execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], { cwd, encoding: 'utf8', stdio }).trim();
  } catch {
    return undefined;
  }
}

/** This machine in words: how many processors of which kind. */
export function machineName(): string {
  const processors = cpus();
  return `${processors.length} x ${processors[0]?.model.trim() || 'unknown processor'}`;
}

/** What made something that is the same on every machine. */
export function versionLine(): string {
  return `perseus ${version()}, commit ${commit() ?? 'unknown'}`;
}

/** When, where and by what something was measured, for the head of a page of results. */
export function provenanceLine(): string {
  const date = new Date().toISOString().slice(0, 10);
  return `${date}, ${machineName()}, Node ${process.version}, commit ${commit() ?? 'unknown'}`;
}
