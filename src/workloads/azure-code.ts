// Like the Azure LLM inference trace 2023, coding service (Patel et al., Splitwise, ISCA 2024; CC-BY-4.0):
// rate, gaps and quantiles of lengths of its 8,819 requests. The quartiles and the 95th percentile were
// chosen so that the means (2048 and 28) come out too.

import { likeTrace } from './blocks/real-trace.ts';

export default likeTrace({
  id: 'azure-code',
  title: 'Azure-like code',
  about: 'Completion: prompts of two thousand tokens, answers of a dozen, arrivals in heavy bursts.',
  rate: 2.57,
  gapVariation: 13.2,
  prompt: [
    [0, 3],
    [0.1, 98],
    [0.25, 376],
    [0.5, 1469],
    [0.75, 2808],
    [0.9, 5188],
    [0.99, 7436],
    [1, 7437],
  ],
  output: [
    [0, 1],
    [0.1, 7],
    [0.25, 9],
    [0.5, 13],
    [0.75, 19],
    [0.9, 55],
    [0.95, 84],
    [0.99, 251],
    [0.999, 400],
    [1, 1899],
  ],
});
