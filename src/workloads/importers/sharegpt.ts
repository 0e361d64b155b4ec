// ShareGPT JSON: conversations as text. Only lengths are taken: each human turn and the answer after it
// become a request. There is no tokenizer here, so a token is counted as four characters, and said so.

import { type Failure, ok, type Result } from '../../core/result.ts';
import { badLine, type Imported, type Importer, type TraceRow } from './contract.ts';

const CHARACTERS = 4;

type Turn = { readonly from?: unknown; readonly value?: unknown } | null;
type Conversation = { readonly conversations?: readonly Turn[] } | null;

function read(text: string): Result<Imported, Failure> {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return badLine('ShareGPT', 1, 'this is not JSON');
  }
  if (!Array.isArray(data)) return badLine('ShareGPT', 1, 'the file is not a list of conversations');
  const rows: TraceRow[] = [];
  for (const [i, entry] of (data as Conversation[]).entries()) {
    const conversations = entry?.conversations;
    if (!Array.isArray(conversations)) return badLine('ShareGPT', 1, `entry ${i} has no conversations`);
    for (let t = 0; t + 1 < conversations.length; t++) {
      const [asked, answered] = [conversations[t], conversations[t + 1]];
      if (asked?.from !== 'human' || answered?.from !== 'gpt') continue;
      const length = (value: unknown) => Math.max(1, Math.round(String(value ?? '').length / CHARACTERS));
      rows.push({
        time: 0,
        prompt: [{ seed: rows.length + 1, length: length(asked.value) }],
        output: length(answered.value),
      });
    }
  }
  return ok({
    rows,
    notes: [`Tokens are counted as ${CHARACTERS} characters each; all requests arrive at once.`],
  });
}

export const sharegptImporter: Importer = {
  id: 'sharegpt',
  title: 'ShareGPT',
  recognise: (head) => head.trimStart().startsWith('[') && head.includes('"conversations"'),
  read,
};
