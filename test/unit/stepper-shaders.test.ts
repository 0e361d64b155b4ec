// Every shipped shader, every version, found through the catalog: clean of findings and correct against its
// op's reference, at the op's step shape, for every number type that it has.
import { describe, expect, it } from 'vitest';
import { unwrap } from '../../src/core/result.ts';
import { catalog } from '../../src/kernels/catalog.ts';
import { runShipped } from '../../src/stepper/shipped.ts';

for (const { op, versions } of catalog.values()) {
  describe(op.id, () => {
    for (const version of versions) {
      for (const dtype of version.dtypes) {
        it(`${version.id} ${dtype} is clean and correct`, () => {
          const result = unwrap(runShipped(op, version, { dtype, order: { kind: 'adversarial' } }));
          expect(result.passes.flatMap((p) => p.run.found().map((f) => f.message))).toEqual([]);
          expect(Object.keys(result.verdicts).length).toBeGreaterThan(0);
          for (const [name, verdict] of Object.entries(result.verdicts)) {
            expect(verdict, `${name}: ${JSON.stringify(verdict.worst)}`).toMatchObject({ verified: true });
          }
        });
      }
    }
  });
}
