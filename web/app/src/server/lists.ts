import type { Page } from "@clinic/realtime-react/query";
import { request } from "./request";

const mostPages = 10;

/** A whole list, up to 2,000 items: what a screen shows at once. */
export async function requestAll<T>(path: string, query: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<{ items: readonly T[] }> {
  const items: T[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < mostPages; page++) {
    const parameters: URLSearchParams = new URLSearchParams({ ...query, limit: "200", ...(cursor && { cursor }) });
    const answer: Page<T> = await request<Page<T>>(`${path}?${parameters}`, { signal });
    items.push(...answer.items);
    cursor = answer.next;
    if (!cursor) break;
  }
  return { items };
}
