// Seeing at once that the GPU has finished. Chrome looks for finished work about once a millisecond (2.5 ms passed until the result of a
// short dispatch was back, on SwiftShader), and whenever its GPU process has handled a message. So a message
// goes there and back for as long as something is awaited: 0.6 ms for the same dispatch.

/** An error scope is the lightest round trip there is: it touches neither queue nor memory. */
type RoundTrips = Pick<GPUDevice, 'pushErrorScope' | 'popErrorScope' | 'lost'>;

/**
 * Not for an adapter that runs on the CPU: there the round trips take the cores that compute (a step of 10 ms took 17).
 */
export class Watch {
  readonly #device: RoundTrips;
  #waiting = 0;
  #lost = false;

  constructor(device: RoundTrips) {
    this.#device = device;
    void device.lost.then(() => {
      this.#lost = true;
    });
  }

  /** The same promise; until it settles, Chrome keeps looking. */
  over<T>(work: Promise<T>): Promise<T> {
    const done = (): void => {
      this.#waiting--;
    };
    work.then(done, done);
    if (this.#waiting++ === 0) void this.#look();
    return work;
  }

  /** One chain of round trips, however much is awaited. */
  async #look(): Promise<void> {
    while (this.#waiting > 0 && !this.#lost) {
      this.#device.pushErrorScope('internal');
      try {
        await this.#device.popErrorScope();
      } catch {
        return; // the device is lost, which whoever waits is told
      }
    }
  }
}
