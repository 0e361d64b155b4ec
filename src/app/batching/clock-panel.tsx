// How good the virtual clock is that is in use: what it rests on, its errors for steps that it had not seen, and each kind of step
// predicted against measured.

import { describeCost } from '../../engine/cost-model.ts';
import type { Fit } from '../../engine/fit.ts';
import { FitPlot } from '../../views/batching/fit-plot.tsx';
import { figure, grouped, percent } from '../../views/format.ts';
import { Measured, TableFrame } from '../ui/index.ts';
import { FigureActions } from './figure-actions.tsx';
import { fitHere, gpuMissing, ownProgress } from './own-run.ts';
import { cost, ownFits } from './wanted.ts';

export function ClockPanel() {
  const clock = cost.value;
  const fit = ownFits.value.find((one) => one.cost.id === clock.id);
  const { provenance } = clock;
  const missing = gpuMissing();
  return (
    <div class="figures" data-testid="clock-panel">
      <p>
        The virtual clock in use: <b>{describeCost(clock)}</b>.
        {provenance.kind !== 'fitted' && ' Nothing here was measured.'}
      </p>
      {fit ? (
        <Errors
          rows={[
            ['Kinds of steps that the fit had not seen', fit.residuals],
            ['Steps served afterwards, saturated', fit.served],
          ]}
        />
      ) : (
        provenance.kind === 'fitted' && (
          <Errors rows={[['Kinds of steps that the fit had not seen', provenance.residuals]]} />
        )
      )}
      {fit && (
        <>
          <figure class="figure">
            <FigureActions name="lockstep-fit" titles={[]} source={describeCost(clock)} />
            <Measured>
              {(width) => <FitPlot steps={fit.steps} clock={clock} width={Math.min(width, 620)} />}
            </Measured>
          </figure>
          <p class="quiet-text">
            Each kind of step as it was fitted; on the line the clock is right. Saturated, this device serves{' '}
            {figure(fit.capacity.requests)} requests and {figure(fit.capacity.tokens)} tokens a second of the
            usual mix.
          </p>
        </>
      )}
      {missing === null ? (
        <p>
          <button type="button" disabled={ownProgress.value !== null} onClick={() => void fitHere()}>
            {fit ? 'Fit it again' : 'Fit the clock to your GPU'}
          </button>{' '}
          <span class="quiet-text">
            One fit is kept for each model that serves and each device; {ownFits.value.length} so far.
          </span>
        </p>
      ) : (
        <p class="quiet-text">It could be fitted to a GPU here: {missing}.</p>
      )}
    </div>
  );
}

function Errors({ rows }: { readonly rows: readonly (readonly [string, Fit['residuals']])[] }) {
  return (
    <TableFrame label="Errors of the virtual clock">
      <thead>
        <tr>
          <th scope="col" class="left">
            Relative error of
          </th>
          <th scope="col">Steps</th>
          <th scope="col">Median</th>
          <th scope="col">p90</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([what, { n, median, p90 }]) => (
          <tr key={what}>
            <th scope="row">{what}</th>
            <td>{grouped(n)}</td>
            <td>{percent(median)}</td>
            <td>{percent(p90)}</td>
          </tr>
        ))}
      </tbody>
    </TableFrame>
  );
}
