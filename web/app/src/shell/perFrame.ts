import { notifyManager } from "@tanstack/react-query";

/** A window that is not drawn has no frames; there what changed is shown this late at most. */
const lateMs = 250;

let waiting: (() => void)[] = [];
let frame = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Shows what changed in the cache with the next frame, all of it together: a hundred events a second are rendered as often as they can be seen. */
export function renderPerFrame(): void {
  notifyManager.setScheduler((tell) => {
    waiting.push(tell);
    if (waiting.length > 1) return;
    frame = requestAnimationFrame(tellAll);
    timer = setTimeout(tellAll, document.hidden ? 0 : lateMs);
  });
}

function tellAll(): void {
  cancelAnimationFrame(frame);
  clearTimeout(timer);
  const all = waiting;
  waiting = [];
  for (const tell of all) tell();
}
