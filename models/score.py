"""Held-out perplexity and task scores: an answer is right when greedy decoding would give all of its tokens."""
import math
from collections import defaultdict

import torch
import torch.nn.functional as F

NEAR = ((128, "<=128"), (512, "129-512"), (10**9, ">512"))


@torch.no_grad()
def score(model, documents, longest: int = 2048):
    loss, count = 0.0, 0
    right, asked = defaultdict(int), defaultdict(int)
    for document in documents:
        ids = torch.tensor(document["ids"][:longest])
        logits = model(ids[None, :-1])[0]
        loss += F.cross_entropy(logits, ids[1:], reduction="sum").item()
        count += len(ids) - 1
        best = logits.argmax(-1)
        for answer in document["answers"]:
            first, last = answer["from"], answer["to"]
            if last > len(ids):
                continue
            good = bool((best[first - 1 : last - 1] == ids[first:last]).all())
            kinds = [document["kind"]]
            if document["kind"] in ("recall", "copying"):
                kinds.append(kinds[0] + " " + next(n for d, n in NEAR if answer["distance"] <= d))
            for kind in kinds:
                right[kind] += good
                asked[kind] += 1
    scores = {kind: [round(right[kind] / asked[kind], 4), asked[kind]] for kind in sorted(asked)}
    return {"perplexity": round(math.exp(loss / count), 4), "tokens": count, "scores": scores}
