/** Cores of a host that executions on the device share; undefined where they are not known, or it is none of a host. */
export function sharedCoresOf({
  sharing,
}: {
  readonly sharing: { readonly mode: string; readonly cores?: number };
}): number | undefined {
  return sharing.mode === 'hostCores' ? sharing.cores : undefined;
}
