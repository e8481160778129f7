import { formatNumber, formatUsd } from '../../../report/format.js';
import type { BoardGpu, BoardServer } from '../../edit/board-view.js';
import { addDevice, addServer } from '../../edit/placement-devices.js';
import { answer } from '../state.js';
import './board.css';
import { replicaNames } from '../../../scenario/replica-names.js';
import { board, choose, edit, isChosen, type Selection, SHARING_WORDS, said } from './board-state.js';
import { hanging } from './drag.js';
import { Panel } from './panel.js';
import { Slot } from './slot.js';

export function Board() {
  return (
    <section id="board">
      <h2>Placement</h2>
      <p class="quiet" id="board-help">
        Drag a model to another GPU, or press an arrow key on it. The keys + and − add and remove an instance,
        a small square. Click a model, a GPU or a server to change it. Colours are tenants, as in the charts.
      </p>
      <div class="servers">
        {board.value.map((server, index) => (
          <Server key={server.name} server={server} index={index} />
        ))}
        <button
          type="button"
          class="add server-like"
          onClick={() => edit('A server was added', (spec) => addServer(spec, spec.servers.length - 1, true))}
        >
          + server
        </button>
      </div>
      <p class="said" aria-live="polite">
        {said.value}
      </p>
      <Panel />
      {hanging.value !== undefined && (
        <div class="hanging" style={{ left: `${hanging.value.x}px`, top: `${hanging.value.y}px` }}>
          {hanging.value.model}
        </div>
      )}
    </section>
  );
}

function Server({ server, index }: { readonly server: BoardServer; readonly index: number }) {
  const { name, replicas, usdPerHour, gpus, host, others } = server;
  const own: Selection = { kind: 'server', server: index };
  const times = replicas === 1 ? '' : ` × ${replicas}`;
  const price = usdPerHour === undefined ? 'no price' : `$${formatUsd(usdPerHour)}/h${times && ' each'}`;
  return (
    <div class="server">
      <h3>
        <button type="button" class="plain" aria-pressed={isChosen(own)} onClick={() => choose(own)}>
          {name}
          {times}
        </button>
      </h3>
      <p class="quiet small">
        {price} · {hostWords(name, replicas)}
      </p>
      {gpus.map((gpu, i) => (
        <Gpu key={gpu.name} gpu={gpu} index={i} server={index} serverName={name} />
      ))}
      {host !== undefined && (
        <div class="gpu">
          <p class="gpu-head">host, CPU</p>
          <Slot slot={host} serverName={name} replicas={replicas} />
        </div>
      )}
      {others.length > 0 && <p class="quiet small">without instances of their own: {others.join(', ')}</p>}
      <button
        type="button"
        class="add"
        aria-label={`Add a GPU to ${name}`}
        onClick={() => edit(`A GPU was added to ${name}`, (spec, shipped) => addDevice(spec, index, shipped))}
      >
        + GPU
      </button>
    </div>
  );
}

interface GpuProps {
  readonly gpu: BoardGpu;
  readonly index: number;
  readonly server: number;
  readonly serverName: string;
}

function Gpu({ gpu, index, server, serverName }: GpuProps) {
  const own: Selection = { kind: 'gpu', server, gpu: index };
  return (
    <div class="gpu">
      <p class="gpu-head">
        <button
          type="button"
          class="plain"
          aria-label={`${gpu.name} of ${serverName}, ${gpu.kind}, ${SHARING_WORDS[gpu.sharing]}`}
          aria-pressed={isChosen(own)}
          onClick={() => choose(own)}
        >
          {gpu.name}
        </button>{' '}
        <span class="quiet small">
          {gpu.kind} · sharing: {SHARING_WORDS[gpu.sharing]}
        </span>
      </p>
      <div class="slots">
        {gpu.slots.map((slot) => (
          <Slot
            key={slot.name}
            slot={slot}
            serverName={serverName}
            replicas={board.value[server]!.replicas}
          />
        ))}
      </div>
    </div>
  );
}

function hostWords(name: string, replicas: number): string {
  const names = replicaNames({ name, replicas });
  const hosts = answer.value?.report.summary.hosts.filter(({ server }) => names.includes(server)) ?? [];
  if (hosts.length === 0) return 'host not simulated';
  const busy = hosts.reduce((sum, { coresBusy }) => sum + coresBusy, 0) / hosts.length;
  const { cpuCores } = hosts[0]!;
  const of = Number.isFinite(cpuCores) ? ` of ${formatNumber(cpuCores)}` : '';
  return `${formatNumber(busy)}${of} host cores busy`;
}
