// The value of the name under the pointer, in the focus lane and across all lanes: as it is at the cursor.

import { figure } from '../../views/format.ts';
import { exactValue } from '../../views/step/matrix.ts';
import { nameAt } from '../../views/step/source-marks.ts';
import { rangeOf } from '../../views/step/watch-map.tsx';
import { frame, hoveredName } from './session.ts';
import { step } from './view.ts';

interface CaretPlace {
  readonly node: Node;
  readonly offset: number;
}

/** The text position under a point, by the standard call or by WebKit's. */
function caretAt(x: number, y: number): CaretPlace | null {
  if ('caretPositionFromPoint' in document) {
    const at = document.caretPositionFromPoint(x, y);
    return at ? { node: at.offsetNode, offset: at.offset } : null;
  }
  return null;
}

/** Follows the pointer over the source. */
export function hoverSource(event: PointerEvent): void {
  const caret = caretAt(event.clientX, event.clientY);
  const row = caret?.node.parentElement?.closest('code');
  if (!caret || !row) {
    hoveredName.value = null;
    return;
  }
  // a name may be cut by highlights: look at the whole line
  let offset = caret.offset;
  const walker = document.createTreeWalker(row, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node && node !== caret.node; node = walker.nextNode())
    offset += node.textContent?.length ?? 0;
  const name = nameAt(row.textContent ?? '', offset);
  const root = name?.split('.')[0];
  const known = frame.peek()?.variables.some((v) => v.name === root && v.type.kind !== 'pointer');
  hoveredName.value = name && known ? name : null;
}

export const leaveSource = (): void => {
  hoveredName.value = null;
};

/** What the pointer is on, in words. */
export function HoveredValue() {
  const name = hoveredName.value;
  const f = frame.value;
  const watch = f?.watches.find((w) => w.expression === name);
  if (!name || !watch) return <>Point at a name for its value; click a line number to stop there.</>;
  if (!watch.answer.ok) return <>{`${name}: ${watch.answer.error.message}`}</>;
  const { values, valid, components, type } = watch.answer.value;
  const { lane } = step.view.value;
  const scalar =
    type.kind === 'scalar' || type.kind === 'vector' || type.kind === 'matrix' ? type.scalar : 'f32';
  const reading = scalar === 'bool' ? 'u32' : scalar;
  const own = Array.from({ length: Math.min(components, 16) }, (_, i) =>
    exactValue(reading, values[lane * components + i] ?? 0),
  ).join(', ');
  const first = values.filter((_, i) => i % components === 0);
  const { low, high } = rangeOf(first, valid);
  return (
    <>
      <code>{name}</code> {type.name} · lane {lane}: <b>{valid[lane] === 1 ? own : 'not in scope'}</b>
      {components === 1 && low < high ? ` · all lanes ${figure(low)} … ${figure(high)}` : ''}
    </>
  );
}
