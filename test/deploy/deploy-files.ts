import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** A file below deploy/. */
export const textOf = (path: string) => readFileSync(`${root}deploy/${path}`, 'utf8');

export type Labels = Readonly<Record<string, string>>;

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: Labels };
  readonly spec: {
    readonly template?: {
      readonly metadata: { readonly labels: Labels };
      readonly spec: {
        readonly securityContext?: { readonly fsGroup?: number };
        readonly volumes?: readonly { readonly persistentVolumeClaim?: object }[];
        readonly containers: readonly {
          readonly image: string;
          readonly args?: readonly string[];
          readonly env?: readonly object[];
        }[];
      };
    };
    readonly podSelector?: PodSelector;
    readonly policyTypes?: readonly string[];
    readonly ingress?: readonly {
      readonly from: readonly { readonly podSelector: PodSelector }[];
      readonly ports: readonly object[];
    }[];
  };
}

interface PodSelector {
  readonly matchLabels: Labels;
  readonly matchExpressions?: readonly { readonly key: string; readonly values: readonly string[] }[];
}

/** The manifests of a file below deploy/. */
export function manifestsOf(path: string): Manifest[] {
  return parseAllDocuments(textOf(path)).map((document) => document.toJS() as Manifest);
}
