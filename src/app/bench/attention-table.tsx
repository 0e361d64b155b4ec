// The table of the Attention tab: a shape a row.

import type { AttentionFigure } from '../../measure/attention.ts';
import { figure, percent, spoken } from '../../views/format.ts';
import { ratioText } from '../../views/ratios.tsx';
import { Badge, TableFrame } from '../ui/index.ts';
import { stepLink } from './view.ts';

const cell = (value: number | null): string => (value === null ? '–' : figure(value));

const columns = [
  'phase',
  'batch',
  'context',
  'group',
  'KV',
  'page',
  'version',
  'timing',
  'paged ms',
  'contiguous ms',
  'gather ms',
  'reading ms',
  'time over contiguous',
  'gather + contiguous over paged',
  'of read bandwidth',
  'bound',
];

export function AttentionTable({ of }: { readonly of: readonly AttentionFigure[] }) {
  return (
    <TableFrame label="Attention, by shape">
      <thead>
        <tr>
          {columns.map((head) => (
            <th key={head} scope="col">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {of.map((f) => (
          <tr key={f.shape}>
            <th scope="row">
              {f.of.phase}
              {f.of.phase === 'prefill' && `, ${f.of.tokens} tokens`}
            </th>
            <td>{f.of.batch}</td>
            <td>{f.of.context}</td>
            <td>{f.of.group}</td>
            <td>{f.of.kv}</td>
            <td>{f.of.page}</td>
            {f.why === null ? (
              <>
                <td>
                  <a href={stepLink('paged_attention', f.version, 'f32')}>{spoken(f.version)}</a>
                </td>
                <td>{f.timing}</td>
                <td>
                  <b>{cell(f.pagedMs)}</b>
                </td>
                <td>{cell(f.contiguousMs)}</td>
                <td>{cell(f.gatherMs)}</td>
                <td>{cell(f.readMs)}</td>
                <td>{f.overContiguous ? ratioText(f.overContiguous) : '–'}</td>
                <td>{f.gatherDense ? ratioText(f.gatherDense) : '–'}</td>
                <td>{f.readFraction === null ? '–' : percent(f.readFraction)}</td>
                <td>{f.bound ? <Badge>{f.bound}</Badge> : '–'}</td>
              </>
            ) : (
              <td class="left" colSpan={columns.length - 6}>
                {f.why}
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </TableFrame>
  );
}
