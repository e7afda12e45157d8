/** What a page takes part in, of one kind: counted from before the server's answer, because what arrives first is the page's too. */
export class TakingPart {
  readonly #parts = new Map<string, { live: boolean; asked: number }>();

  get ids(): string[] {
    return [...this.#parts.keys()];
  }

  has(id: string): boolean {
    return this.#parts.has(id);
  }

  /** Whether the server said yes. */
  isLive(id: string): boolean {
    return this.#parts.get(id)?.live === true;
  }

  /** Ends with the last refusal, unless it was so before. */
  async enter(id: string, ask: () => Promise<unknown>): Promise<unknown> {
    const part = this.#parts.get(id) ?? { live: false, asked: 0 };
    this.#parts.set(id, part);
    part.asked++;
    try {
      const answer = await ask();
      part.live = true;
      return answer;
    } finally {
      part.asked--;
      // It may have been left and begun anew meanwhile, which is another part.
      if (!part.live && part.asked === 0 && this.#parts.get(id) === part) this.#parts.delete(id);
    }
  }

  leave(id: string): boolean {
    return this.#parts.delete(id);
  }

  clear(): void {
    this.#parts.clear();
  }
}
