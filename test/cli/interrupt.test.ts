import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { interruptedCode, interruptSignal } from '../../src/cli/interrupt.js';
import { STOPPING_SIGNALS } from '../../src/node/files/stopping-signals.js';

describe('a process that is told to stop', () => {
  const exit = vi.spyOn(process, 'exit');
  const others = new Map(STOPPING_SIGNALS.map((signal) => [signal, process.listeners(signal)]));

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] });
    exit.mockReset().mockImplementation((() => undefined) as never);
  });

  afterEach(() => {
    vi.useRealTimers();
    for (const signal of STOPPING_SIGNALS) {
      for (const listener of process.listeners(signal)) {
        if (!others.get(signal)!.includes(listener)) process.off(signal, listener);
      }
    }
  });

  afterAll(() => exit.mockRestore());

  it('ends in order, also where the same request comes twice: timeout tells it, and then its process group', () => {
    const signal = interruptSignal();
    expect(signal.aborted).toBe(false);
    process.emit('SIGTERM', 'SIGTERM');
    vi.advanceTimersByTime(20);
    process.emit('SIGTERM', 'SIGTERM');
    expect(signal.aborted).toBe(true);
    expect(exit).not.toHaveBeenCalled();
  });

  it('ends at once when it is told again', () => {
    interruptSignal();
    process.emit('SIGINT', 'SIGINT');
    vi.advanceTimersByTime(1000);
    process.emit('SIGINT', 'SIGINT');
    expect(exit).toHaveBeenCalledWith(130);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('ends after %s with %i, as shells report a program that it has ended', (name, code) => {
    const signal = interruptSignal();
    process.emit(name, name);
    expect(interruptedCode(signal)).toBe(code);
    vi.advanceTimersByTime(1000);
    process.emit(name, name);
    expect(exit).toHaveBeenCalledWith(code);
  });
});
