import type { Random } from '../random.js';
import { exponential } from './exponential.js';

/** Number of layers of equal area under the density. */
const LAYERS = 256;
/** Where the tail beyond the lowest layer begins, for 256 layers. */
const TAIL_START = 3.6541528853610088;
/** Area of every layer (of the lowest one: rectangle and tail together) under exp(-x²/2). */
const LAYER_AREA = 0.0049286732339746545;

/** Right edge of layer i; the lowest layer is number 0, and its "edge" is that of a rectangle of its area. */
const EDGE = layerEdges();
const DENSITY = EDGE.map(density);

/**
 * A normal number with the given mean and standard deviation, by the ziggurat method (Marsaglia and
 * Tsang 2000, "The ziggurat method for generating random variables") with a draw of its own for the
 * choice of the layer, without which the result fails tests of randomness (Doornik 2005, "An
 * improved ziggurat method to generate normal random samples").
 */
export function normal(random: Random, mean = 0, standardDeviation = 1): number {
  return mean + standardDeviation * standardNormal(random);
}

function standardNormal(random: Random): number {
  for (;;) {
    const bits = random.nextUint32();
    const layer = bits & (LAYERS - 1);
    const sign = (bits & LAYERS) === 0 ? 1 : -1;
    const x = random.nextOpen() * EDGE[layer]!;
    if (x < EDGE[layer + 1]!) return sign * x;
    if (layer === 0) return sign * tail(random);
    const low = DENSITY[layer]!;
    const high = DENSITY[layer + 1]!;
    if (low + random.nextOpen() * (high - low) < density(x)) return sign * x;
  }
}

/** A standard normal number beyond `TAIL_START` (Marsaglia 1964, "Generating a variable from the tail of the normal distribution"). */
function tail(random: Random): number {
  for (;;) {
    const beyond = exponential(random, 1 / TAIL_START);
    if (2 * exponential(random, 1) > beyond * beyond) return TAIL_START + beyond;
  }
}

function layerEdges(): Float64Array {
  const edges = new Float64Array(LAYERS + 1);
  edges[0] = LAYER_AREA / density(TAIL_START);
  edges[1] = TAIL_START;
  for (let i = 2; i < LAYERS; i++) {
    const below = edges[i - 1]!;
    edges[i] = Math.sqrt(-2 * Math.log(LAYER_AREA / below + density(below)));
  }
  return edges;
}

function density(x: number): number {
  return Math.exp(-0.5 * x * x);
}
