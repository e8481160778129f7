/** Stands in for linkedom, on whose documents charts are drawn without a browser. */
export function parseHTML(): { readonly document: Document } {
  return { document: window.document };
}
