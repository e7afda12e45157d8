/** A list as REST answers it. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** Pages of a TanStack infinite query. */
export interface Pages<T, P = unknown> {
  readonly pages: readonly Page<T>[];
  readonly pageParams: readonly P[];
}

interface Identified {
  readonly id: string;
  readonly version?: number;
}

/**
 * Puts an item in the place of the one with its id, or at the end when there is none. An item whose `version` is not above the known one's changes nothing: a
 * reload may have brought it already. The same array is answered when nothing changed.
 */
export function upsertById<T extends Identified>(items: readonly T[], item: T): readonly T[] {
  const at = items.findIndex(({ id }) => id === item.id);
  const known = items[at];
  if (!known) return [...items, item];
  if (known.version !== undefined && item.version !== undefined && item.version <= known.version) return items;
  return items.map((other, index) => (index === at ? item : other));
}

/** Adds an item, at the start or the end, unless one with its id is there. */
export function addOnce<T extends Identified>(items: readonly T[], item: T, where: "start" | "end" = "end"): readonly T[] {
  if (items.some(({ id }) => id === item.id)) return items;
  return where === "start" ? [item, ...items] : [...items, item];
}

export function removeById<T extends Identified>(items: readonly T[], id: string): readonly T[] {
  return items.some((item) => item.id === id) ? items.filter((item) => item.id !== id) : items;
}

/** Changes the items of a list that REST answered. What is not loaded yet stays so. */
export function patchList<T>(change: (items: readonly T[]) => readonly T[]): <L extends { readonly items: readonly T[] }>(list: L | undefined) => L | undefined {
  return (list) => {
    if (!list) return list;
    const items = change(list.items);
    return items === list.items ? list : { ...list, items };
  };
}

/** Changes the items of an infinite query's pages; `page` says of which, the first when left out. */
export function patchInfinite<T>(
  change: (items: readonly T[]) => readonly T[],
  page: "first" | "all" = "first",
): <L extends { readonly pages: readonly { readonly items: readonly T[] }[] }>(list: L | undefined) => L | undefined {
  return (list) => {
    if (!list) return list;
    const pages = list.pages.map((one, at) => (page === "first" && at > 0 ? one : (patchList<T>(change)(one) ?? one)));
    return pages.every((one, at) => one === list.pages[at]) ? list : { ...list, pages };
  };
}
