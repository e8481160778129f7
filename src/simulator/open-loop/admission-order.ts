/**
 * The order in which requests are admitted that leave the front end at these times: at one instant those first that it takes in
 * without a thread, then as threads began with them.
 *
 * @param leftNs by the order in which they reach the server
 * @param isHandled whether a thread takes the request at that place
 * @returns their places; undefined where they are admitted as they reach the server
 */
export function admissionOrder(
  leftNs: Float64Array,
  isHandled: (place: number) => boolean,
): Uint32Array | undefined {
  if (isOrdered(leftNs, isHandled)) return undefined;
  const [handled, others] = [new Uint32Array(leftNs.length), new Uint32Array(leftNs.length)];
  let [handledCount, otherCount] = [0, 0];
  for (let place = 0; place < leftNs.length; place++) {
    if (isHandled(place)) insert(handled, handledCount++, place, leftNs);
    else others[otherCount++] = place;
  }
  return merged(handled.subarray(0, handledCount), others.subarray(0, otherCount), leftNs);
}

function isOrdered(leftNs: Float64Array, isHandled: (place: number) => boolean): boolean {
  for (let place = 1; place < leftNs.length; place++) {
    if (leftNs[place]! > leftNs[place - 1]!) continue;
    if (leftNs[place]! < leftNs[place - 1]!) return false;
    if (isHandled(place - 1) && !isHandled(place)) return false;
  }
  return true;
}

/** Puts a place into a list that is in order of time. At most as many are later as there are threads. */
function insert(list: Uint32Array, length: number, place: number, leftNs: Float64Array): void {
  let at = length;
  for (; at > 0 && leftNs[list[at - 1]!]! > leftNs[place]!; at--) list[at] = list[at - 1]!;
  list[at] = place;
}

function merged(handled: Uint32Array, others: Uint32Array, leftNs: Float64Array): Uint32Array {
  const order = new Uint32Array(leftNs.length);
  let [h, o] = [0, 0];
  for (let at = 0; at < order.length; at++) {
    const isOther =
      o < others.length && (h === handled.length || leftNs[others[o]!]! <= leftNs[handled[h]!]!);
    order[at] = isOther ? others[o++]! : handled[h++]!;
  }
  return order;
}
