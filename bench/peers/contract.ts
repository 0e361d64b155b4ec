// What a peer is: another library that computes the same thing on the same device from the same values. One file a peer in
// this folder, found by itself. How peers are recorded, checked and timed is bench/harness/peers.

import type { Dims, Dtype, Tolerance } from '../../src/kernels/op.ts';

/** The same work that our versions get, as values: logical cells, row-major, without padding. */
export interface Problem {
  /** Id of the op in shaders/. */
  readonly op: string;
  readonly dims: Dims;
  /** The type of float inputs and of the output. */
  readonly dtype: Dtype;
  readonly inputs: Readonly<Record<string, Float64Array>>;
}

/** One way of a peer to solve a problem, with its inputs already on the device. */
export interface Solver {
  /** What is called: `MatMul`, `MatMulNBits 8 bit`. */
  readonly name: string;
  /** What it computes, when that is another of our ops than the problem's: it is checked against that op's reference. */
  readonly solves?: Problem;
  /** The type of its output's cells, when it is not the problem's. */
  readonly cells?: Dtype;
  /** When it computes in lower precision than the op asks for: what may then be expected of it. */
  readonly tolerance?: Tolerance;
  /**
   * One call as its users make it. Resolves when all its work has been given to the queue. The output of the last
   * call stays alive until the next one.
   */
  call(): Promise<void>;
  /** The output of the last call, row-major. Reads it from the device every time. */
  read(): Promise<ArrayLike<number>>;
  dispose(): Promise<void>;
}

/** A way that there would be, but not here; its row says why. */
export interface Unable {
  readonly name: string;
  readonly why: string;
}

export interface Peer {
  /** The file's name. */
  readonly id: string;
  /** Its npm package, whose version the rows carry. */
  readonly package: string;
  /** npm packages that the server bundles into modules for the page; empty for a library that is one already. */
  readonly bundle: readonly string[];
  /** Ops that it has, by our ids. */
  readonly ops: readonly string[];
  /** Loads the library and gives it `device`, so that all that is compared lives on one device. */
  open(device: GPUDevice): Promise<PeerSession>;
}

export interface PeerSession {
  /** Ways to solve the problem; none when it has none for this op, shape and type. */
  solvers(problem: Problem): Promise<readonly (Solver | Unable)[]>;
}
