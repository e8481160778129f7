import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { parseMetricsPage } from '../../src/live/metrics-page.js';
import { gpuReadings, modelCounters, readMetrics } from '../../src/live/server-metrics.js';

/** What Triton 24.10 serves on a machine with two GPUs, shortened. */
const PAGE = `# HELP nv_inference_request_success Number of successful inference requests, all batch sizes
# TYPE nv_inference_request_success counter
nv_inference_request_success{model="resnet",version="1",gpu_uuid="GPU-b"} 3
nv_inference_request_success{model="resnet",version="1",gpu_uuid="GPU-a"} 4
nv_inference_request_success{model="bert",version="2"} 1
# TYPE nv_inference_request_failure counter
nv_inference_request_failure{model="bert",version="2",reason="REJECTED"} 5
nv_inference_request_failure{model="bert",version="2",reason="OTHER"} 1
# TYPE nv_inference_count counter
nv_inference_count{model="resnet",version="1",gpu_uuid="GPU-a"} 20
# TYPE nv_inference_exec_count counter
nv_inference_exec_count{model="resnet",version="1",gpu_uuid="GPU-a"} 6
# TYPE nv_inference_queue_duration_us counter
nv_inference_queue_duration_us{model="resnet",version="1",gpu_uuid="GPU-a"} 1234
# TYPE nv_gpu_utilization gauge
nv_gpu_utilization{gpu_uuid="GPU-b"} 0.9
nv_gpu_utilization{gpu_uuid="GPU-a"} 0.25
# TYPE nv_gpu_memory_total_bytes gauge
nv_gpu_memory_total_bytes{gpu_uuid="GPU-a"} 16106127360
# TYPE nv_gpu_memory_used_bytes gauge
nv_gpu_memory_used_bytes{gpu_uuid="GPU-a"} 2147483648
# TYPE nv_gpu_power_usage gauge
nv_gpu_power_usage{gpu_uuid="GPU-a"} 71.5
nv_gpu_power_usage{gpu_uuid="GPU-b"} nan
`;

describe('a page of Triton', () => {
  it('tells of each GPU what it reports, and leaves out what it does not', () => {
    expect(gpuReadings(parseMetricsPage(PAGE))).toEqual([
      {
        uuid: 'GPU-a',
        utilization: 0.25,
        memoryTotalBytes: 16106127360,
        memoryUsedBytes: 2147483648,
        powerWatts: 71.5,
      },
      { uuid: 'GPU-b', utilization: 0.9 },
    ]);
    expect(gpuReadings(parseMetricsPage(''))).toEqual([]);
  });

  it('tells the counters of each model, over GPUs and reasons of failure', () => {
    const none = { requestUs: 0, queueUs: 0, computeInputUs: 0, computeInferUs: 0, computeOutputUs: 0 };
    expect(modelCounters(parseMetricsPage(PAGE))).toEqual([
      {
        ...none,
        model: 'bert',
        version: '2',
        successCount: 1,
        failureCount: 6,
        inferenceCount: 0,
        executionCount: 0,
      },
      {
        ...none,
        model: 'resnet',
        version: '1',
        successCount: 7,
        failureCount: 0,
        inferenceCount: 20,
        executionCount: 6,
        queueUs: 1234,
      },
    ]);
  });
});

const PACKED = gzipSync(Buffer.alloc(2 ** 26, 'up 1\n'));

describe('reading the page of a server', () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  async function serve(answer: RequestListener): Promise<string> {
    server = createServer(answer).listen(0, '127.0.0.1');
    await new Promise((resolve) => server!.once('listening', resolve));
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it('takes host and port, or a whole address', async () => {
    const paths: string[] = [];
    const url = await serve((request, response) => {
      paths.push(request.url!);
      response.end(PAGE);
    });
    expect(gpuReadings(await readMetrics(url)).length).toBe(2);
    await readMetrics(`http://${url}/proxy/metrics`);
    expect(paths).toEqual(['/metrics', '/proxy/metrics']);
  });

  it.each<[string, RequestListener, { kind: string; message: unknown }]>([
    [
      'answers that there is no such page',
      (_, response) => response.writeHead(404).end(),
      { kind: 'refused', message: expect.stringContaining('404 Not Found') },
    ],
    [
      'answers something else',
      (_, response) => response.end('<html>\n<body>'),
      { kind: 'server', message: expect.stringContaining('is no page of metrics') },
    ],
    [
      'does not answer in time',
      () => {},
      { kind: 'deadline', message: expect.stringContaining('within 200 ms') },
    ],
    [
      'does not come to an end in time',
      (_, response) => response.write('up 1\n'),
      { kind: 'deadline', message: expect.stringContaining('within 200 ms') },
    ],
    ['hangs up', (request) => request.destroy(), { kind: 'unreachable', message: expect.any(String) }],
  ])('says when the server %s', async (_, answer, expected) => {
    const url = await serve(answer);
    const error = await readMetrics(url, { timeoutMs: 200 }).catch((reason: unknown) => reason);
    server!.closeAllConnections();
    expect(error).toMatchObject({ name: 'LiveError', ...expected });
  });

  it.each<[string, RequestListener, string]>([
    [
      'does not stop to send',
      (_, response) => {
        const go = () =>
          void (response.destroyed || (response.write('up 1\n'.repeat(10_000)) ? setImmediate(go) : 0));
        response.on('drain', go);
        go();
      },
      'its page has more than 4 MiB',
    ],
    [
      'packs more into its page than there may be',
      (_, response) => {
        response.setHeader('content-encoding', 'gzip');
        response.end(PACKED);
      },
      'its page has more than 4 MiB',
    ],
    [
      'sends one long line',
      (_, response) => response.end(`up{a="${'b'.repeat(2 ** 20)}"} 1`),
      '1 line of another form',
    ],
  ])('reads no more than a page can have where the server %s', async (_, answer, says) => {
    const url = await serve(answer);
    const error = await readMetrics(url, { timeoutMs: 30_000 }).catch((reason: unknown) => reason);
    server!.closeAllConnections();
    expect(error).toMatchObject({ kind: 'server', message: expect.stringContaining(says) });
  });

  it('shows no password and no token of the address', async () => {
    const told = (url: string) => readMetrics(url).catch((error: Error) => error.message);
    const said = [
      await told('http://alice:pa55word@localhost:1/metrics'),
      await told('alice:pa55word@local host'),
      await told('http://localhost:1/metrics?token=pa55word'),
    ];
    expect(said.join('\n')).not.toContain('pa55word');
    expect(said[0]).toMatch(/is no address of metrics/);
    expect(said[2]).toMatch(/^http:\/\/localhost:1\/metrics: nobody answers/);
  });

  it('says when nobody answers, or the address is none', async () => {
    await expect(readMetrics('localhost:1')).rejects.toMatchObject({ kind: 'unreachable' });
    await expect(readMetrics('http://a b')).rejects.toThrow(/is no address of metrics/);
    await expect(readMetrics('')).rejects.toThrow(/is no address of metrics/);
  });
});
