// A term of the field, explained in place by its one sentence from GLOSSARY.md.

import { glossary } from '../glossary.ts';
import { tipOn } from './tip.tsx';

export interface TermProps {
  /** The entry in GLOSSARY.md, and the text shown when there are no children. */
  readonly of: string;
  readonly children?: string;
}

export function Term({ of, children = of }: TermProps) {
  const sentence = glossary.value.get(of.toLowerCase());
  if (!sentence) return <>{children}</>;
  return (
    <button type="button" class="term" aria-description={sentence} {...tipOn(`${of}: ${sentence}`)}>
      {children}
    </button>
  );
}
