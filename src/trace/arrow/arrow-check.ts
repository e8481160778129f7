import { InputError } from '../../base/problem.js';
import { FlatTable } from './flat-table.js';

/*
 * Field numbers below are those of Arrow's schema files (format/Message.fbs, Schema.fbs, File.fbs);
 * the layout is that of the columnar format's chapter on IPC.
 */

/**
 * Checks that an Arrow IPC file or stream is as large as its metadata claims. The packages that read it
 * trust every count and length: a few wrong bytes would send them through billions of
 * elements that are not there.
 *
 * @throws Error or RangeError saying what is wrong, InputError where it is compressed
 */
export function checkArrowBounds(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isArrowFile(bytes)) checkFile(view);
  else checkStream(view);
}

const MAGIC = [...'ARROW1'].map((letter) => letter.charCodeAt(0));
/** Bytes of the magic word with the padding after it, at the head of a file. */
const HEAD_BYTES = 8;
const CONTINUATION = -1;
/** Kinds of message; the footer has the blocks of each kind in the field of the same number. */
const SCHEMA = 1;
const DICTIONARY_BATCH = 2;
const RECORD_BATCH = 3;
/** Bytes of the structs Block, FieldNode and Buffer. */
const BLOCK_BYTES = 24;
const NODE_BYTES = 16;
const BUFFER_BYTES = 16;

export function isArrowFile(bytes: Uint8Array): boolean {
  return MAGIC.every((letter, index) => bytes[index] === letter);
}

/** The footer, at the end, lists the messages. */
function checkFile(view: DataView): void {
  const lengthAt = view.byteLength - MAGIC.length - 4;
  const footerBytes = view.getInt32(lengthAt, true);
  const footerView = part(view, lengthAt - footerBytes, footerBytes);
  const footer = FlatTable.root(footerView);
  checkSchema(footer.table(1));
  footer.list(4, 4);
  for (const kind of [DICTIONARY_BATCH, RECORD_BATCH]) {
    const blocks = footer.list(kind, BLOCK_BYTES);
    for (let index = 0; index < blocks.length; index++) {
      const message = checkMessage(view, readLong(footerView, blocks.at + index * BLOCK_BYTES));
      // The arrow package waits for ever for a batch where there is another message.
      if (message?.kind !== kind) throw new Error('the footer lists a message of another kind');
    }
  }
}

/** Messages follow each other up to one of length 0, or the end. */
function checkStream(view: DataView): void {
  let at = 0;
  while (at + HEAD_BYTES <= view.byteLength) {
    const message = checkMessage(view, at);
    if (message === undefined) return;
    at = message.end;
  }
}

/** Checks the message at `start`; returns its kind and its end, or undefined for the end mark. */
function checkMessage(view: DataView, start: number): { kind: number; end: number } | undefined {
  const isMarked = view.getInt32(start, true) === CONTINUATION;
  const metadataAt = start + (isMarked ? 8 : 4);
  const metadataBytes = view.getInt32(metadataAt - 4, true);
  if (metadataBytes === 0) return undefined;
  const metadata = part(view, metadataAt, metadataBytes);
  const message = FlatTable.root(metadata);
  const bodyBytes = message.long(3);
  const end = metadataAt + metadataBytes + bodyBytes;
  part(view, metadataAt + metadataBytes, bodyBytes);
  message.list(4, 4);
  const kind = message.byte(1);
  const header = message.table(2);
  if (kind === SCHEMA) checkSchema(header);
  else if (kind === DICTIONARY_BATCH) checkBatch(header?.table(1), metadata, bodyBytes);
  else if (kind === RECORD_BATCH) checkBatch(header, metadata, bodyBytes);
  else throw new Error('it holds something else than tables');
  return { kind, end };
}

function checkSchema(schema: FlatTable | undefined): void {
  if (schema === undefined) throw new Error('it has no schema');
  schema.list(2, 4);
  for (const field of schema.tables(1)) {
    field.list(6, 4);
    if (field.list(5, 4).length > 0) throw new Error('a column is nested');
  }
}

function checkBatch(batch: FlatTable | undefined, view: DataView, bodyBytes: number): void {
  if (batch === undefined) throw new Error('a batch is missing');
  if (batch.table(3) !== undefined) {
    throw InputError.of('the file is compressed inside', 'write it with compression "uncompressed"');
  }
  // Every column of a trace has at least a byte in each row.
  checkWithin(batch.long(0), bodyBytes);
  const nodes = batch.list(1, NODE_BYTES);
  for (let index = 0; index < nodes.length; index++) {
    checkWithin(readLong(view, nodes.at + index * NODE_BYTES), bodyBytes);
  }
  const buffers = batch.list(2, BUFFER_BYTES);
  // Of columns of texts in many pieces: how many buffers each has.
  const pieces = batch.list(4, 8);
  for (let index = 0; index < pieces.length; index++)
    checkWithin(readLong(view, pieces.at + index * 8), buffers.length);
  let end = 0;
  for (let index = 0; index < buffers.length; index++) {
    const at = buffers.at + index * BUFFER_BYTES;
    const [offset, bytes] = [readLong(view, at), readLong(view, at + 8)];
    checkWithin(offset, bodyBytes);
    checkWithin(bytes, bodyBytes - offset);
    // The arrow package writes columns that lie over each other as one, and so changes them.
    if (bytes > 0 && offset < end) throw new RangeError('two columns lie over each other');
    end = Math.max(end, offset + bytes);
  }
}

function part(view: DataView, start: number, bytes: number): DataView {
  checkWithin(start, view.byteLength);
  checkWithin(bytes, view.byteLength - start);
  return new DataView(view.buffer, view.byteOffset + start, bytes);
}

function checkWithin(value: number, limit: number): void {
  if (!(value >= 0 && value <= limit)) throw new RangeError('a part lies outside of the file');
}

function readLong(view: DataView, at: number): number {
  return Number(view.getBigInt64(at, true));
}
