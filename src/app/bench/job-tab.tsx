// The frame of a tab with one benchmark: what it is about, what can be chosen, the run, and what it gave.

import type { ComponentChildren } from 'preact';
import { Panel, useKeys } from '../ui/index.ts';
import type { Job } from './job.ts';
import { JobBar } from './job-bar.tsx';
import { type MeasuredFile, ResultHead } from './result-head.tsx';
import { tabTitles } from './view.ts';

export interface JobTabProps {
  readonly job: Job<MeasuredFile>;
  readonly lead: ComponentChildren;
  /** What the choices say: `Which caches`. */
  readonly title: string;
  readonly choices: ComponentChildren;
  /** Why it cannot run; empty when it can. */
  readonly obstacle: string;
  readonly onRun: () => void;
  readonly note: string;
  /** Whether there is something to show; else `empty` says what a run shows. */
  readonly shown: boolean;
  readonly empty: string;
  readonly children: ComponentChildren;
}

export function JobTab({
  job,
  lead,
  title,
  choices,
  obstacle,
  onRun,
  note,
  shown,
  empty,
  children,
}: JobTabProps) {
  useKeys(tabTitles[job.tab], [
    { key: 'r', label: 'run on this device', run: onRun },
    { key: 'Escape', label: 'cancel, keep what is done', run: job.stop },
  ]);
  const file = job.file.value;
  const running = job.running.value;
  return (
    <>
      <p class="lead">{lead}</p>
      <Panel title={title} class="tab-choose">
        {choices}
        <JobBar job={job} obstacle={obstacle} onRun={onRun} note={note} />
      </Panel>
      {file && !running && <ResultHead file={file} name={job.tab} />}
      {shown && children}
      {!shown && !running && <p class="empty">Nothing has been measured here yet. {empty}</p>}
    </>
  );
}
