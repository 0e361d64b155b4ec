// Like the Azure LLM inference trace 2023, conversation (Patel et al., Splitwise, ISCA 2024; CC-BY-4.0):
// rate, gaps and quantiles of lengths of its 19,366 requests. The other quantiles were chosen so
// that the means (1155 and 211) come out, and the mean of the largest of 8 and of 32 answers nearly does.

import { likeTrace } from './blocks/real-trace.ts';

export default likeTrace({
  id: 'azure-conversation',
  title: 'Azure-like conversation',
  about: 'Chat: prompts around a thousand tokens, answers of one to four hundred, almost Poisson arrivals.',
  rate: 5.53,
  gapVariation: 1.09,
  prompt: [
    [0, 2],
    [0.1, 150],
    [0.25, 380],
    [0.5, 1020],
    [0.75, 1212],
    [0.9, 2735],
    [0.99, 4142],
    [0.999, 4500],
    [1, 14050],
  ],
  output: [
    [0, 5],
    [0.1, 50],
    [0.25, 85],
    [0.5, 129],
    [0.75, 372],
    [0.9, 424],
    [0.95, 440],
    [0.99, 601],
    [0.999, 700],
    [1, 1000],
  ],
});
