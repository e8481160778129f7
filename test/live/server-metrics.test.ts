import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
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

  it('says when nobody answers, or the address is none', async () => {
    await expect(readMetrics('localhost:1')).rejects.toMatchObject({ kind: 'unreachable' });
    await expect(readMetrics('http://a b')).rejects.toThrow(/is no address of metrics/);
    await expect(readMetrics('')).rejects.toThrow(/is no address of metrics/);
  });
});
