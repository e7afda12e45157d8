import { useInsertionEffect, useRef, type RefObject } from "react";

/** The value of the last render that was shown: a handler reads it when it is called, and changes without subscribing anew. */
export function useLatest<T>(value: T): RefObject<T> {
  const ref = useRef(value);
  useInsertionEffect(() => {
    ref.current = value;
  });
  return ref;
}
