// Inside a step: what the steps at the cursor were made of, the dispatches of one of them, and the way from a dispatch to
// the Step page with its real buffers.

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { seconds } from '../../views/batching/axis.ts';
import type { Inspection } from '../../worker/serving/protocol.ts';
import { pageLink } from '../router.ts';
import { Panel, Segmented, TableFrame } from '../ui/index.ts';
import { cursor, lanes, mode, playedTo } from './cursor.ts';
import {
  type Inside,
  inside,
  insideFailure,
  inspected,
  inspecting,
  keyOf,
  lookInside,
  measuredHere,
  modelOf,
  openDispatch,
  pinStep,
} from './inside.ts';
import { gpuMissing, ownProgress, runOwn } from './own-run.ts';
import type { Shown } from './shown.ts';
import { StepTable } from './step-table.tsx';
import { batching } from './view.ts';

export function InsidePanel({ shown }: { readonly shown: Shown }) {
  const { door, lane } = batching.view.value;
  const open = door === 'step' && playedTo.value === null && !shown.running;
  const before = useRef(open);
  useEffect(() => {
    const panel = document.getElementById('inside-step');
    // who opened it by key goes on in it; a link that opens with it leaves the focus where pages begin
    if (open && !before.current) panel?.focus({ preventScroll: true });
    if (open) panel?.scrollIntoView({ block: 'nearest' });
    before.current = open;
  }, [open]);
  if (!open) return null;
  const at = inside.value;
  return (
    <div id="inside-step" data-testid="inside-step" tabIndex={-1}>
      <Panel
        title={at ? `Inside step ${at.step + 1} of ${at.lane.track.title}` : 'Inside a step'}
        class="inside-panel"
        actions={
          lanes.value.length > 1 && (
            <Segmented
              label="Track"
              small
              value={String(Math.min(lane, lanes.value.length - 1))}
              options={lanes.value.map((l, i) => ({ value: String(i), label: l.track.title }))}
              onChange={(next) => batching.adjust({ lane: Number(next) })}
            />
          )
        }
      >
        <p>
          A step is one flat batch: every row brings its tokens, and each layer runs the same kernels over all
          of them. {mode.value === 'time' ? `The steps at ${seconds(cursor.value ?? 0)}` : 'The steps here'}{' '}
          are made of this:
        </p>
        <StepTable />
        {at ? (
          <Dispatches at={at} />
        ) : (
          <p class="quiet-text">This track runs no step here: move the cursor.</p>
        )}
      </Panel>
    </div>
  );
}

function Dispatches({ at }: { readonly at: Inside }) {
  const { header } = at.run;
  const missing = gpuMissing();
  const found = inspected.value?.key === keyOf(at) ? inspected.value.inspection : null;
  if (header.clock !== 'wall') return <Simulated at={at} missing={missing} />;
  if (!modelOf(header))
    return (
      <p class="quiet-text">
        The weights of this run ({header.numerics['model']}) cannot be made here, so its step cannot be
        computed again.
      </p>
    );
  if (missing !== null)
    return <p class="quiet-text">To list its dispatches the step is computed again on a GPU: {missing}.</p>;
  return (
    <>
      {found ? (
        <Found key={keyOf(at)} at={at} found={found} />
      ) : (
        <p>
          <button type="button" class="primary" disabled={inspecting.value} onClick={() => void lookInside()}>
            {inspecting.value ? 'Computing the step again …' : 'Show its dispatches'}
          </button>{' '}
          <span class="quiet-text">
            The step is computed once more on your GPU, from the tokens of the run
            {measuredHere(header) === false && `; the run itself was measured on ${header.device}`}.
          </span>
        </p>
      )}
      {insideFailure.value && (
        <p class="bad-text" role="alert">
          {insideFailure.value.message} {insideFailure.value.hint}
        </p>
      )}
    </>
  );
}

/** A virtual run has no buffers; the same requests served for real have. */
function Simulated({ at, missing }: { readonly at: Inside; readonly missing: string | null }) {
  const real = async (): Promise<void> => {
    const { index, step } = at;
    await runOwn();
    pinStep(index, step);
  };
  return (
    <p>
      This step was simulated: it has a plan and a time from a cost model, but no buffers and no kernels.{' '}
      {missing === null ? (
        <button
          type="button"
          class="primary"
          disabled={ownProgress.value !== null}
          onClick={() => void real()}
        >
          Run it on your GPU, then look inside
        </button>
      ) : (
        <>
          It could be run for real on a GPU: {missing}.{' '}
          <a href={pageLink('step')}>Follow one kernel without one</a>, lane by lane, with small inputs.
        </>
      )}
    </p>
  );
}

const layerName = (layer: number | string): string => (typeof layer === 'number' ? `layer ${layer}` : layer);

/** The dims that say how much work it is; how cells are stored is the kernel's business. */
const SIZES = ['m', 'n', 'k', 't', 'items', 'heads', 'head_dim'];
const sizesOf = (dims: Readonly<Record<string, number>>): string =>
  SIZES.filter((dim) => dims[dim] !== undefined)
    .map((dim) => `${dim} ${dims[dim]}`)
    .join(', ');

function Found({ at, found }: { readonly at: Inside; readonly found: Inspection }) {
  const { dispatches, compared, same } = found;
  const layers = [...new Set(dispatches.map((d) => String(d.name.layer)))];
  const layer = useSignal(layers.find((l) => l === '0') ?? layers[0] ?? '');
  const inLayer = dispatches.filter((d) => String(d.name.layer) === layer.value);
  const here = measuredHere(at.run.header) ? '' : ` The run was measured on ${at.run.header.device}.`;
  return (
    <>
      <div class="inside-found">
        <p data-testid="same-step">
          {dispatches.length} dispatches. Computed again here{' '}
          {compared === 0 ? (
            'without a token to compare'
          ) : same === compared ? (
            <b class="good-text">
              with the same {compared === 1 ? 'token' : `${compared} tokens`} as in the run ✔
            </b>
          ) : (
            <b class="bad-text">
              {compared - same} of {compared} tokens differ from the run: another device rounds otherwise ✘
            </b>
          )}
          .{here}
        </p>
        <label class="knob">
          <span>layer</span>
          <select value={layer.value} onChange={(event) => (layer.value = event.currentTarget.value)}>
            {layers.map((l) => (
              <option key={l} value={l}>
                {/^\d+$/.test(l) ? `layer ${l}` : l}
              </option>
            ))}
          </select>
        </label>
      </div>
      <TableFrame label={`Dispatches of ${layerName(layer.value)}`} class="dispatch-table">
        <thead>
          <tr>
            <th scope="col" class="left">
              Dispatch
            </th>
            <th scope="col" class="left">
              Kernel
            </th>
            <th scope="col" class="left">
              Sizes
            </th>
            <th scope="col">
              <span class="offscreen">Open it</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {inLayer.map(({ name, dims }) => (
            <tr key={name.role}>
              <th scope="row">{name.role.replaceAll('_', ' ')}</th>
              <td class="left">
                <code>
                  {name.op}/{name.version}
                </code>
              </td>
              <td class="left quiet-text small-text">{sizesOf(dims)}</td>
              <td>
                <button
                  type="button"
                  class="small"
                  disabled={inspecting.value}
                  aria-label={`Open ${name.role} of ${layerName(name.layer)} in Step`}
                  onClick={() => void openDispatch(name)}
                >
                  Open in Step
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </TableFrame>
      <p class="quiet-text small-text">Step opens it with the bytes that it read, one workgroup in view.</p>
    </>
  );
}
