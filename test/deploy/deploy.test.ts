import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { version } from '../../src/node/runs/package-facts.js';
import { type Labels, manifestsOf, root, textOf } from './deploy-files.js';

describe('what deploy/ holds', () => {
  test.each(['kubernetes/shards.yaml', 'kubernetes/redis-workers.yaml'])(
    '%s: a pod that writes into a volume may do so, as the user of the image',
    (path) => {
      // Volumes belong to root; node is user and group 1000 in the images of Node.
      expect(textOf('Dockerfile')).toMatch(/^USER node$/m);
      const pods = manifestsOf(path).flatMap(({ spec }) => spec.template?.spec ?? []);
      const writers = pods.filter(({ volumes = [] }) =>
        volumes.some((volume) => volume.persistentVolumeClaim !== undefined),
      );
      expect(writers.length).toBeGreaterThan(0);
      for (const { securityContext } of writers) expect(securityContext?.fsGroup).toBe(1000);
    },
  );

  test.each(['kubernetes/shards.yaml', 'kubernetes/redis-workers.yaml'])(
    '%s: everything carries the labels that Kubernetes recommends, and our image the tag of its version',
    (path) => {
      for (const { metadata, spec } of manifestsOf(path)) {
        const labels = ['name', 'component', 'part-of'].map((name) => `app.kubernetes.io/${name}`);
        expect(Object.keys(metadata.labels)).toEqual(labels);
        const { template } = spec;
        if (template === undefined) continue;
        expect(template.metadata.labels).toEqual(metadata.labels);
        for (const { image } of template.spec.containers)
          expect(image).toMatch(new RegExp(`^(perseus:${version()}|redis:\\d+\\.\\d+)$`));
      }
    },
  );

  test('the image and what starts it have one name, with the version as its tag', () => {
    const name = `perseus:${version()}`;
    for (const path of ['Dockerfile', 'README.md'])
      expect(textOf(path)).toContain(`docker build -f deploy/Dockerfile -t ${name} .`);
    const { services } = parse(textOf('compose.yaml'), { merge: true });
    for (const service of [services.worker, services.sweep]) expect(service.image).toBe(name);
  });

  test('the image takes nothing but what the first stage put together', () => {
    const [, last] = textOf('Dockerfile').split(/^FROM .* AS build$/m);
    const [, image] = last!.split(/^FROM /m);
    expect(image!.match(/^(COPY|ADD|RUN) .*$/gm)).toEqual(['COPY --from=build /perseus /perseus']);
  });

  test('the Redis of the cluster is reached by workers and the sweep only', () => {
    const manifests = manifestsOf('kubernetes/redis-workers.yaml');
    const labelsOf = (kind: string, name: string) =>
      manifests.find((one) => one.kind === kind && one.metadata.name === name)!.spec.template!.metadata
        .labels;
    const { podSelector, policyTypes, ingress } = manifests.find(
      ({ kind }) => kind === 'NetworkPolicy',
    )!.spec;
    expect(podSelector!.matchLabels).toEqual(labelsOf('Deployment', 'perseus-redis'));
    expect(policyTypes).toEqual(['Ingress']);
    expect(ingress).toHaveLength(1);
    const [{ from, ports }] = ingress as [NonNullable<typeof ingress>[number]];
    expect(ports).toEqual([{ protocol: 'TCP', port: 6379 }]);
    const [{ podSelector: allowed }] = from as [(typeof from)[number]];
    const mayReach = (labels: Labels) =>
      Object.entries(allowed.matchLabels).every(([key, value]) => labels[key] === value) &&
      allowed.matchExpressions!.every(({ key, values }) => values.includes(labels[key]!));
    expect([from.length, mayReach(labelsOf('Deployment', 'perseus-worker'))]).toEqual([1, true]);
    expect(mayReach(labelsOf('Job', 'perseus-sweep'))).toBe(true);
    expect(mayReach(labelsOf('Deployment', 'perseus-redis'))).toBe(false);
    const [, shards] = manifestsOf('kubernetes/shards.yaml');
    expect(mayReach(shards!.metadata.labels)).toBe(false);
  });

  test('who speaks to a Redis finds its password in the environment, and it stands in no file here', () => {
    const containers = manifestsOf('kubernetes/redis-workers.yaml').flatMap(
      ({ spec }) => spec.template?.spec.containers ?? [],
    );
    expect(containers).toHaveLength(3);
    const secret = { valueFrom: { secretKeyRef: { name: 'perseus-redis', key: 'password' } } };
    for (const { env } of containers) expect(env).toEqual([{ name: 'REDIS_PASSWORD', ...secret }]);
    const { services } = parse(textOf('compose.yaml'), { merge: true });
    for (const service of [services.redis, services.worker, services.sweep]) {
      expect(Object.keys(service.environment)).toEqual(['REDIS_PASSWORD']);
      expect(service.environment.REDIS_PASSWORD).toMatch(/^\$\{REDIS_PASSWORD:\?/);
      expect(service.networks).toEqual(['queue']);
      expect(service.ports).toBeUndefined();
    }
    for (const path of ['compose.yaml', 'kubernetes/redis-workers.yaml'])
      expect(textOf(path)).not.toMatch(/redis:\/\/[^\s"]*@/);
    // It must not get into the image or the repository with deploy/.env either.
    expect(textOf('Dockerfile.dockerignore')).toMatch(/^\*\*\/\.env$/m);
    expect(readFileSync(`${root}.gitignore`, 'utf8')).toMatch(/^deploy\/\.env$/m);
  });
});
