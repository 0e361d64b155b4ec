// The tables of the Quality tab: a way of storing a row, and a task a row.

import { perplexity, type QualityRow, type Share, totalBytes } from '../../measure/quality.ts';
import { bytes, figure, percent } from '../../views/format.ts';
import { wayOf } from '../../views/quality-plot.tsx';
import { TableFrame } from '../ui/index.ts';
import { above, within } from './quality-words.ts';

const rate = (of: QualityRow['decode']): string => (of ? figure(of.tokensPerSecond) : '–');

const divergenceHeads = ['logit error, RMS', 'largest', 'KL, nats', 'KL, 99th percentile'] as const;
const divergence = ({ fromF32 }: QualityRow): readonly string[] =>
  fromF32
    ? [fromF32.logitRms, fromF32.logitMax, fromF32.klMean, fromF32.klP99].map((x) => figure(x))
    : divergenceHeads.map(() => '–');

export function WaysTable({ of, window }: { readonly of: readonly QualityRow[]; readonly window: number }) {
  const heads = [
    'stored',
    'weights',
    'KV a token',
    `with ${window} tokens`,
    'perplexity',
    'over f32',
    '95 %',
    'same first choice',
    ...divergenceHeads,
    'prefill tokens/s',
    'decode tokens/s',
  ];
  return (
    <TableFrame label="Ways of storing the model">
      <thead>
        <tr>
          {heads.map((head) => (
            <th key={head} scope="col">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {of.map((r) => (
          <tr key={wayOf(r)}>
            <th scope="row">{wayOf(r)}</th>
            {r.why === null ? (
              <>
                <td>{bytes(r.weightBytes)}</td>
                <td>{bytes(r.kvBytesPerToken)}</td>
                <td>{bytes(totalBytes(r, window))}</td>
                <td>
                  <b>{perplexity(r)?.toFixed(4)}</b>
                </td>
                <td>{above(r)}</td>
                <td class="pm">{within(r)}</td>
                <td>{r.agreement === null ? '–' : `${(100 * r.agreement).toFixed(2)} %`}</td>
                {divergence(r).map((text, i) => (
                  <td key={divergenceHeads[i]}>{text}</td>
                ))}
                <td>{rate(r.prefill)}</td>
                <td>{rate(r.decode)}</td>
              </>
            ) : (
              <td class="left" colSpan={heads.length - 1}>
                {r.why}
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </TableFrame>
  );
}

const share = (of: Share | undefined): string =>
  of ? `${percent(of.right / of.asked)} of ${of.asked}` : '–';

/** Where the lengths of a task's row begin: `recall ≤ 128`, `recall 129–512`, `recall > 512`; a whole task stands before them. */
const bandOf = (kind: string): number => (kind.includes('≤') ? 0 : Number(/\d+/.exec(kind)?.[0] ?? -1));
const taskOf = (kind: string): string => kind.split(' ')[0] ?? kind;
const byTask = (a: string, b: string): number => {
  const [x, y] = [taskOf(a), taskOf(b)];
  return x < y ? -1 : x > y ? 1 : bandOf(a) - bandOf(b);
};

export function TasksTable({ of }: { readonly of: readonly QualityRow[] }) {
  const scored = of.filter((r) => r.why === null);
  const kinds = Object.keys(scored[0]?.scores ?? {}).sort(byTask);
  return (
    <TableFrame label="Answers that are right, by task">
      <thead>
        <tr>
          <th scope="col">task</th>
          {scored.map((r) => (
            <th key={wayOf(r)} scope="col">
              {wayOf(r)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {kinds.map((kind) => (
          <tr key={kind}>
            <th scope="row">{kind}</th>
            {scored.map((r) => (
              <td key={wayOf(r)}>{share(r.scores[kind])}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </TableFrame>
  );
}
