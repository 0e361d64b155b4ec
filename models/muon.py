"""Muon for the matrices (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/), AdamW for the rest.

Momentum is orthogonalized before it is applied, which needs about half of Adam's tokens on models this small. The decay
bounds the matrices (spectral norm at most 1 / decay), so that no layer's output drowns the tokens it was made from.
"""
import torch


def orthogonalize(gradient: torch.Tensor, iterations: int = 5) -> torch.Tensor:
    """The nearest semi-orthogonal matrix, roughly: five quintic Newton–Schulz iterations in bfloat16."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = gradient.bfloat16()
    tall = x.shape[0] > x.shape[1]
    if tall:
        x = x.t().contiguous()
    x = x / (x.norm() + 1e-7)
    for _ in range(iterations):
        square = x @ x.t().contiguous()
        x = a * x + (b * square + c * square @ square) @ x
    return (x.t() if tall else x).float()


class Muon(torch.optim.Optimizer):
    def __init__(self, matrices, lr: float, momentum: float = 0.95, decay: float = 0.3):
        super().__init__(matrices, {"lr": lr, "momentum": momentum, "decay": decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                if "velocity" not in state:
                    state["velocity"] = torch.zeros_like(p)
                velocity = state["velocity"].mul_(group["momentum"]).add_(p.grad)
                update = orthogonalize(p.grad + group["momentum"] * velocity)
                p.mul_(1 - group["lr"] * group["decay"])
                p.add_(update, alpha=-group["lr"] * max(1.0, p.shape[0] / p.shape[1]) ** 0.5)
