// What pages are built from.

export { type Column, DataTable, TableFrame } from '../../views/table.tsx';
export { announce } from './announce.tsx';
export { Chips, type ChipsProps } from './chips.tsx';
export { CodePane, type CodePaneProps } from './code.tsx';
export { CopyButton, type CopyButtonProps } from './copy-button.tsx';
export { InTurn } from './in-turn.tsx';
export { type Key, useKeys } from './keys.tsx';
export { Measured } from './measured.tsx';
export { narrow } from './narrow.ts';
export { NumberField, type NumberFieldProps } from './number-field.tsx';
export { Badge, Caption, Panel, type PanelProps } from './panel.tsx';
export { Progress, type ProgressProps } from './progress.tsx';
export { chooseFiles, copyText, download } from './save.ts';
export { type Option, Segmented, type SegmentedProps } from './segmented.tsx';
export { Term } from './term.tsx';
export { tipOn } from './tip.tsx';
export { useDrop } from './use-drop.ts';
