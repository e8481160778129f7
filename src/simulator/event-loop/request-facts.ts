import { doubled } from '../containers/doubled.js';

/**
 * What the simulation knows of requests beyond their rows in the request table: the same rows, columns that grow. Of most
 * runs some columns stay 0 and are never written, so that their memory is never touched.
 */
export class RequestFacts {
  #length = 0;
  /** Index into the component's tenants. */
  tenant: Uint16Array;
  /** Index into the component's served models; -1 until it is sent. */
  served: Int32Array;
  requestBytes: Float64Array;
  priority: Uint32Array;
  timeoutUs: Float64Array;
  /** Equal for requests that hold the same; 0: like no other. */
  contentKey: Float64Array;
  /** Its sequence; 0 = none. */
  sequenceId: Float64Array;
  /** What it does in it, as in a trace. */
  sequenceFlags: Uint8Array;
  /** Where whoever waits for its answer is found; 0: a client waits. */
  waiting: Int32Array;
  /** 1 while a thread of the front end makes its key or asks the cache for its answer. */
  holdsThread: Uint8Array;

  constructor(capacity: number) {
    const rows = Math.max(16, capacity);
    this.tenant = new Uint16Array(rows);
    this.served = new Int32Array(rows);
    this.requestBytes = new Float64Array(rows);
    this.priority = new Uint32Array(rows);
    this.timeoutUs = new Float64Array(rows);
    this.contentKey = new Float64Array(rows);
    this.sequenceId = new Float64Array(rows);
    this.sequenceFlags = new Uint8Array(rows);
    this.waiting = new Int32Array(rows);
    this.holdsThread = new Uint8Array(rows);
  }

  /** Appends the next row. */
  add(tenant: number, requestBytes: number): void {
    if (this.#length === this.tenant.length) this.#grow();
    const row = this.#length++;
    this.tenant[row] = tenant;
    this.served[row] = -1;
    this.requestBytes[row] = requestBytes;
  }

  /** How it is treated in a queue. */
  setPolicy(row: number, priority: number, timeoutUs: number): void {
    if (priority !== 0) this.priority[row] = priority;
    if (timeoutUs !== 0) this.timeoutUs[row] = timeoutUs;
  }

  setContent(row: number, contentKey: number): void {
    if (contentKey !== 0) this.contentKey[row] = contentKey;
  }

  setSequence(row: number, id: number, flags: number): void {
    if (id === 0 && flags === 0) return;
    this.sequenceId[row] = id;
    this.sequenceFlags[row] = flags;
  }

  #grow(): void {
    this.tenant = doubled(this.tenant);
    this.served = doubled(this.served);
    this.requestBytes = doubled(this.requestBytes);
    this.priority = doubled(this.priority);
    this.timeoutUs = doubled(this.timeoutUs);
    this.contentKey = doubled(this.contentKey);
    this.sequenceId = doubled(this.sequenceId);
    this.sequenceFlags = doubled(this.sequenceFlags);
    this.waiting = doubled(this.waiting);
    this.holdsThread = doubled(this.holdsThread);
  }
}
