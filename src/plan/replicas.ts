/** To survive a loss there must be another replica. */
export function leastReplicas(survive: 'nothing' | 'gpu' | 'machine'): number {
  return survive === 'nothing' ? 1 : 2;
}
