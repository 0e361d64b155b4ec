// Which requests an engine takes at all. What is refused here could never be served, or would confuse the
// trace; everything else ends, one way or another.

import { err, type Failure, failure, ok, type Result } from '../core/result.ts';
import { promptLength, type Request } from './request.ts';
import type { RequestTable } from './request-table.ts';
import type { Limits } from './view.ts';

export type RequestFault = 'duplicate-id' | 'bad-request' | 'too-long' | 'unknown-fork' | 'bad-time';

const refuse = (code: RequestFault, message: string, hint: string): Result<never, Failure<RequestFault>> =>
  err(failure(code, message, hint));

export function checkRequest(
  request: Request,
  limits: Limits,
  table: RequestTable,
): Result<void, Failure<RequestFault>> {
  const { id, arrival, maxTokens, forkOf } = request;
  if (!Number.isInteger(id) || id < 0 || id > 0xffffffff)
    return refuse('bad-request', `Request id ${id} is not a 32-bit count.`, 'Number requests 0, 1, 2, …');
  if (table.used(id))
    return refuse('duplicate-id', `Request id ${id} was used before in this run.`, 'Give each its own id.');
  if (!Number.isFinite(arrival) || arrival < 0)
    return refuse(
      'bad-time',
      `Request ${id} arrives at ${arrival} s.`,
      'Arrivals are finite and not negative.',
    );
  if (!Number.isInteger(maxTokens) || maxTokens < 1)
    return refuse('bad-request', `Request ${id} asks for ${maxTokens} tokens.`, 'Ask for at least one.');
  const length = promptLength(request.prompt);
  if (!Number.isInteger(length))
    return refuse(
      'bad-request',
      `Request ${id} has a prompt of ${length} tokens.`,
      'Use whole part lengths.',
    );
  if (length < 1)
    return refuse('bad-request', `Request ${id} has no prompt.`, 'A prompt has a token at least.');
  for (const part of request.prompt) {
    if (!('tokens' in part)) continue;
    const bad = part.tokens.find((token) => !(token >= 0 && token < limits.vocabulary));
    if (bad !== undefined)
      return refuse(
        'bad-request',
        `Request ${id} has the token ${bad}.`,
        `Ids are below ${limits.vocabulary}.`,
      );
  }
  const longest = length + maxTokens;
  if (longest > limits.window)
    return refuse(
      'too-long',
      `Request ${id} may grow to ${longest} tokens; the window is ${limits.window}.`,
      'Shorten it, or scale the workload’s lengths.',
    );
  // the last token is never written, but a reservation may count it
  if (Math.ceil(longest / limits.pageSize) > limits.pages)
    return refuse(
      'too-long',
      `Request ${id} may need ${Math.ceil(longest / limits.pageSize)} pages; the pool has ${limits.pages}.`,
      'Give the pool more pages.',
    );
  if (forkOf !== undefined) {
    const slot = table.slot(forkOf);
    const same = slot !== undefined && promptLength(table.at(slot).request.prompt) === length;
    if (!table.used(forkOf) || (slot !== undefined && !same))
      return refuse(
        'unknown-fork',
        `Request ${id} shares the prompt of ${forkOf}, which has another prompt or never came.`,
        'Submit the first answer’s request before the others, with the same prompt.',
      );
  }
  return ok(undefined);
}
