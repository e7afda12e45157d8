/** Lets so many calls be under way at a time; the others wait in the order they came. */
export class Slots {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(count: number) {
    this.#free = count;
  }

  /** Works when there is a slot; undefined when there was none in time. */
  async use<T>(work: () => Promise<T>, withinMs: number): Promise<T | undefined> {
    if (this.#free > 0) this.#free--;
    else if (!(await this.#turn(withinMs))) return undefined;
    try {
      return await work();
    } finally {
      const [next] = this.#waiting;
      if (next) next();
      else this.#free++;
    }
  }

  #turn(withinMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (came: boolean) => {
        clearTimeout(timer);
        this.#waiting.delete(take);
        resolve(came);
      };
      const take = () => settle(true);
      const timer = setTimeout(() => settle(false), withinMs).unref();
      this.#waiting.add(take);
    });
  }
}
