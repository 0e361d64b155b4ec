// npm run layers: holds the import rules of .dependency-cruiser.cjs. It calls dependency-cruiser's API, because
// version 18, the first whose swc parser reads .tsx, refuses Node 20 in its command though it runs there. A run that
// saw too few modules fails: under a parser that cannot read TypeScript it would pass without having looked.
import { createRequire } from 'node:module';
import { cruise } from 'dependency-cruiser';

const rules = createRequire(import.meta.url)('../.dependency-cruiser.cjs');
const { options, ...ruleSet } = rules;
const { output } = await cruise(['src', 'shaders', 'bench'], { ...options, ruleSet, validate: true });
const { modules, summary } = output;
const own = modules.filter((m) => /^(src|shaders|bench)\/.*\.tsx?$/.test(m.source));
for (const { rule, from, to } of summary.violations)
  console.error(`${rule.severity} ${rule.name}: ${from} → ${to}`);
const seen = own.length > 100 && own.some((m) => m.source.endsWith('.tsx') && m.dependencies.length > 0);
if (!seen) console.error(`only ${own.length} modules were read: this check looked at nothing`);
console.log(`${own.length} modules, ${summary.violations.length} violations`);
process.exitCode = summary.error > 0 || !seen ? 1 : 0;
