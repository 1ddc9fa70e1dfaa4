/**
 * Whether threads share the steps of a run at present. Beside a busy program a thread may lose its core in the middle of a
 * step, and the others wait: then the main thread is faster alone. Who computes a part changes no bit of the result, so
 * the clock may decide.
 *
 * @module
 */

/** How long to look before deciding, in milliseconds, and in how many steps at least. */
const WINDOW_MS = 10;
const WINDOW_STEPS = 3;
/** Windows alone before threads are tried again: more each time that they do not pay, up to so many. */
const FIRST_WINDOWS_ALONE = 32;
const MOST_WINDOWS_ALONE = 256;
/** Threads pay if a position takes less than this share of what it takes alone. */
const PAYS = 0.95;

/** What decides on sharing, step by step. */
export type Sharing = {
  /** To be called before each step: whether threads are to share it. */
  readonly begin: () => boolean;
  /** To be called after each step, with its number of positions. */
  readonly end: (positions: number) => void;
};

/** Sharing whatever happens. */
export const ALWAYS: Sharing = { begin: () => true, end: () => {} };

/**
 * Sharing while it pays: at first threads share, then one window tells how long a position takes alone, and from then on
 * each window is compared with that.
 *
 * @param now A clock, in milliseconds.
 */
export function adaptiveSharing(now: () => number): Sharing {
  let shared = true;
  /** Milliseconds that a position takes alone, as last measured. */
  let alone: number | undefined;
  let windowsAlone = FIRST_WINDOWS_ALONE;
  /** Windows until a decision. The first also starts threads and compiles. */
  let windows = 2;
  let start = 0;
  let time = 0;
  let steps = 0;
  let positions = 0;

  const decide = (each: number): void => {
    windows = 1;
    if (!shared) {
      alone = each;
      shared = true;
    } else if (alone !== undefined && each < PAYS * alone) {
      windowsAlone = FIRST_WINDOWS_ALONE;
    } else {
      shared = false;
      if (alone === undefined) return;
      windows = windowsAlone;
      windowsAlone = Math.min(2 * windowsAlone, MOST_WINDOWS_ALONE);
    }
  };
  return {
    begin: () => {
      start = now();
      return shared;
    },
    end: (count) => {
      time += now() - start;
      positions += count;
      if (++steps < WINDOW_STEPS || time < WINDOW_MS) return;
      if (--windows === 0) decide(time / positions);
      time = steps = positions = 0;
    },
  };
}
