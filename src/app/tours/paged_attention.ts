// Paged attention: keys that lie anywhere, found through a block table.

import type { Tour } from '../step/tour.ts';

const tour: Tour = {
  id: 'paged_attention',
  title: 'Paged attention',
  kernel: 'paged_attention/01_naive',
  about: 'How a kernel finds keys and values that lie in pages all over memory.',
  stops: [
    {
      title: 'Three requests, one pool',
      text: 'Keys and values of all requests share one pool of pages. A request’s pages need not be neighbours: its row of the block table names them in order.',
      view: { drawer: 'pages' },
      at: 'start',
    },
    {
      title: 'The item',
      text: 'The first thing a workgroup reads is its item: which token, and which row of the block tables. One launch serves requests of any length.',
      view: { drawer: 'pages', mem: ['items'] },
      at: { touch: 'items', nth: 0 },
    },
    {
      title: 'A look-up',
      text: 'Key number, divided by the tokens of a page, is an entry of the table; the entry is a page id. The arrow is that look-up.',
      view: { drawer: 'pages', mem: ['tables'] },
      at: { touch: 'tables', nth: 0 },
    },
    {
      title: 'Into the page',
      text: 'With the page id the lane reads the page itself, ringed here: 16 bytes a load.',
      view: { drawer: 'pages', mem: ['pages'] },
      at: { touch: 'pages', nth: 0 },
      task: {
        text: 'Press → until another page is read.',
        done: (now) => now.touches.includes('pages') && now.moved,
      },
    },
    {
      title: 'Is it coalesced?',
      text: 'Keys lie [unit][token], so that lanes with neighbouring tokens read neighbouring 16 bytes. The sectors of this statement say how much of what is moved is used.',
      view: { drawer: 'memory', mem: ['pages'] },
      at: { touch: 'pages', nth: 1 },
    },
    {
      title: 'Where an answer came from',
      text: 'Click a cell of y: the keys and values of all pages of this request light up, and no page of another one. That is what a block table promises.',
      view: { drawer: 'origin' },
      at: 'end',
      task: { text: 'Click any cell of y.', done: (now) => now.picked.startsWith('y:') },
    },
    {
      title: 'Another request',
      text: 'Each workgroup has its own item. Choose another one above: other entries, other pages, the same code.',
      view: { drawer: 'pages', cell: '' },
      at: 'stay',
      task: { text: 'Choose another workgroup.', done: (now) => now.workgroup !== 0 },
    },
  ],
};
export default tour;
