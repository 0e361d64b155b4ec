"""A Llama-style decoder in plain PyTorch (1.13 and later): what models/train.py trains and checks."""
import math

import torch
import torch.nn.functional as F
from torch import nn


def rotary(length: int, head_dim: int, theta: float):
    """cos, sin [length, head_dim] of the half-rotated layout (Su et al. 2021, as Llama lays it out)."""
    inverse = theta ** (-torch.arange(0, head_dim, 2, dtype=torch.float64) / head_dim)
    angle = torch.arange(length, dtype=torch.float64)[:, None] * inverse[None, :]
    angle = torch.cat([angle, angle], dim=-1)
    return angle.cos().float(), angle.sin().float()


def rotate(x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
    half = x.shape[-1] // 2
    turned = torch.cat([-x[..., half:], x[..., :half]], dim=-1)
    return x * cos + turned * sin


class RmsNorm(nn.Module):
    def __init__(self, width: int, epsilon: float):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.epsilon = epsilon

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.epsilon) * self.weight


class Linear(nn.Linear):
    """Multiplies in `self.compute`: bfloat16 while training on CPUs that have its dot product."""

    compute = torch.float32

    def __init__(self, inputs: int, outputs: int):
        super().__init__(inputs, outputs, bias=False)

    def forward(self, x):
        if self.compute is torch.float32:
            return F.linear(x, self.weight)
        return F.linear(x.to(self.compute), self.weight.to(self.compute)).float()


class Layer(nn.Module):
    def __init__(self, c: dict):
        super().__init__()
        width, hidden = c["hidden_size"], c["intermediate_size"]
        self.heads, self.kv_heads = c["num_attention_heads"], c["num_key_value_heads"]
        self.head_dim = width // self.heads
        self.input_layernorm = RmsNorm(width, c["rms_norm_eps"])
        self.post_attention_layernorm = RmsNorm(width, c["rms_norm_eps"])
        self.self_attn = nn.Module()
        self.self_attn.q_proj = Linear(width, self.heads * self.head_dim)
        self.self_attn.k_proj = Linear(width, self.kv_heads * self.head_dim)
        self.self_attn.v_proj = Linear(width, self.kv_heads * self.head_dim)
        self.self_attn.o_proj = Linear(self.heads * self.head_dim, width)
        self.mlp = nn.Module()
        self.mlp.gate_proj = Linear(width, hidden)
        self.mlp.up_proj = Linear(width, hidden)
        self.mlp.down_proj = Linear(hidden, width)

    def attend(self, x, cos, sin, mask):
        batch, length, _ = x.shape
        a = self.self_attn
        group = self.heads // self.kv_heads

        def split(y, heads):
            return y.view(batch, length, heads, self.head_dim).transpose(1, 2)

        q = rotate(split(a.q_proj(x), self.heads), cos, sin) / math.sqrt(self.head_dim)
        k = rotate(split(a.k_proj(x), self.kv_heads), cos, sin)
        v = split(a.v_proj(x), self.kv_heads)
        # the heads of a group follow each other, and share one k and v: fold them into the rows of q
        q = q.reshape(batch * self.kv_heads, group * length, self.head_dim)
        k = k.reshape(batch * self.kv_heads, length, self.head_dim)
        v = v.reshape(batch * self.kv_heads, length, self.head_dim)
        kind = Linear.compute
        scores = torch.bmm(q.to(kind), k.transpose(1, 2).to(kind)).view(-1, group, length, length)
        weights = torch.softmax(scores + mask.to(kind), dim=-1).view(-1, group * length, length)
        out = torch.bmm(weights.to(kind), v.to(kind)).float()
        out = out.view(batch, self.heads, length, self.head_dim).transpose(1, 2).reshape(batch, length, -1)
        return a.o_proj(out)

    def forward(self, x, cos, sin, mask):
        x = x + self.attend(self.input_layernorm(x), cos, sin, mask)
        y = self.post_attention_layernorm(x)
        return x + self.mlp.down_proj(F.silu(self.mlp.gate_proj(y)) * self.mlp.up_proj(y))


class Llama(nn.Module):
    """Names and shapes are those of Hugging Face's LlamaForCausalLM, embeddings tied."""

    def __init__(self, config: dict):
        super().__init__()
        self.config = config
        width, layers = config["hidden_size"], config["num_hidden_layers"]
        self.embed_tokens = nn.Embedding(config["vocab_size"], width)
        self.layers = nn.ModuleList(Layer(config) for _ in range(layers))
        self.norm = RmsNorm(width, config["rms_norm_eps"])
        # large, so that a token is still told from others behind the layers' own output: at the usual 0.02 copying was learned
        # four times as slowly. The last norm's small gain makes up for it where the same matrix gives the logits.
        nn.init.normal_(self.embed_tokens.weight, std=0.5)
        nn.init.constant_(self.norm.weight, 0.06)
        for name, weight in self.named_parameters():
            if name.endswith("_proj.weight"):
                nn.init.normal_(weight, std=0.02)
            if name.endswith(("o_proj.weight", "down_proj.weight")):
                nn.init.zeros_(weight)

    def forward(self, ids):
        """Token ids [batch, length] to logits [batch, length, vocabulary]."""
        c, length = self.config, ids.shape[1]
        cos, sin = rotary(length, c["hidden_size"] // c["num_attention_heads"], c["rope_theta"])
        mask = torch.full((length, length), float("-inf")).triu(1)
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x, cos, sin, mask)
        x = self.norm(x)
        if Linear.compute is torch.float32:
            return F.linear(x, self.embed_tokens.weight)
        return F.linear(x.to(Linear.compute), self.embed_tokens.weight.to(Linear.compute)).float()
