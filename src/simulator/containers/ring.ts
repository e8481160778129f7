/** An item of a ring, between its neighbours. */
export interface InRing<Item> {
  earlier: Item;
  later: Item;
}

/** A ring of nothing: the item after the last and before the first one. */
export function endsOfRing<Item extends InRing<Item>>(own: Omit<Item, keyof InRing<Item>>): Item {
  const ends = own as Item;
  ends.earlier = ends;
  ends.later = ends;
  return ends;
}

/** @param item in no ring, or taken out of it */
export function putLast<Item extends InRing<Item>>(ends: Item, item: Item): void {
  item.earlier = ends.earlier;
  item.later = ends;
  ends.earlier.later = item;
  ends.earlier = item;
}

export function takeOut<Item extends InRing<Item>>({ earlier, later }: Item): void {
  earlier.later = later;
  later.earlier = earlier;
}
