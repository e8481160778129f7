import { doubled } from '../containers/doubled.js';

/** What is known of one request. */
export interface RequestFact {
  readonly requestBytes: number;
  readonly priority: number;
  readonly timeoutUs: number;
  readonly contentKey: number;
}

/** What the simulation knows of requests beyond their rows in the request table: the same rows, columns that grow. */
export class RequestFacts {
  #length = 0;
  /** Index into the component's tenants. */
  tenant = new Uint16Array(1024);
  /** Index into the component's served models; -1 until it is sent. */
  served = new Int32Array(1024);
  requestBytes = new Float64Array(1024);
  priority = new Uint32Array(1024);
  timeoutUs = new Float64Array(1024);
  /** Equal for requests that hold the same; NaN: like no other. */
  contentKey = new Float64Array(1024);

  add(tenant: number, { requestBytes, priority, timeoutUs, contentKey }: RequestFact): void {
    if (this.#length === this.tenant.length) this.#grow();
    const row = this.#length++;
    this.tenant[row] = tenant;
    this.served[row] = -1;
    this.requestBytes[row] = requestBytes;
    this.priority[row] = priority;
    this.timeoutUs[row] = timeoutUs;
    this.contentKey[row] = contentKey;
  }

  #grow(): void {
    this.tenant = doubled(this.tenant);
    this.served = doubled(this.served);
    this.requestBytes = doubled(this.requestBytes);
    this.priority = doubled(this.priority);
    this.timeoutUs = doubled(this.timeoutUs);
    this.contentKey = doubled(this.contentKey);
  }
}
