// The slim header: pages, the device in one line, theme, a link to this view, the keys.

import { deviceLine } from '../measure/schema.ts';
import { type GpuState, gpu, openGpu } from './gpu.ts';
import { pages, titleOf } from './page.ts';
import { address, pageLink, place } from './router.ts';
import { theme, themes } from './theme.ts';
import { CopyButton } from './ui/copy-button.tsx';
import { toggleKeys } from './ui/keys.tsx';
import { tipOn } from './ui/tip.tsx';

function DeviceLine({ state }: { readonly state: GpuState }) {
  switch (state.kind) {
    case 'idle':
      return (
        <button type="button" class="quiet small" onClick={() => void openGpu()}>
          Ask for the GPU
        </button>
      );
    case 'opening':
      return <span>Asking for the GPU …</span>;
    case 'failed':
      return <span class="warn-text">No GPU: {state.failure.message}</span>;
    case 'lost':
      return <span class="warn-text">GPU lost</span>;
    case 'dead':
      return <span class="warn-text">Worker stopped</span>;
    case 'open': {
      const [name, ...rest] = deviceLine(state.device).split(' · ');
      return (
        <span>
          <b class={state.device.fallback ? 'warn-text' : ''}>{name}</b> · {rest.join(' · ')}
        </span>
      );
    }
  }
}

const themeNames = { system: 'Theme: as the system', light: 'Theme: light', dark: 'Theme: dark' } as const;
const themeMarks = { system: '◐', light: '○', dark: '●' } as const;

function ThemeButton() {
  const name = themeNames[theme.value];
  const next = (): void => {
    theme.value = themes[(themes.indexOf(theme.value) + 1) % themes.length] ?? 'system';
  };
  return (
    <button type="button" class="quiet icon" aria-label={name} onClick={next} {...tipOn(name)}>
      {themeMarks[theme.value]}
    </button>
  );
}

export function Header({ page }: { readonly page: string }) {
  return (
    <header class="top">
      <a class="home" href="#/">
        Lockstep
      </a>
      <nav aria-label="Pages">
        {[...pages.keys()].map((id) => (
          <a key={id} href={pageLink(id)} aria-current={id === page ? 'page' : undefined}>
            {titleOf(id)}
          </a>
        ))}
      </nav>
      <p class="device">
        <DeviceLine state={gpu.value} />
      </p>
      <div class="tools">
        {/* reading the place re-renders the button, so that it never copies an old link */}
        <CopyButton
          key={place.value.page}
          class="quiet small"
          label="Link"
          what="the link to this view"
          text={address}
        />
        <ThemeButton />
        <button
          type="button"
          class="quiet icon"
          aria-label="Keys"
          onClick={toggleKeys}
          {...tipOn('Keys of this page')}
        >
          ?
        </button>
      </div>
    </header>
  );
}
