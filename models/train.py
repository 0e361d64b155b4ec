#!/usr/bin/env python3
"""Trains the model in the box. One command, seeded: `python3 models/train.py base`, then `... draft`.

Needs PyTorch 1.13 or later (Debian: apt-get install python3-torch) and Node for the corpus. Writes
models/<name>/{config.json, model.safetensors, log.jsonl} and the state to go on from in models/.data.
"""
import argparse
import json
import os
import shutil
import subprocess
import time

import torch
import torch.nn.functional as F

from files import DATA, HERE, Rows, held_out, read_safetensors, write_safetensors
from llama import Linear, Llama
from muon import Muon
from score import score

SEED = 20261120
SHAPES = {
    "base": {"hidden_size": 256, "intermediate_size": 512, "num_hidden_layers": 5,
             "num_attention_heads": 4, "num_key_value_heads": 2},
    "draft": {"hidden_size": 96, "intermediate_size": 224, "num_hidden_layers": 2,
              "num_attention_heads": 3, "num_key_value_heads": 1},
}
# file, ids a row, rows a step, steps. Early rows are short, where attention is cheap; the echoes teach to look back.
PLANS = {
    "base": (("echo", 256, 16, 600), ("mixed", 640, 7, 3100), ("long", 1152, 4, 400)),
    "draft": (("mixed", 640, 10, 500), ("long", 1152, 5, 60)),
}
ANSWER_WEIGHT = 3.0  # of the loss of an answer's tokens: they teach what the rest of a text hardly needs
DECAY = 0.5  # the share of the steps in which the rate falls to nothing


def config_of(name: str) -> dict:
    return {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", **SHAPES[name],
        "vocab_size": 1408, "max_position_embeddings": 2048, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
        "tie_word_embeddings": True, "hidden_act": "silu", "attention_bias": False, "mlp_bias": False,
        "bos_token_id": 0, "eos_token_id": 1, "torch_dtype": "float16",
    }


def save(name: str, model: Llama):
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config_of(name), indent=2) + "\n")
    shutil.copy(HERE / "tokenizer.json", folder / "tokenizer.json")
    tensors = {f"model.{key}": value for key, value in model.state_dict().items()}
    write_safetensors(folder / "model.safetensors", tensors)


def load(name: str) -> Llama:
    model = Llama(config_of(name))
    tensors = read_safetensors(HERE / name / "model.safetensors")
    model.load_state_dict({key.removeprefix("model."): value for key, value in tensors.items()})
    return model.eval()


def loss_of(model, teacher, ids, answers):
    logits = model(ids[:, :-1]).flatten(0, 1)
    if teacher is not None:
        with torch.no_grad():
            wanted = torch.log_softmax(teacher(ids[:, :-1]).flatten(0, 1), -1)
        return F.kl_div(torch.log_softmax(logits, -1), wanted, log_target=True, reduction="batchmean")
    weights = 1 + (ANSWER_WEIGHT - 1) * answers[:, 1:].flatten().float()
    each = F.cross_entropy(logits, ids[:, 1:].flatten(), reduction="none")
    return (each * weights).sum() / weights.sum()


def train(name: str, rate: float, threads: int):
    torch.set_num_threads(threads)
    torch.manual_seed(SEED)
    Linear.compute = torch.bfloat16
    teacher = load("base") if name == "draft" else None
    model = Llama(config_of(name))
    matrices = [p for n, p in model.named_parameters() if n.endswith("_proj.weight")]
    gains = [p for n, p in model.named_parameters() if n.endswith("norm.weight")]
    muon = Muon(matrices, lr=rate)
    slow = [{"params": [model.embed_tokens.weight], "peak": rate * 2 / 3}, {"params": gains, "peak": rate / 8}]
    adam = torch.optim.AdamW(slow, lr=rate, betas=(0.9, 0.95), weight_decay=0.0)
    plan = PLANS[name]
    readers = {file: Rows(file, length, SEED) for file, length, _, _ in plan}
    total, documents = sum(steps for *_, steps in plan), held_out()[:100]
    (HERE / name).mkdir(exist_ok=True)
    state_path, log_path = DATA / f"{name}.pt", HERE / name / "log.jsonl"
    done, tokens, spent = 0, 0, 0.0
    if state_path.exists():
        state = torch.load(state_path)
        model.load_state_dict(state["model"])
        muon.load_state_dict(state["muon"])
        adam.load_state_dict(state["adam"])
        done, tokens, spent = state["done"], state["tokens"], state["spent"]
        for file, kept in state["rows"].items():
            if file in readers:
                readers[file].restore(kept)
        print(f"going on from step {done}")
    else:
        log_path.write_text("")
    started, running = time.time() - spent, 0.0
    first = 0
    for file, _, count, steps in plan:
        rows = readers[file]
        for step in range(max(done, first), first + steps):
            scale = min(1, (step + 1) / 60, (total - step) / (DECAY * total))
            muon.param_groups[0]["lr"] = rate * scale
            for group in adam.param_groups:
                group["lr"] = group["peak"] * scale
            ids, answers = rows.batch(count)
            loss = loss_of(model, teacher, ids, answers)
            loss.backward()
            muon.step()
            adam.step()
            model.zero_grad(set_to_none=True)
            tokens += count * rows.length
            running = loss.item() if running == 0 else 0.95 * running + 0.05 * loss.item()
            last = step + 1 == total
            if (step + 1) % 40 == 0 or last:
                line = {"step": step + 1, "tokens": tokens, "rows": file, "loss": round(running, 4),
                        "seconds": round(time.time() - started)}
                if (step + 1) % 400 == 0 or last:
                    model.eval()
                    line["heldout"] = score(model, documents)
                    model.train()
                    save(name, model)
                    torch.save({"model": model.state_dict(), "muon": muon.state_dict(), "adam": adam.state_dict(),
                                "done": step + 1, "tokens": tokens, "spent": time.time() - started,
                                "rows": {file: r.state() for file, r in readers.items()}}, state_path)
                with log_path.open("a") as log:
                    log.write(json.dumps(line) + "\n")
                print(json.dumps(line), flush=True)
        first += steps


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("name", choices=list(SHAPES))
    options.add_argument("--rate", type=float, default=0.015, help="peak rate of Muon; AdamW's are shares of it")
    options.add_argument("--threads", type=int, default=os.cpu_count())
    given = options.parse_args()
    if not (DATA / "heldout.json").exists():
        subprocess.run(["node", "scripts/run.mjs", "models/prepare.ts"], cwd=HERE.parent, check=True)
    train(given.name, given.rate, given.threads)
