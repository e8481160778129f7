import type { Descriptor, MessageDescriptor } from './descriptor.js';

/** Paths of the fields that have such a name in a message or below it, those nearest to the top first; of ignored fields none. */
export function fieldPaths(root: MessageDescriptor, wanted: string): readonly string[] {
  const found: string[] = [];
  const open: { readonly at: string; readonly descriptor: Descriptor }[] = [{ at: '', descriptor: root }];
  for (const { at, descriptor } of open) {
    if (descriptor.type === 'repeated' || descriptor.type === 'map')
      open.push({ at, descriptor: descriptor.of });
    if (descriptor.type !== 'message') continue;
    for (const [name, field] of Object.entries(descriptor.fields)) {
      const path = at === '' ? name : `${at}.${name}`;
      if (name === wanted) found.push(path);
      open.push({ at: path, descriptor: field });
    }
  }
  return found;
}
