// The keyboard of a page: it names its keys once, they work while it is shown, and `?` lists them.

import { computed, signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

export interface Key {
  /** As KeyboardEvent.key gives it; `Shift+ArrowLeft` with a modifier. */
  readonly key: string;
  /** What it does, in a few words. */
  readonly label: string;
  /** Left out for keys that a focused part handles itself and that are only listed here. */
  readonly run?: () => void;
}

interface Group {
  readonly title: string;
  readonly keys: readonly Key[];
}

const groups = signal<readonly Group[]>([]);
const overlay = signal(false);

/** Opens or closes the list of keys. */
export const toggleKeys = (): void => {
  overlay.value = !overlay.value;
};

/** Makes `keys` work, and be listed under `title`, while the calling component is mounted. */
export function useKeys(title: string, keys: readonly Key[]): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    // the runs are looked up when pressed, so that they see the newest render
    const listed = keys.map(
      (key, i): Key => ({ ...key, ...(key.run && { run: () => latest.current[i]?.run?.() }) }),
    );
    const group: Group = { title, keys: listed };
    groups.value = [...groups.value, group];
    return () => {
      groups.value = groups.value.filter((g) => g !== group);
    };
  }, []);
}

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  target.closest('input:not([type=checkbox],[type=radio]), textarea, select, [contenteditable]') !== null;

/** Whether an arrow scrolls what has the focus: wide tables and code take it for that alone. */
function scrolls(focused: Element, key: string): boolean {
  const { overflowX, overflowY } = getComputedStyle(focused);
  const [overflow, hidden] =
    key === 'ArrowLeft' || key === 'ArrowRight'
      ? [overflowX, focused.scrollWidth - focused.clientWidth]
      : [overflowY, focused.scrollHeight - focused.clientHeight];
  return (overflow === 'auto' || overflow === 'scroll') && hidden > 0;
}

/** Keys that the focused part answers itself: Enter and Space on a button, arrows on radio buttons and where they scroll. */
function ownKey(target: EventTarget | null, { key, shiftKey }: KeyboardEvent): boolean {
  if (!(target instanceof Element)) return false;
  if (key === 'Enter' || key === ' ')
    return target.closest('button, a[href], summary, input, [role=slider]') !== null;
  if (!key.startsWith('Arrow')) return false;
  return target.closest('input[type=radio]') !== null || (!shiftKey && scrolls(target, key));
}

window.addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event.target))
    return;
  if (ownKey(event.target, event)) return;
  if (event.key === '?') {
    toggleKeys();
    event.preventDefault();
    return;
  }
  if (overlay.value) return;
  const plain = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const name = event.shiftKey && event.key.length > 1 ? `Shift+${plain}` : plain;
  const key = groups.value.flatMap((group) => group.keys).findLast((k) => k.key === name && k.run);
  if (!key?.run) return;
  key.run();
  event.preventDefault();
});

const caps: Readonly<Record<string, string>> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  ' ': 'Space',
  Escape: 'Esc',
};
const cap = (key: string): string =>
  key
    .split('+')
    .map((part) => caps[part] ?? (part === 'Shift' ? '⇧' : part.length === 1 ? part.toUpperCase() : part))
    .join('');

const listed = computed((): readonly Group[] => [
  ...groups.value,
  {
    title: 'Everywhere',
    keys: [
      { key: '?', label: 'this list' },
      { key: 'Tab', label: 'to the next control' },
    ],
  },
]);

/** The list of keys; in the top layer, closed by Escape or a click beside it. */
export function KeysOverlay() {
  const ref = useRef<HTMLDialogElement>(null);
  const open = overlay.value;
  useEffect(() => {
    if (open) ref.current?.showModal();
    else ref.current?.close();
  }, [open]);
  const close = (): void => {
    overlay.value = false;
  };
  return (
    <dialog ref={ref} class="keys" aria-label="Keys" onClose={close} closedby="any">
      <h2>Keys</h2>
      <div class="keys-groups">
        {open &&
          listed.value.map((group) => (
            <section key={group.title}>
              <h3>{group.title}</h3>
              <dl>
                {group.keys.map((key) => (
                  <div key={key.key}>
                    <dt>
                      <kbd>{cap(key.key)}</kbd>
                    </dt>
                    <dd>{key.label}</dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
      </div>
      <button type="button" onClick={close}>
        Close
      </button>
    </dialog>
  );
}
