// How many pages several answers to one prompt hold, and how long they may become: the prompt's full pages are shared, and from
// the first page that an answer writes on each has its own.

/** Most pages that `answers` answers of `tokens` tokens each hold; the last sampled token is never computed. */
export function pagesForAnswers(prompt: number, tokens: number, answers: number, pageSize: number): number {
  const each = Math.ceil((prompt + tokens - 1) / pageSize);
  const shared = Math.floor((prompt - 1) / pageSize);
  return each + (answers - 1) * (each - shared);
}

/** Most tokens of each answer that `pages` pages hold; 0 when not even one fits. */
export function longestAnswers(prompt: number, answers: number, pageSize: number, pages: number): number {
  const shared = Math.floor((prompt - 1) / pageSize);
  const own = Math.floor((pages - shared) / answers);
  return Math.max(0, (shared + own) * pageSize - prompt + 1);
}
