/** Where time and chance come from; tests bring their own. */
export interface Clock {
  /** Milliseconds since 1970, for ids. */
  now(): number;
  /** Milliseconds that only go forward. */
  elapsed(): number;
  /** Settles after the time, or at once when the signal is aborted. A waiting retry does not keep the process alive. */
  wait(ms: number, ended: AbortSignal): Promise<void>;
  /** 0 up to 1. */
  random(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  wait: (ms, ended) =>
    new Promise((resolve) => {
      if (ended.aborted) return resolve();
      const end = () => {
        clearTimeout(timer);
        ended.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, ms).unref();
      ended.addEventListener("abort", end, { once: true });
    }),
  random: () => Math.random(),
};
