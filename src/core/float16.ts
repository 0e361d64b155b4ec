// Half precision: the language's own Float16Array where there is one (Chrome 135, Node 24), else the ponyfill, whose typed array is a
// proxy and takes some hundred times as long a cell.

import { Float16Array as Ponyfill } from '@petamoriken/float16';

type Float16ArrayConstructor = typeof Ponyfill;

const own = (globalThis as { readonly Float16Array?: Float16ArrayConstructor }).Float16Array;

export const Float16Array: Float16ArrayConstructor = own ?? Ponyfill;
export type Float16Array = InstanceType<Float16ArrayConstructor>;
