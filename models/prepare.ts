// Makes what training reads: the tokenizer, and the corpus as token ids. Run by models/train.py, or by hand:
//   node scripts/run.mjs models/prepare.ts
// Writes models/.data/{train-<length>.bin, heldout.json} and models/tokenizer.json.
// A .bin holds one uint16 a token; the high bit marks tokens of an answer, whose loss training weighs more.

import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { prng } from '../src/core/prng.ts';
import { encodeDocument, heldOut, piecesOf, tokensOf } from '../src/workloads/corpus/encode.ts';
import { documentOf, documents, kinds, type Part, textOf } from '../src/workloads/corpus/index.ts';
import { learnMerges, tokenizerJson } from './bpe.ts';

const VOCABULARY = 1280;
const SEED = 20261120;
/** Rows of training grow with it: most tokens are seen in short rows, where attention is cheap. */
const stages = [
  { row: '256', words: 150, tokens: 24_000_000 },
  { row: '640', words: 420, tokens: 14_000_000 },
  { row: '1280', words: 860, tokens: 8_000_000 },
  { row: 'echo', words: 150, tokens: 4_000_000 },
];
/** Of the documents of the stretch that teaches to look back; the rest are as everywhere. */
const ECHO_SHARE = 0.7;
const ANSWER = 0x8000;
const folder = new URL('.', import.meta.url).pathname;
const data = `${folder}.data`;

async function makeTokenizer(): Promise<string> {
  const counts = new Map<string, number>();
  let seen = 0;
  for (const document of documents(SEED, { part: 'train', from: 40, to: 400 })) {
    for (const piece of piecesOf(textOf(document.segments))) {
      counts.set(piece, (counts.get(piece) ?? 0) + 1);
      seen++;
    }
    if (seen > 2_000_000) break;
  }
  const json = JSON.stringify(tokenizerJson(learnMerges(counts, VOCABULARY - 258)));
  await writeFile(`${folder}tokenizer.json`, `${json}\n`);
  return json;
}

export default async function main(): Promise<number> {
  await mkdir(data, { recursive: true });
  const path = `${folder}tokenizer.json`;
  const json = existsSync(path) ? await readFile(path, 'utf8') : await makeTokenizer();
  const encoder = tokensOf(JSON.parse(json) as object);
  const stream = (seed: number, part: Part, from: number, to: number) => documents(seed, { part, from, to });

  const echo = kinds.get('echo');
  if (!echo) throw new Error('prepare: the corpus has no kind "echo".');
  for (const [i, { row, words, tokens }] of stages.entries()) {
    if (existsSync(`${data}/train-${row}.bin`)) continue;
    const file = createWriteStream(`${data}/train-${row}.bin`);
    const random = prng(SEED + 50);
    let written = 0;
    for (const drawn of stream(SEED + 1 + i, 'train', 30, words)) {
      const echoes = row === 'echo' && random.next() < ECHO_SHARE;
      const document = echoes ? documentOf(echo, random, { part: 'train', words }) : drawn;
      const { ids, answers } = encodeDocument(document, encoder);
      const out = Uint16Array.from(ids);
      for (const { from, to } of answers) for (let t = from; t < to; t++) out[t] = (out[t] ?? 0) | ANSWER;
      if (!file.write(new Uint8Array(out.buffer))) await once(file, 'drain');
      written += ids.length;
      if (written >= tokens) break;
    }
    file.end();
    await once(file, 'close');
    console.log(`train-${row}.bin: ${written} tokens`);
  }

  const held = heldOut(encoder);
  await writeFile(`${data}/heldout.json`, JSON.stringify(held));
  console.log(`heldout.json: ${held.length} documents; vocabulary ${encoder.vocabulary}`);
  return 0;
}
