// A step's time on the device by op: each timed apart, beside the measured whole. Estimated, and said so.

import type { StepSplit } from '../../measure/split.ts';
import { figure, percent } from '../format.ts';

/** What the figures are, in words. */
export function describeSplit({ sumMs, wholeMs, residualMs, n }: StepSplit): string {
  const residual = `${residualMs < 0 ? '−' : ''}${figure(Math.abs(residualMs))}`;
  return `Estimated: WebGPU tells times at pass boundaries only, so each op was timed apart, on this step’s own buffers. Apart they take ${figure(sumMs)} ms; the whole step takes ${figure(wholeMs)} ms on the device. The residual of ${residual} ms is shared out; medians of ${n}.`;
}

export function SplitTable({ split }: { readonly split: StepSplit }) {
  const most = split.parts[0]?.estimatedMs ?? 1;
  return (
    // what scrolls takes focus, so that a keyboard can scroll it
    <section class="table-frame" aria-label="A step by op" tabIndex={0}>
      <table class="split-table">
        <thead>
          <tr>
            <th scope="col">part</th>
            <th scope="col" class="split-kernel">
              kernel
            </th>
            <th scope="col">
              <span class="offscreen">share, drawn</span>
            </th>
            <th scope="col">share</th>
            <th scope="col">estimated ms</th>
            <th scope="col">apart ms</th>
          </tr>
        </thead>
        <tbody>
          {split.parts.map((part) => (
            <tr key={part.role}>
              <th scope="row">
                {part.role}
                {part.count > 1 && <span class="quiet-text"> {part.count}×</span>}
              </th>
              <td class="split-kernel">
                {part.op}/{part.version}
              </td>
              <td class="split-bar">
                <span style={{ width: `${(100 * part.estimatedMs) / most}%` }} />
              </td>
              <td>{percent(part.estimatedMs / split.wholeMs)}</td>
              <td>{figure(part.estimatedMs)}</td>
              <td>{figure(part.ms)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">whole step</th>
            <td class="split-kernel" />
            <td />
            <td />
            <td>{figure(split.wholeMs)}</td>
            <td>{figure(split.sumMs)}</td>
          </tr>
        </tfoot>
      </table>
    </section>
  );
}
