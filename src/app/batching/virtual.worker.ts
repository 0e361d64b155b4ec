// Runs on the virtual clock beside the page: a run of a million tokens takes longer than a frame.

import * as Comlink from 'comlink';
import type { Failure, Result } from '../../core/result.ts';
import type { Request } from '../../engine/request.ts';
import type { RunHeader } from '../../engine/run-file.ts';
import { type TraceBlock, traceStart, traceTransferables } from '../../engine/trace.ts';
import { type ServeRequest, serveVirtual } from './serve.ts';

export interface ServedBlock {
  readonly block: TraceBlock;
  readonly header: RunHeader;
  readonly requests: readonly Request[];
}

const api = {
  serve(wanted: ServeRequest): Result<ServedBlock, Failure> {
    const served = serveVirtual(wanted);
    if (!served.ok) return served;
    const { trace, header, requests } = served.value;
    const block = trace.since(traceStart);
    return Comlink.transfer({ ok: true, value: { block, header, requests } }, traceTransferables(block));
  },
};
export type VirtualWorkerApi = typeof api;

Comlink.expose(api);
