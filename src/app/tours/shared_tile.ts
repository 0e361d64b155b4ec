// The shared tile: why it exists, what its barriers prevent, and what it saves.

import type { Tour } from '../step/tour.ts';

const write = 'tile_a[local.y][local.x] =';
const use = 'sum = fma(tile_a';

const tour: Tour = {
  id: 'shared_tile',
  title: 'The shared tile',
  kernel: 'matmul/02_shared_tile',
  about: 'A tile of workgroup memory that 256 lanes fill together and read together.',
  stops: [
    {
      title: '256 lanes, 8 subgroups',
      text: 'Each lane makes one cell of c. Lanes march in subgroups of 32, outlined here; one subgroup runs a statement, then the next one. Nothing has run yet.',
      view: {},
      at: 'start',
    },
    {
      title: 'Everyone fetches one cell',
      text: 'Subgroup 0 reads two rows of a and writes them into tile_a, lane by lane: the numbers are lanes. Memory is asked once for what sixteen lanes will use.',
      view: { drawer: 'memory' },
      at: { part: write, subgroup: 0, nth: 0 },
      task: {
        text: 'Press → until subgroup 7 has written rows 14 and 15.',
        done: (now) => now.line.includes(write) && now.subgroup === 7,
      },
    },
    {
      title: 'Who waits',
      text: 'A subgroup that has filled its rows stands at the barrier, in orange. It may not read the tile: the other rows are not there yet.',
      view: { drawer: 'findings' },
      at: { line: 'workgroupBarrier();', subgroup: 5, nth: 0 },
    },
    {
      title: 'Now the tile is read',
      text: 'Behind the barrier every lane walks a row of tile_a and a column of tile_b. Sixteen lanes read the same cell of tile_a in one go: a broadcast, free of bank conflicts.',
      view: { drawer: 'memory' },
      at: { part: use, subgroup: 0, nth: 4 },
    },
    {
      title: 'Take the barrier out',
      text: 'What if nobody waited? Strike out the second barrier. The order becomes adversarial: one subgroup runs as far ahead as it can, which a GPU is free to do.',
      view: { drawer: 'findings' },
      at: { line: 'workgroupBarrier();', subgroup: 0, nth: 0 },
      task: {
        text: 'Click “strike out” beside the second workgroupBarrier().',
        done: (now) => now.struck > 0 && now.races > 0,
      },
    },
    {
      title: 'The race',
      text: 'Wrong cells are crossed out in c. The two lines that race are underlined: one lane writes the tile while another already reads it. Jump to either. Then put the barrier back.',
      view: { drawer: 'findings' },
      at: 'stay',
      task: { text: 'Put the barrier back.', done: (now) => now.struck === 0 && now.wrong === 0 },
    },
    {
      title: 'Where a number came from',
      text: 'Click a cell of c. Its 32 loads of a and of b light up, and so do the lanes that fetched them for it: most of the work was done by its neighbours.',
      view: { drawer: 'origin', strike: [], order: 'round-robin' },
      at: 'end',
      task: { text: 'Click any cell of c.', done: (now) => now.picked.startsWith('c:') },
    },
    {
      title: 'What the tile saves',
      text: 'Now an input: a[3, 7]. The bars say how often each version reads it from memory over the whole dispatch. Flip to the naive one and back, and watch it.',
      view: { drawer: 'origin', cell: 'a:3,7', mem: ['a'] },
      at: 'stay',
      task: { text: 'Flip to 01 naive.', done: (now) => now.kernel === 'matmul/01_naive' },
    },
  ],
};
export default tour;
