import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Markup } from '../../report/html/markup.js';
import { addSaveButtons } from './save.js';

/**
 * Shows a part of a report. Its markup is escaped where it is made; it is parsed as a document that runs no scripts, and
 * its nodes are moved here.
 */
export function Part({ markup }: { readonly markup: Markup | undefined }) {
  const place = useRef<HTMLDivElement>(null);
  const source = markup?.source ?? '';
  useLayoutEffect(() => {
    const { body } = new DOMParser().parseFromString(source, 'text/html');
    for (const one of body.querySelectorAll('figure')) addSaveButtons(one);
    place.current!.replaceChildren(...document.adoptNode(body).childNodes);
  }, [source]);
  return <div ref={place} />;
}
