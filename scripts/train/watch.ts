/**
 * Processes that train together watch over each other, on a thread of their own: whoever dies, or is not heard from, is
 * named, and the others end instead of waiting for it. Each is connected to process 0, beside MPI, which cannot say this.
 *
 * @module
 */

import type { Communicator } from "../../mod.ts";
import { gather } from "../../src/train/mod.ts";

/** One of the processes, for a sentence. */
export type Member = { readonly pid: number; readonly host: string };

/** What the watching thread is told. */
export type WatchOrder =
  | { readonly type: "listen" }
  | {
    readonly type: "watch";
    readonly rank: number;
    readonly members: readonly Member[];
    /** Where process 0 listens, and what it wants to hear. */
    readonly addresses: readonly string[];
    readonly port: number;
    readonly token: number;
  }
  | { readonly type: "end" | "fail" };

/** The watch over a run's processes. */
export type Watch = {
  readonly members: readonly Member[];
  /** Says to the others that this process ends in order. */
  readonly end: () => Promise<void>;
  /** Ends the others: this process has said why. */
  readonly fail: () => Promise<void>;
};

/** Room for a host's name and for addresses of process 0, in the table that the processes share. */
const NAME_LENGTH = 32;
const ADDRESSES = 8;

/**
 * Begins to watch; each process must call it, as it calls `sum`.
 *
 * @param ranks The processes.
 * @param host What this one's host is called.
 */
export async function watchOver(ranks: Communicator, host: string): Promise<Watch> {
  if (ranks.size === 1) return { members: [{ pid: Deno.pid, host }], end: async () => {}, fail: async () => {} };
  const worker = new Worker(new URL("./watcher.ts", import.meta.url), { type: "module" });
  const ask = (order: WatchOrder): Promise<number> => {
    const answer = new Promise<number>((resolve) => worker.onmessage = ({ data }) => resolve(data));
    worker.postMessage(order);
    return answer;
  };
  const port = ranks.rank === 0 ? await ask({ type: "listen" }) : 0;
  const token = crypto.getRandomValues(new Uint32Array(1))[0];
  const own = [Deno.pid, port, token, ...padded(codes(host), NAME_LENGTH), ...padded(ownAddresses(), ADDRESSES)];
  const table = gather(own, ranks);
  const members = table.map((row) => ({
    pid: row[0],
    host: String.fromCharCode(...held(row.slice(3, 3 + NAME_LENGTH))),
  }));
  const [, firstPort, firstToken] = table[0];
  const addresses = [...held(table[0].slice(3 + NAME_LENGTH))].map(dotted);
  await ask({ type: "watch", rank: ranks.rank, members, addresses, port: firstPort, token: firstToken });
  return {
    members,
    end: async () => {
      await ask({ type: "end" });
      worker.terminate();
    },
    fail: async () => void await ask({ type: "fail" }),
  };
}

/** A process by all that one may know it by. */
export function memberName(rank: number, { pid, host }: Member): string {
  return `rank ${rank} (process ${pid} on ${host})`;
}

/** IPv4 addresses of this machine as numbers, the one that only it can reach last. */
function ownAddresses(): number[] {
  const all = Deno.networkInterfaces().filter(({ family }) => family === "IPv4").map(({ address }) => address);
  const isLocal = (address: string): boolean => address.startsWith("127.");
  return [...all.filter((address) => !isLocal(address)), ...all.filter(isLocal)]
    .map((address) => address.split(".").reduce((number, part) => number * 256 + Number(part), 0));
}

const dotted = (address: number): string => [24, 16, 8, 0].map((bits) => (address / 2 ** bits) & 255).join(".");
const codes = (text: string): number[] => Array.from(text, (c) => c.codePointAt(0)! & 127);
const padded = (row: number[], length: number): number[] => Array.from({ length }, (_, i) => row[i] ?? 0);
const held = (row: Float64Array): Float64Array => row.filter((number) => number !== 0);
