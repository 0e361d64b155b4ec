// Makes what training reads: the tokenizer, and the corpus as token ids. Run by models/train.py, or by hand:
//   node scripts/run.mjs models/prepare.ts
// Writes models/.data/{train-<length>.bin, heldout.json} and models/tokenizer.json.
// A .bin holds one uint16 a token; the high bit marks tokens of an answer, whose loss training weighs more.

import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { type Prng, prng } from '../src/core/prng.ts';
import { encodeDocument, heldOut, piecesOf, tokensOf } from '../src/workloads/corpus/encode.ts';
import {
  type Document,
  documentOf,
  documents,
  kinds,
  type Part,
  textOf,
} from '../src/workloads/corpus/index.ts';
import { learnMerges, tokenizerJson } from './bpe.ts';

/** Every word of the corpus is one token, with its space or at a line's start. */
const VOCABULARY = 1408;
const SEED = 20261120;
/** Part of a stretch's documents are drawn from these kinds, the rest from the corpus as it is. */
interface Drill {
  readonly share: number;
  readonly kinds: Readonly<Record<string, number>>;
}
interface Stretch {
  readonly name: string;
  readonly words: number;
  readonly tokens: number;
  readonly drill?: Drill;
}
/** Each is a file of training; models/train.py says in which order and how much of each is read. */
const stretches: readonly Stretch[] = [
  { name: 'echo', words: 150, tokens: 9_000_000, drill: { share: 0.8, kinds: { echo: 1 } } },
  {
    name: 'mixed',
    words: 430,
    tokens: 18_000_000,
    drill: {
      share: 0.5,
      kinds: { sums: 22, copying: 18, quiz: 16, recall: 16, brackets: 10, echo: 8, lists: 6, counting: 4 },
    },
  },
  {
    name: 'long',
    words: 800,
    tokens: 8_000_000,
    drill: { share: 0.4, kinds: { recall: 28, copying: 26, sums: 18, quiz: 14, brackets: 8, echo: 6 } },
  },
];
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

function drawDrill(random: Prng, { kinds: wanted }: Drill, words: number): Document {
  const entries = Object.entries(wanted);
  let left = entries.length > 1 ? random.next() * entries.reduce((sum, [, weight]) => sum + weight, 0) : 0;
  const [id = ''] =
    entries.find(([, weight]) => {
      left -= weight;
      return left < 0;
    }) ?? [];
  const kind = kinds.get(id);
  if (!kind) throw new Error(`prepare: the corpus has no kind "${id}".`);
  return documentOf(kind, random, { part: 'train', words: Math.round(30 * (words / 30) ** random.next()) });
}

export default async function main(): Promise<number> {
  await mkdir(data, { recursive: true });
  const path = `${folder}tokenizer.json`;
  const json = existsSync(path) ? await readFile(path, 'utf8') : await makeTokenizer();
  const encoder = tokensOf(JSON.parse(json) as object);
  const stream = (seed: number, part: Part, from: number, to: number) => documents(seed, { part, from, to });

  for (const [i, { name, words, tokens, drill }] of stretches.entries()) {
    if (existsSync(`${data}/train-${name}.bin`)) continue;
    const file = createWriteStream(`${data}/train-${name}.bin`);
    const random = prng(SEED + 50);
    let written = 0;
    for (const drawn of stream(SEED + 1 + i, 'train', 30, words)) {
      const drilled = drill && random.next() < drill.share;
      const document = drilled ? drawDrill(random, drill, words) : drawn;
      const { ids, answers } = encodeDocument(document, encoder);
      const out = Uint16Array.from(ids);
      for (const { from, to } of answers) for (let t = from; t < to; t++) out[t] = (out[t] ?? 0) | ANSWER;
      if (!file.write(new Uint8Array(out.buffer))) await once(file, 'drain');
      written += ids.length;
      if (written >= tokens) break;
    }
    file.end();
    await once(file, 'close');
    console.log(`train-${name}.bin: ${written} tokens`);
  }

  const held = heldOut(encoder);
  await writeFile(`${data}/heldout.json`, JSON.stringify(held));
  console.log(`heldout.json: ${held.length} documents; vocabulary ${encoder.vocabulary}`);
  return 0;
}
