/** Parts of the package that its index does not export; it has their types elsewhere. */
declare module '@uwdata/flechette/src/constants.js' {
  export * from '@uwdata/flechette/dist/types/constants.js';
}
declare module '@uwdata/flechette/src/decode/decode-ipc.js' {
  export * from '@uwdata/flechette/dist/types/decode/decode-ipc.js';
}
declare module '@uwdata/flechette/src/decode/table-from-ipc.js' {
  export * from '@uwdata/flechette/dist/types/decode/table-from-ipc.js';
}
