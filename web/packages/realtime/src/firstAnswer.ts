/**
 * Asks one after the other, the next as soon as an answer is none, or has not come for a while; the first that is one counts. Null when all answered that there is
 * none; rejects when one of them failed and none had an answer.
 */
export function firstAnswer<T>(asks: readonly (() => Promise<T | null>)[], patienceMs: number): Promise<T | null> {
  return new Promise((resolve, reject) => {
    let asked = 0;
    let awaited = 0;
    let failure: unknown = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const done = (answer: T | null) => {
      clearTimeout(timer);
      asked = asks.length;
      if (answer === null && failure !== null) reject(failure);
      else resolve(answer);
    };
    const next = () => {
      clearTimeout(timer);
      const ask = asks[asked];
      if (!ask) return void (awaited === 0 && done(null));
      asked++;
      awaited++;
      timer = setTimeout(next, patienceMs);
      ask().then(
        (answer) => {
          awaited--;
          if (answer === null) next();
          else done(answer);
        },
        (error: unknown) => {
          awaited--;
          failure = error;
          next();
        },
      );
    };
    next();
  });
}
