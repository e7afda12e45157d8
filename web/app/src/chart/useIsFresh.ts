import { useState } from "react";

/** Whether something changed since it was first shown: what was there from the start is no news. */
export function useIsFresh(version: number): boolean {
  const [first] = useState(version);
  return version !== first;
}
