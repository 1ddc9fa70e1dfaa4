/**
 * The thread that watches over processes that train together; see watch.ts. What it sees must not wait for the training
 * thread, which may be in the middle of a sum that never ends: it says so itself, and ends the process.
 *
 * @module
 */

import { type Member, memberName, type WatchOrder } from "./watch.ts";

type Thread = {
  onmessage: (event: MessageEvent<WatchOrder>) => void;
  postMessage: (answer: number) => void;
};
const thread = globalThis as unknown as Thread;

/** Each process is heard from so often, and is given up after so long a silence. */
const BEAT_MS = 1_000;
const SILENCE_MS = 10_000;
/** Milliseconds for mpirun to pass on what was said: what it has not read when the process ends is lost. */
const PASS_ON_MS = 300;
/** Milliseconds for the others to connect. */
const CONNECT_MS = 30_000;

/** What goes over a connection: a beat, the last word of a process that ends in order, or the rank of one that has gone. */
const BEAT = 255;
const GOODBYE = 254;
const GONE = 253;

// By this mpirun tells the others that one has died; it would end them before they can say which.
if (Deno.build.os !== "windows") Deno.addSignalListener("SIGUSR1", () => {});

let listener: Deno.TcpListener | undefined;
const open: Deno.TcpConn[] = [];
let isEnding = false;

thread.onmessage = async ({ data: order }) => {
  if (order.type === "listen") {
    listener = Deno.listen({ hostname: "0.0.0.0", port: 0 });
    return thread.postMessage(listener.addr.port);
  }
  if (order.type === "watch") {
    await (order.rank === 0 ? watchAll(order) : watchFirst(order));
    return thread.postMessage(0);
  }
  isEnding = true;
  await tellAll(order.type === "end" ? GOODBYE : GONE);
  thread.postMessage(0);
};

type Order = Extract<WatchOrder, { type: "watch" }>;

/** Process 0: waits for the others, then hears each of them. */
async function watchAll({ members, token }: Order): Promise<void> {
  const missing = new Set(members.keys());
  missing.delete(0);
  const late = setTimeout(() => end(named([...missing][0], members, "has not come")), CONNECT_MS);
  await new Promise<void>((all) => {
    const welcome = async (connection: Deno.TcpConn): Promise<void> => {
      const hello = new Uint32Array(2);
      // Who does not know the token is nobody of ours.
      const isOurs = await fill(connection, new Uint8Array(hello.buffer)) && hello[0] === token &&
        missing.has(hello[1]);
      if (!isOurs) return connection.close();
      missing.delete(hello[1]);
      void hear(connection, hello[1], members);
      if (missing.size === 0) all();
    };
    void (async () => {
      for await (const connection of listener!) void welcome(connection);
    })();
  });
  clearTimeout(late);
  listener!.close();
}

/** Any other process: goes to process 0, and hears it. */
async function watchFirst({ rank, members, addresses, port, token }: Order): Promise<void> {
  for (const hostname of addresses) {
    try {
      const connection = await Deno.connect({ hostname, port });
      await connection.write(new Uint8Array(Uint32Array.of(token, rank).buffer));
      void hear(connection, 0, members);
      return;
    } catch {
      // It may have several addresses, and this machine may reach only one of them.
    }
  }
  end(`rank ${rank} cannot reach rank 0 at ${addresses.join(" or ")}, port ${port}: is there a firewall between them?`);
}

/** Hears a process until it ends, and ends this one if it does not do so in order. */
async function hear(connection: Deno.TcpConn, rank: number, members: readonly Member[]): Promise<void> {
  open.push(connection);
  connection.setNoDelay(true);
  let last = performance.now();
  let ticked = last;
  const timer = setInterval(() => {
    const now = performance.now();
    // Whoever has stood still itself has not listened: the others get their time again.
    if (now - ticked > 2 * BEAT_MS) last = now;
    ticked = now;
    connection.write(Uint8Array.of(BEAT)).catch(() => {});
    if (now - last > SILENCE_MS) lose(rank, members, `has not been heard from for ${SILENCE_MS / 1000} seconds`);
  }, BEAT_MS);
  const heard = new Uint8Array(1);
  while (await fill(connection, heard)) {
    last = performance.now();
    if (heard[0] === GOODBYE) return clearInterval(timer);
    if (heard[0] === GONE) return void tellAll(GONE).then(exit); // it has been said why
  }
  clearInterval(timer);
  if (!isEnding) lose(rank, members, "has gone");
}

function lose(rank: number, members: readonly Member[], what: string): void {
  end(named(rank, members, what));
}

function named(rank: number, members: readonly Member[], what: string): string {
  return `${memberName(rank, members[rank])} ${what}`;
}

/** Says why, lets the others know that it was said, and ends the process. */
function end(why: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`\nerror: ${why}; the last checkpoint is whole: go on from it\n`));
  void tellAll(GONE).then(() => setTimeout(exit, PASS_ON_MS));
}

async function tellAll(word: number): Promise<void> {
  await Promise.allSettled(open.map((connection) => connection.write(Uint8Array.of(word))));
}

/** Ends the whole process; `Deno.exit` would end this thread only. */
function exit(): void {
  const library = Deno.build.os === "darwin" ? "libSystem.dylib" : "libc.so.6";
  Deno.dlopen(library, { _exit: { parameters: ["i32"], result: "void" } }).symbols._exit(1);
}

/** Reads as many bytes; false if the other side has gone. */
async function fill(connection: Deno.TcpConn, bytes: Uint8Array): Promise<boolean> {
  try {
    for (let got = 0; got < bytes.length;) {
      const read = await connection.read(bytes.subarray(got));
      if (read === null) return false;
      got += read;
    }
    return true;
  } catch {
    return false;
  }
}
