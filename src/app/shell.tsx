// The frame around every page: header, notices, the page itself, and the layers above it.

import { useSignal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { Header } from './header.tsx';
import { NoticeArea } from './notice-area.tsx';
import { firstPage, type Page, pages } from './page.ts';
import { place } from './router.ts';
import { LiveRegion } from './ui/announce.tsx';
import { KeysOverlay } from './ui/keys.tsx';
import { TipLayer } from './ui/tip.tsx';

type Shown =
  | { readonly kind: 'loading' }
  | { readonly kind: 'page'; readonly page: Page }
  | { readonly kind: 'unknown'; readonly id: string }
  | { readonly kind: 'failed'; readonly message: string };

function useCurrentPage(id: string): Shown {
  const shown = useSignal<Shown>({ kind: 'loading' });
  useEffect(() => {
    const load = pages.get(id);
    if (!load) {
      shown.value = { kind: 'unknown', id };
      return;
    }
    let current = true;
    load().then(
      (module) => {
        if (current) shown.value = { kind: 'page', page: module.default };
      },
      (error: unknown) => {
        if (current) shown.value = { kind: 'failed', message: String(error) };
      },
    );
    return () => {
      current = false;
    };
  }, [id, shown]);
  return shown.value;
}

function Titled({ page }: { readonly page: Page }) {
  const Content: ComponentType = page.component;
  return (
    <>
      <h1>{page.question}</h1>
      <Content />
    </>
  );
}

function Content({ shown }: { readonly shown: Shown }) {
  switch (shown.kind) {
    case 'loading':
      return null;
    case 'page':
      return <Titled key={shown.page.id} page={shown.page} />;
    case 'unknown':
      return (
        <>
          <h1>There is no page “{shown.id}”</h1>
          <p class="lead">
            The link may come from another version. Go to <a href={`#/${firstPage}`}>the first page</a>.
          </p>
        </>
      );
    case 'failed':
      return (
        <>
          <h1>This page could not be loaded</h1>
          <p class="lead">
            {shown.message} The site may have been updated: <a href={location.href}>reload it</a>, or check
            the connection.
          </p>
        </>
      );
  }
}

export function Shell() {
  const id = place.value.page || firstPage;
  const shown = useCurrentPage(id);
  const title = shown.kind === 'page' ? `${shown.page.title} · Lockstep` : 'Lockstep';
  useEffect(() => {
    document.title = title;
  }, [title]);
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        To the content
      </button>
      <Header page={id} />
      <NoticeArea />
      <main id="main" tabIndex={-1}>
        <Content shown={shown} />
      </main>
      <LiveRegion />
      <TipLayer />
      <KeysOverlay />
    </>
  );
}
