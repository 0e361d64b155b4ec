#!/usr/bin/env python3
"""Writes the model card of a trained model: `python3 models/card.py`. Every figure in it is measured here.

Scores all held-out documents with the stored f16 weights, computed in f32; draws the loss curves from the logs
(needs matplotlib); writes models/README.md, models/loss.svg and models/<name>/scores.json.
"""
import json
import re

import torch

from files import DATA, HERE, held_out
from score import score
from train import PLANS, SHAPES, load

BEGIN, END = 0, 1
PROMPTS = (
    "Once upon a time there was a girl named Mia. She lived near the",
    "Facts: Ben has a red kite. Rosa likes plums. It was already late.\nQ: What does Ben have?\nA:",
    "The words of Ida: lamp river nuts blue bell.\nThe street was quiet.\nRepeat the words of Ida:",
    "Open: ( [ { <\nClose:",
)


class Tokenizer:
    """Just enough of byte-level BPE to print samples; the product reads tokenizer.json through a library."""

    def __init__(self):
        model = json.loads((HERE / "tokenizer.json").read_text())["model"]
        self.ids, self.rank = model["vocab"], {pair: i for i, pair in enumerate(model["merges"])}
        self.tokens = {i: token for token, i in self.ids.items()}
        plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
        symbols = {b: chr(b) for b in plain}
        symbols.update({b: chr(256 + n) for n, b in enumerate(b for b in range(256) if b not in symbols)})
        self.symbols, self.bytes = symbols, {s: b for b, s in symbols.items()}

    def encode(self, text: str):
        out = []
        for piece in re.findall(r"'s| ?[A-Za-z]+| ?[0-9]+| ?[^\sA-Za-z0-9]+|\s+(?!\S)|\s+", text):
            parts = [self.symbols[b] for b in piece.encode()]
            while len(parts) > 1:
                pairs = [self.rank.get(f"{a} {b}", 1 << 30) for a, b in zip(parts, parts[1:])]
                best = min(range(len(pairs)), key=pairs.__getitem__)
                if pairs[best] == 1 << 30:
                    break
                parts[best : best + 2] = [parts[best] + parts[best + 1]]
            out += [self.ids[p] for p in parts]
        return out

    def decode(self, ids):
        text = "".join(self.tokens[i] for i in ids if i > END)
        return bytes(self.bytes[c] for c in text).decode(errors="replace")


@torch.no_grad()
def sample(model, tokenizer, prompt: str, most: int = 260):
    ids = [BEGIN, *tokenizer.encode(prompt)]
    for _ in range(most):
        ids.append(int(model(torch.tensor([ids]))[0, -1].argmax()))
        if ids[-1] == END or (":" in prompt and ids[-1] in tokenizer.encode("\n")):
            break
    return tokenizer.decode(ids)


@torch.no_grad()
def agreement(base, draft, documents):
    """Share of the tokens of stories on which the draft's first choice is the base's."""
    same, count = 0, 0
    for document in documents:
        if document["kind"] == "story":
            ids = torch.tensor([document["ids"][:-1]])
            same += int((base(ids).argmax(-1) == draft(ids).argmax(-1)).sum())
            count += ids.numel()
    return same / count


def curve(names):
    import matplotlib
    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "lockstep"
    from matplotlib import pyplot
    figure, axis = pyplot.subplots(figsize=(7, 3.2), layout="constrained")
    for name in names:
        lines = [json.loads(line) for line in (HERE / name / "log.jsonl").read_text().splitlines()]
        axis.plot([l["tokens"] / 1e6 for l in lines], [l["loss"] for l in lines], label=f"{name}, training loss")
        held = [l for l in lines if "heldout" in l]
        axis.plot([l["tokens"] / 1e6 for l in held], [torch.tensor(l["heldout"]["perplexity"]).log() for l in held],
                  "o", markersize=3, label=f"{name}, held-out loss")
    axis.set(xlabel="million tokens seen", ylabel="loss, nats a token", yscale="log")
    axis.legend(frameon=False)
    path = HERE / "loss.svg"
    figure.savefig(path, metadata={"Date": None})
    title = "<title>Training and held-out loss over the tokens seen, of each model</title>"
    path.write_text(re.sub(r"(<svg[^>]*>)", rf"\1\n {title}", path.read_text(), count=1))


def table(scores):
    rows = ["| task | right | asked |", "|---|---|---|"]
    return "\n".join(rows + [f"| {kind} | {100 * share:.1f} % | {count} |" for kind, (share, count) in scores.items()])


def section(name, model, result, lines):
    parameters, last = sum(p.numel() for p in model.parameters()), lines[-1]
    size = (HERE / name / "model.safetensors").stat().st_size
    shape = SHAPES[name]
    return f"""## {name}

{parameters:,} parameters, {size / 1e6:.2f} MB in f16: {shape['num_hidden_layers']} layers, width {shape['hidden_size']}, \
{shape['num_attention_heads']} heads, {shape['num_key_value_heads']} KV heads, hidden {shape['intermediate_size']}, \
vocabulary {model.config['vocab_size']:,}, embeddings tied.
Trained on {last['tokens'] / 1e6:.1f} million tokens in {last['seconds'] / 60:.0f} minutes \
({', '.join(f'{steps * rows * length / 1e6:.1f} M of {file}' for file, length, rows, steps in PLANS[name])}:
stretches that `models/prepare.ts` makes, each with its share of drills).

Held-out perplexity {result['perplexity']} over {result['tokens']:,} tokens.

{table(result['scores'])}
"""


def main():
    torch.set_grad_enabled(False)
    documents, tokenizer = held_out(), Tokenizer()
    names = [n for n in SHAPES if (HERE / n / "model.safetensors").exists()]
    models, sections = {}, []
    for name in names:
        models[name] = load(name)
        result = score(models[name], documents)
        (HERE / name / "scores.json").write_text(json.dumps(result, indent=2) + "\n")
        lines = [json.loads(line) for line in (HERE / name / "log.jsonl").read_text().splitlines()]
        sections.append(section(name, models[name], result, lines))
        print(name, json.dumps(result))
    curve(names)
    if len(models) == 2:
        share = agreement(models["base"], models["draft"], documents)
        sections.append(f"The draft's first choice is the base's on {100 * share:.1f} % of the tokens of held-out stories.\n")
    samples = "\n".join(f"```\n{sample(models['base'], tokenizer, p)}\n```\n" for p in PROMPTS)
    template = (HERE / "card.md").read_text()
    (HERE / "README.md").write_text(
        template.replace("{{sections}}", "\n".join(sections)).replace("{{samples}}", samples))


if __name__ == "__main__":
    main()
