// A link that names a captured dispatch whose buffers this page does not have: says so, and what is shown instead.

import { captureText, readCapture, recallCapture } from './captures.ts';
import { step } from './view.ts';

export function CaptureBanner() {
  const { capture } = step.view.value;
  if (capture === '' || recallCapture(capture)) return null;
  const name = readCapture(capture);
  return (
    <section class="notice" role="status">
      <div>
        <p>
          {name
            ? `This link shows a captured dispatch: ${captureText(name)} of a running model. Its buffers were in the page that captured it; links do not carry them, and a reload drops them.`
            : 'This link names a captured dispatch that cannot be read.'}
        </p>
        <ul>
          <li>
            Below is {name ? 'the same kernel' : 'a kernel'} on small inputs. For the real ones, run the model
            on the <a href="#/model">Model</a> page and open the dispatch from there.
          </li>
          <li>
            <button type="button" class="small" onClick={() => step.adjust({ capture: '' })}>
              Stay with the small inputs
            </button>
          </li>
        </ul>
      </div>
    </section>
  );
}
