/** A number that changes with time. */
export class Level {
  most = 0;
  #now = 0;
  #sinceNs = 0;
  #sum = 0;

  set(value: number, nowNs: number): void {
    if (value === this.#now) return;
    this.#sum += this.#now * (nowNs - this.#sinceNs);
    this.#sinceNs = nowNs;
    this.#now = value;
    this.most = Math.max(this.most, value);
  }

  /** Over the time from 0 on. */
  mean(endNs: number): number {
    return (this.#sum + this.#now * Math.max(0, endNs - this.#sinceNs)) / endNs;
  }
}
