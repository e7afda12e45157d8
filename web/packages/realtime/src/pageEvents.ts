export interface PageListener {
  /** The page came to the front, the network came back, or the page was taken out of the cache. */
  wake(online: boolean): void;
  networkLost(): void;
  /** Whether the page can be seen. */
  visible(visible: boolean): void;
}

/** Whether the browser believes that there is a network; true where nobody says. */
export const isOnline = (): boolean => typeof navigator === "undefined" || navigator.onLine !== false;

/** Whether this page can be seen; true where there is no page. */
export const isVisible = (): boolean => typeof document === "undefined" || document.visibilityState !== "hidden";

/** What the browser tells a page of itself. Where there is no page nothing is told. Answers how to stop listening. */
export function watchPage(listener: PageListener): () => void {
  if (typeof window === "undefined" || typeof document === "undefined") return () => undefined;
  // Their own, and not whatever has these names when it ends: a test's page goes before its timers.
  const [page, frame] = [document, window];
  const visibility = () => {
    listener.visible(isVisible());
    if (isVisible()) listener.wake(isOnline());
  };
  const wake = () => listener.wake(isOnline());
  const lost = () => listener.networkLost();
  page.addEventListener("visibilitychange", visibility);
  page.addEventListener("resume", wake);
  frame.addEventListener("pageshow", wake);
  frame.addEventListener("online", wake);
  frame.addEventListener("offline", lost);
  if (!isOnline()) lost();
  return () => {
    page.removeEventListener("visibilitychange", visibility);
    page.removeEventListener("resume", wake);
    frame.removeEventListener("pageshow", wake);
    frame.removeEventListener("online", wake);
    frame.removeEventListener("offline", lost);
  };
}
