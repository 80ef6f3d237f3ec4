// When to ask again for what could not be loaded: soon at first, then less and less often.

const FIRST_MS = 1000;
const MOST_MS = 30_000;

/** Waits for one thing that failed, or for several by name. */
export class Again {
  constructor() {
    /** @type {Map<string, {wait_ms: number, until_ms: number}>} */
    this.failed = new Map();
  }

  /** Whether it is too early to ask. @param {string} name */
  early(name) {
    return (this.failed.get(name)?.until_ms ?? 0) > performance.now();
  }

  /** It failed: act when it may be asked for again. @param {string} name @param {() => void} act */
  after(name, act) {
    const before = this.failed.get(name)?.wait_ms ?? FIRST_MS / 2;
    const wait_ms = Math.min(MOST_MS, 2 * before);
    this.failed.set(name, { wait_ms, until_ms: performance.now() + wait_ms });
    setTimeout(act, wait_ms + 10);
  }

  /** Something was loaded: all may be asked for at once. */
  well() {
    this.failed.clear();
  }
}

/** @param {string} what @param {unknown} error */
export function sentence(what, error) {
  return `${what} could not be loaded: ${error instanceof Error ? error.message : error}`;
}
