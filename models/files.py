"""What training reads and writes: rows of token ids, held-out documents, and safetensors."""
import json
import struct
from pathlib import Path

import numpy as np
import torch

ANSWER = 0x8000
HERE = Path(__file__).parent
DATA = HERE / ".data"


class Rows:
    """Packs whole documents into rows of `length` + 1 ids; only the last of a row may be cut short."""

    def __init__(self, name: str, length: int, seed: int, begin: int = 0):
        self.length = length
        raw = np.fromfile(DATA / f"train-{name}.bin", dtype=np.uint16)
        starts = np.flatnonzero(raw == begin)
        self.raw, self.bounds = raw, np.stack([starts, np.append(starts[1:], len(raw))], 1)
        self.random = np.random.default_rng(seed)
        self.next, self.pool = 0, []

    def state(self):
        return {"next": self.next, "pool": self.pool, "random": self.random.bit_generator.state}

    def restore(self, state):
        self.next, self.pool = state["next"], state["pool"]
        self.random.bit_generator.state = state["random"]

    def refill(self):
        while len(self.pool) < 64:
            self.pool.append(self.next % len(self.bounds))
            self.next += 1

    def row(self):
        want, row = self.length + 1, []
        left = want
        while left > 0:
            self.refill()
            sizes = np.array([self.bounds[d][1] - self.bounds[d][0] for d in self.pool])
            fit = np.flatnonzero(sizes <= left)
            # the first that fits keeps the mix; when none fits, any one is cut
            at = int(fit[0]) if len(fit) else int(self.random.integers(len(self.pool)))
            first, last = self.bounds[self.pool.pop(at)]
            row.append(self.raw[first : min(last, first + left)])
            left -= len(row[-1])
        return np.concatenate(row)

    def batch(self, rows: int):
        """ids [rows, length + 1] and a mask of the same shape: true where a token belongs to an answer."""
        raw = np.stack([self.row() for _ in range(rows)]).astype(np.int64)
        return torch.from_numpy(raw & (ANSWER - 1)), torch.from_numpy((raw & ANSWER) != 0)


def held_out():
    return json.loads((DATA / "heldout.json").read_text())


def write_safetensors(path: Path, tensors: dict, dtype: str = "F16"):
    kinds = {"F16": torch.float16, "F32": torch.float32}
    header, blobs, at = {"__metadata__": {"format": "pt"}}, [], 0
    for name, tensor in tensors.items():
        blob = tensor.detach().to(kinds[dtype]).contiguous().numpy().tobytes()
        header[name] = {"dtype": dtype, "shape": list(tensor.shape), "data_offsets": [at, at + len(blob)]}
        blobs.append(blob)
        at += len(blob)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def read_safetensors(path: Path):
    raw = path.read_bytes()
    (size,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + size])
    kinds = {"F16": np.float16, "F32": np.float32}
    out = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        first, last = entry["data_offsets"]
        flat = np.frombuffer(raw[8 + size + first : 8 + size + last], dtype=kinds[entry["dtype"]])
        out[name] = torch.from_numpy(flat.astype(np.float32)).view(entry["shape"])
    return out
