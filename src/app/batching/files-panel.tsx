// Out of the page and into it: run files, traces for other viewers, tables, pictures; recipe and result links.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { chromeTrace } from '../../engine/chrome-trace.ts';
import { requestsCsv, servingBenchmark } from '../../views/batching/exports.ts';
import { paintTrack } from '../../views/batching/paint.ts';
import { SvgPen } from '../../views/batching/pen.ts';
import { ticksOf } from '../../views/batching/ticks.ts';
import { bytes } from '../../views/format.ts';
import { absolute } from '../router.ts';
import { announce, CopyButton, chooseFiles, download } from '../ui/index.ts';
import { mode, range } from './cursor.ts';
import { geometryOf } from './geometry.ts';
import { palette } from './palette.ts';
import { packResult } from './result-link.ts';
import { readRuns, writeRuns } from './runs.ts';
import { savePicture } from './save-figure.ts';
import { fileRuns, type Shown } from './shown.ts';
import { batching } from './view.ts';
import { pool, trackKeys, workText } from './wanted.ts';

const tracksOf = (shown: Shown) => shown.lanes.map((lane) => lane.track);
const allRuns = (shown: Shown) => shown.lanes.flatMap((lane) => lane.runs.map((run) => run.served));

/** The link in which anyone computes the same comparison: with the lesson goes what it had lent, its pool too. */
export const recipe = (): string =>
  absolute(
    batching.link({
      from: 'virtual',
      tracks: [...trackKeys.value],
      work: workText.value,
      pages: pool.value.pages,
      page: pool.value.pageSize,
      lesson: 'none',
      result: '',
      guess: [],
    }),
  );

/** The link that carries these very figures, packed. */
const resultLink = (result: string): string =>
  absolute(batching.link({ from: 'link', result, tracks: [], work: '', lesson: 'none', guess: [] }));

function trace(shown: Shown): string {
  const events = shown.lanes.flatMap((lane, i) => chromeTrace(lane.track.trace, lane.track.title, i + 1));
  return JSON.stringify({ displayTimeUnit: 'ms', otherData: { device: shown.device }, traceEvents: events });
}

function benchmark(shown: Shown): string {
  const run = shown.lanes[0]?.runs[0]?.served;
  return servingBenchmark(tracksOf(shown), {
    date: shown.date ?? new Date().toISOString(),
    backend: `lockstep, ${shown.device}`,
    model: run?.header.numerics['model'] ?? 'unknown',
  });
}

/** The tracks as a picture of their own: all rows, in the range in view. */
export function tracksSvg(
  shown: Shown,
): { readonly text: string; readonly width: number; readonly height: number } | null {
  const colors = palette.peek();
  if (!colors) return null;
  const width = 1280;
  const most = Math.max(1, ...tracksOf(shown).map((t) => t.requests));
  const g = geometryOf(width, 1, most, { presenting: false, viewport: 2000 });
  const pen = new SvgPen(colors);
  const ticks = ticksOf(range.peek(), mode.peek(), g.plot);
  const view = {
    mode: mode.peek(),
    range: range.peek(),
    left: g.gutter,
    width: g.plot,
    height: g.rows.total,
    rowHeight: g.rows.rowHeight,
    scroll: 0,
    until: Number.POSITIVE_INFINITY,
    ticks: ticks.map((t) => t.place),
  };
  let y = 26;
  for (const tick of ticks)
    pen.text(
      g.gutter + ((tick.place - view.range.from) / (view.range.to - view.range.from)) * g.plot + 4,
      12,
      tick.label,
      { ink: 'ink-2' },
    );
  for (const track of tracksOf(shown)) {
    pen.text(16, y + 16, track.title, { bold: true, size: 15 });
    pen.offset(y, () => paintTrack(pen, track, view));
    y += g.rows.total + 16;
  }
  pen.text(16, y + 10, `${shown.simulated ? 'Simulated on the virtual clock: ' : ''}${shown.device}`, {
    ink: 'ink-2',
    size: 11,
  });
  return { text: pen.file(width, y + 24), width, height: y + 24 };
}

function saveTracks(shown: Shown, how: 'svg' | 'png'): void {
  const picture = tracksSvg(shown);
  if (picture) void savePicture('lockstep-tracks', picture, how);
}

/** Opens run files; what cannot be read is named. */
export async function openRunFiles(files: readonly File[]): Promise<string> {
  const runs = [];
  for (const file of files) {
    const read = readRuns(await file.text());
    if (!read.ok) return `${file.name}: ${read.error.message} ${read.error.hint}`;
    runs.push(...read.value);
  }
  if (runs.length === 0) return '';
  fileRuns.value = runs;
  // a lesson speaks of its own runs alone
  const none = { lesson: 'none', tracks: [], work: '', guess: [], request: 0, lane: 0 };
  batching.go({ ...none, from: 'file', at: '', zoom: [], result: '', door: '' });
  announce(`Opened ${runs.length === 1 ? 'one run' : `${runs.length} runs`}.`);
  return '';
}

export function FilesPanel({ shown }: { readonly shown: Shown }) {
  const problem = useSignal('');
  // the address says nothing of how opened runs came about
  const foreign = shown.source === 'file' || shown.source === 'link';
  return (
    <div class="files">
      <div class="files-group">
        <h3>Save</h3>
        <button type="button" onClick={() => download('lockstep-runs.json', writeRuns(allRuns(shown)))}>
          Run file
        </button>
        <button type="button" onClick={() => download('lockstep-trace.json', trace(shown))}>
          Chrome trace
        </button>
        <button
          type="button"
          onClick={() => download('lockstep-requests.csv', requestsCsv(tracksOf(shown)), 'text/csv')}
        >
          CSV of requests
        </button>
        <button type="button" onClick={() => download('lockstep-benchmark.json', benchmark(shown))}>
          JSON as vLLM’s benchmark
        </button>
        <button type="button" onClick={() => saveTracks(shown, 'svg')}>
          Tracks as SVG
        </button>
        <button type="button" onClick={() => saveTracks(shown, 'png')}>
          Tracks as PNG
        </button>
      </div>
      <div class="files-group">
        <h3>Open</h3>
        <button
          type="button"
          onClick={() =>
            void chooseFiles('.json')
              .then(openRunFiles)
              .then((said) => {
                problem.value = said;
              })
          }
        >
          Open run files
        </button>
        {problem.value && <p class="bad-text">{problem.value}</p>}
        <p class="quiet-text small-text">
          A run file replays through the engine: plans are checked again, times are its own.
        </p>
      </div>
      <div class="files-group">
        <h3>Link</h3>
        {!foreign && <CopyButton label="Recipe: compute this here" what="the recipe link" text={recipe} />}
        <ResultLink shown={shown} />
        <p class="quiet-text small-text">
          A result link carries the run that is drawn of each track, to the nanosecond, the figures of all its
          runs and the badge of their device; every run whole is in the run file.{' '}
          {foreign ? 'Of opened runs there is no recipe.' : 'A recipe carries no run.'}
        </p>
      </div>
    </div>
  );
}

/** Beyond this many characters, mail programs and chats cut a link. */
const LONGEST = 16_384;
/** A step takes about this many bytes before it is packed: what is far too long is not written out only to learn that. */
const [STEP_BYTES, MOST_BYTES] = [90, 4 * 2 ** 20];

function ResultLink({ shown }: { readonly shown: Shown }) {
  const about = shown.lanes.reduce((sum, { track }) => sum + track.steps * STEP_BYTES, 0);
  const packed = useSignal<string | null>(null);
  useEffect(() => {
    packed.value = null;
    let left = false;
    if (about <= MOST_BYTES)
      void packResult(shown).then((text) => {
        if (!left) packed.value = text;
      });
    return () => {
      left = true;
    };
  }, [shown]);
  const link = packed.value;
  if (link !== null && link.length <= LONGEST)
    return (
      <CopyButton label="Result: these very figures" what="the result link" text={() => resultLink(link)} />
    );
  return (
    <p class="quiet-text small-text" role="status">
      {link === null && about <= MOST_BYTES
        ? 'Packing the result …'
        : `A result of ${bytes(link?.length ?? about)} is too large for a link: send the run file.`}
    </p>
  );
}
