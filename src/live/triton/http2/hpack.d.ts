/** What is used of hpack.js 2.1, which brings no types. */
declare module 'hpack.js' {
  interface Decompressor {
    write(bytes: Uint8Array): void;
    /** Emits `error` where the block makes no sense. */
    execute(): void;
    read(): { readonly name: string; readonly value: string } | null;
    on(event: 'error', listener: (error: Error) => void): this;
  }
  const hpack: {
    readonly decompressor: {
      create(options: { readonly table: { readonly maxSize: number } }): Decompressor;
    };
  };
  export default hpack;
}
