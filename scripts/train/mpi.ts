/**
 * Processes that train together over MPI: MPICH's library, by Deno's FFI. Only `train:native` may load it.
 *
 * @module
 */

import type { Communicator } from "../../mod.ts";
import { type Member, watchOver } from "./watch.ts";

/** How the library is called. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  darwin: ["libmpi.dylib", "/opt/homebrew/lib/libmpi.dylib", "/usr/local/lib/libmpi.dylib"],
  other: ["libmpich.so.12", "libmpi.so.12", "libmpich.so"],
};

const SYMBOLS = {
  MPI_Get_library_version: { parameters: ["buffer", "buffer"], result: "i32" },
  MPI_Init: { parameters: ["pointer", "pointer"], result: "i32" },
  MPI_Finalize: { parameters: [], result: "i32" },
  MPI_Comm_rank: { parameters: ["i32", "buffer"], result: "i32" },
  MPI_Comm_size: { parameters: ["i32", "buffer"], result: "i32" },
  MPI_Iallreduce: { parameters: ["pointer", "pointer", "i32", "i32", "i32", "i32", "pointer"], result: "i32" },
  MPI_Get_processor_name: { parameters: ["buffer", "buffer"], result: "i32" },
  MPI_Test: { parameters: ["pointer", "pointer", "pointer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

type Mpi = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

/** Handles of the MPICH ABI, which Open MPI does not share: there they are pointers. */
const HANDLES = { world: 0x44000000, float: 0x4c00040a, double: 0x4c00080b, sum: 0x58000003 };
/** Stands for the values that a sum replaces. */
const IN_PLACE = 2n ** 64n - 1n;
/** Longest text that the library writes. */
const TEXT_BYTES = 8192;

/** Milliseconds after which a sum that has not come is given up. The watch names one that has gone long before. */
const TIMEOUT_MS = 60_000;

/** Processes that train together. */
export type Ranks = Communicator & {
  /** Who they are. */
  readonly members: readonly Member[];
  /** Ends the processes' talk, when all have come to their end. */
  readonly end: () => Promise<void>;
  /** Ends the others, when this one has failed. */
  readonly fail: () => Promise<void>;
};

/**
 * The processes that mpirun has started.
 *
 * @param file The library; by default MPICH under its usual names.
 * @throws {Error} If it cannot be loaded, or is another one.
 */
export async function mpiRanks(file?: string): Promise<Ranks> {
  const mpi = open(file);
  mpi.MPI_Init(null, null);
  const number = (ask: (handle: number, into: Int32Array<ArrayBuffer>) => number): number => {
    const into = new Int32Array(1);
    ask(HANDLES.world, into);
    return into[0];
  };
  const [rank, size] = [number(mpi.MPI_Comm_rank), number(mpi.MPI_Comm_size)];
  const communicator = { rank, size, sum: summing(mpi, rank) };
  const watch = await watchOver(communicator, textOf(mpi.MPI_Get_processor_name));
  return {
    ...communicator,
    members: watch.members,
    fail: watch.fail,
    end: async () => {
      await watch.end();
      mpi.MPI_Finalize();
    },
  };
}

/** Adds up in place. It does not block, so that it can be given up. */
function summing(mpi: Mpi, rank: number): Communicator["sum"] {
  const pointer = (array: ArrayBufferView): Deno.PointerValue =>
    Deno.UnsafePointer.of(array as ArrayBufferView<ArrayBuffer>);
  const [request, isDone, status] = [new Int32Array(1), new Int32Array(1), new Int32Array(8)];
  const inPlace = Deno.UnsafePointer.create(IN_PLACE);
  const [requestAt, isDoneAt, statusAt] = [request, isDone, status].map(pointer);
  return (values) => {
    const type = values instanceof Float32Array ? HANDLES.float : HANDLES.double;
    mpi.MPI_Iallreduce(inPlace, pointer(values), values.length, type, HANDLES.sum, HANDLES.world, requestAt);
    const start = performance.now();
    for (let i = 1;; i++) {
      mpi.MPI_Test(requestAt, isDoneAt, statusAt);
      if (isDone[0] !== 0) return;
      if (i % 1000 === 0 && performance.now() - start > TIMEOUT_MS) {
        throw new Error(
          `rank ${rank} has waited for ${TIMEOUT_MS / 1000} s for the others: one has gone, or stands still`,
        );
      }
    }
  };
}

function open(file: string | undefined): Mpi {
  if (Deno.permissions.querySync({ name: "ffi" }).state !== "granted") {
    throw new Error("--mpi needs a task that may load libraries: mpirun -n 2 deno task train:native --mpi");
  }
  const names = file === undefined ? NAMES[Deno.build.os] ?? NAMES.other : [file];
  for (const name of names) {
    let mpi: Mpi;
    try {
      mpi = Deno.dlopen(name, SYMBOLS).symbols;
    } catch (error) {
      if (file === undefined) continue;
      throw new Error(
        `--mpi-library ${JSON.stringify(file)} cannot be used: it must be MPICH's (${(error as Error).message})`,
      );
    }
    const version = textOf(mpi.MPI_Get_library_version);
    if (version.startsWith("MPICH") || version.startsWith("Intel")) return mpi;
    throw new Error(`${name} cannot be used: it is ${version.split(/[,\n]/)[0]}, and it must be MPICH`);
  }
  throw new Error(
    `--mpi found no library (${
      names.join(", ")
    }): install MPICH, with "apt install mpich" or "brew install mpich", or ` +
      "name its file with --mpi-library",
  );
}

/** A text that the library writes. */
function textOf(ask: (text: Uint8Array<ArrayBuffer>, length: Int32Array<ArrayBuffer>) => number): string {
  const text = new Uint8Array(TEXT_BYTES);
  const length = new Int32Array(1);
  ask(text, length);
  return new TextDecoder().decode(text.subarray(0, length[0])).trim();
}
