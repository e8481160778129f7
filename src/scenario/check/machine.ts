import type { Path } from '../../base/path.js';
import type { Loaded, PriceMachine } from '../resources.js';
import type { Machine } from '../scenario.js';
import type { MachineSpec } from '../spec/server-spec.js';
import type { Findings } from './findings.js';

/** The machine with its price: as written, the sum of rows of the price book, or none. */
export function resolveMachine(
  spec: MachineSpec | undefined,
  prices: Loaded<PriceMachine> | undefined,
  path: Path,
  findings: Findings,
): Machine {
  const kind = spec?.kind ?? spec?.price?.map(({ sku }) => sku).join(' + ') ?? 'machine';
  if (spec?.usdPerHour !== undefined) {
    return {
      kind,
      usdPerHour: spec.usdPerHour,
      priceSource: spec.priceSource ?? 'as written in the scenario',
    };
  }
  const parts = spec?.price;
  if (parts === undefined) return { kind, usdPerHour: 0, priceSource: 'unpriced' };
  const priceMachine = prices?.value;
  if (priceMachine === undefined) {
    if (prices === undefined)
      findings.problem([...path, 'price'], 'there is no price book', 'write usdPerHour');
    return { kind, usdPerHour: 0, priceSource: 'unpriced' };
  }
  const priced = parts.flatMap(
    (part, i) => findings.attempt([...path, 'price', i], () => priceMachine(kind, [part])) ?? [],
  );
  return {
    kind,
    usdPerHour: priced.reduce((sum, { usdPerHour }) => sum + usdPerHour, 0),
    priceSource: priced.map(({ priceSource }) => priceSource).join(' + '),
  };
}
