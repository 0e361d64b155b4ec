#!/usr/bin/env python3
"""Writes what the product's own arithmetic is held against: `python3 models/fixtures.py`, again after every training.

For each model that is there: logits of the stored f16 weights computed in f32 by PyTorch, for texts of several lengths, into
models/fixtures/<name>.json with a hash of the weights, and the scores of a few short held-out documents; and ids of some texts
by an encoder of its own into text.json.
"""
import base64
import hashlib
import json

import torch

from card import Tokenizer
from files import HERE, held_out
from score import score
from train import SHAPES, load

FOLDER = HERE / "fixtures"
TEXTS = (
    "",
    "Once upon a time there was a girl named Mia. She lived near the",
    "Ben has a red kite. Rosa likes plums.\nQ: What does Ben have?\nA: a red kite.\n",
    "Open: ( [ { <\nClose: > } ] )\n3 + 4 = 7\n\n  Two  spaces, an \"é\" and a 12.",
)
LENGTHS = (150, 400, 900)  # of held-out texts, cut there: within one chunk of a prompt, and over several
SCORED = {"first": 40, "longest": 120}  # documents that are scored too: the short ones of the first


def cases(tokenizer):
    yield from ([0, *tokenizer.encode(text)] for text in TEXTS)
    documents = held_out()
    for length in LENGTHS:
        yield next(d["ids"][:length] for d in documents if len(d["ids"]) > length)


def short():
    return [d for d in held_out()[: SCORED["first"]] if len(d["ids"]) <= SCORED["longest"]]


@torch.no_grad()
def logits(model, ids):
    """Rows of the logits [rows, vocabulary] of a text: its middle and its last token."""
    rows = sorted({(len(ids) - 1) // 2, len(ids) - 1})
    values = model(torch.tensor([ids]))[0, rows].contiguous().numpy().astype("<f4")
    return {"ids": ids, "rows": rows, "logits": base64.b64encode(values.tobytes()).decode()}


def main():
    tokenizer = Tokenizer()
    FOLDER.mkdir(exist_ok=True)
    texts = [{"text": text, "ids": tokenizer.encode(text)} for text in TEXTS]
    (FOLDER / "text.json").write_text(json.dumps(texts, indent=1) + "\n")
    for name in SHAPES:
        weights = HERE / name / "model.safetensors"
        if not weights.exists():
            print(f"{name}: not trained yet")
            continue
        model = load(name)
        made = {"weights": hashlib.sha256(weights.read_bytes()).hexdigest(),
                "cases": [logits(model, ids) for ids in cases(tokenizer)],
                "scored": {**SCORED, **score(model, short())}}
        (FOLDER / f"{name}.json").write_text(json.dumps(made) + "\n")
        print(f"{name}: {len(made['cases'])} texts of {[len(c['ids']) for c in made['cases']]} tokens")


if __name__ == "__main__":
    main()
