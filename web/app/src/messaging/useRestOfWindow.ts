import { useLayoutEffect, useState, type RefObject } from "react";

const least = 320;

/** How high an element is that takes what is left of the window below its beginning, whatever stands above it. */
export function useRestOfWindow(place: RefObject<HTMLElement | null>): number {
  const [height, setHeight] = useState(least);
  useLayoutEffect(() => {
    const measure = () => {
      const main = place.current?.closest("main");
      if (!place.current || !main) return;
      const top = place.current.getBoundingClientRect().top + window.scrollY;
      const below = Math.min(parseFloat(getComputedStyle(main).paddingBottom) || 0, 84);
      setHeight(Math.max(least, Math.floor(window.innerHeight - top - below)));
    };
    measure();
    // What stands above comes and goes, and changes the height of the whole.
    const observer = new ResizeObserver(measure);
    for (const above of place.current?.closest("main")?.children ?? []) observer.observe(above);
    const added = new MutationObserver(measure);
    const main = place.current?.closest("main");
    if (main) added.observe(main, { childList: true });
    window.addEventListener("resize", measure);
    return () => {
      observer.disconnect();
      added.disconnect();
      window.removeEventListener("resize", measure);
    };
  }, [place]);
  return height;
}
