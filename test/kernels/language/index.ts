// All programs that compare the language part by part with a device.

import { flowPrograms } from './flow.ts';
import { numbersPrograms } from './numbers.ts';
import type { LanguageProgram } from './program.ts';
import { restPrograms } from './rest.ts';
import { typesPrograms } from './types.ts';

export const languagePrograms: readonly LanguageProgram[] = [
  ...numbersPrograms,
  ...flowPrograms,
  ...typesPrograms,
  ...restPrograms,
];
