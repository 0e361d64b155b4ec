// Sends the trace of a running run to whoever draws it: one block at a time, the next only when the last was taken. A page that
// draws slowly, or is hidden, gets fewer and larger blocks; the run never waits for it.

import type { RunHeader } from '../../engine/run-file.ts';
import { type Trace, traceStart, traceTransferables } from '../../engine/trace.ts';
import type { LiveBlock } from './protocol.ts';

/** The sending end of a port; the other end answers each block with one message. */
export interface LivePort {
  postMessage(block: LiveBlock, transfer: Transferable[]): void;
  onmessage: ((event: MessageEvent) => void) | null;
}

/** One run's blocks. */
export interface LiveRun {
  /** After a commit. */
  step(): void;
  /** After the last one: what is left is sent, taken or not. */
  end(): void;
}

export class LiveTrace {
  readonly #port: LivePort;
  /** Blocks sent and not taken yet: a run's last one does not wait for the one before it. */
  #open = 0;

  constructor(port: LivePort) {
    this.#port = port;
    port.onmessage = () => {
      this.#open--;
    };
  }

  begin(contender: number, repeat: LiveBlock['repeat'], header: RunHeader, trace: Trace): LiveRun {
    let sent = traceStart;
    let first = true;
    const send = (ended: boolean): void => {
      const block = trace.since(sent);
      sent = trace.cursor();
      this.#open++;
      this.#port.postMessage(
        { type: 'live', contender, repeat, ...(first ? { header } : {}), block, ended },
        traceTransferables(block),
      );
      first = false;
    };
    return {
      step: () => {
        if (this.#open === 0) send(false);
      },
      end: () => send(true),
    };
  }
}
