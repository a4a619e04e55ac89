"""Methods that learn a mask over edges, with given noise instead of drawn one.

`gate` is the hard concrete distribution of Louizos et al. (2018) as subnetwork probing (Cao et al.
2021) and edge pruning (Bhaskar et al. 2024) use it. Each `learn_*` makes a few steps with Adam and
returns the mean loss of every step, without what the edges cost, and the log-odds in the end.
Parameters are `[edge]`; a mask is `[receiver, sender]`, zero where there is no edge.
"""

import math

import torch
from torch import Tensor

from .experiment import Experiment

TEMPERATURE, LOW, HIGH = 2 / 3, -0.1, 1.1


def gate(log_odds: Tensor, noise: Tensor) -> Tensor:
    soft = torch.sigmoid((noise.log() - (1 - noise).log() + log_odds) / TEMPERATURE)
    return (LOW + (HIGH - LOW) * soft).clamp(0, 1)


def open_probability(log_odds: Tensor) -> Tensor:
    """The probability that a gate isn't 0."""
    return torch.sigmoid(log_odds - TEMPERATURE * math.log(-LOW / HIGH))


def matrix(experiment: Experiment, values: Tensor) -> Tensor:
    """`[..., edge]` as `[..., receiver, sender]`."""
    graph = experiment.graph
    senders, receivers = (torch.tensor(side) for side in zip(*graph.edges))
    mask = values.new_zeros(*values.shape[:-1], len(graph.receivers), len(graph.senders))
    mask[..., receivers, senders] = values
    return mask


def losses(experiment: Experiment, values: Tensor, ablated: Tensor | None = None) -> Tensor:
    """Each pair's loss at a mask, `[edge]` or `[pair, edge]`."""
    run = experiment.model.run(
        experiment.clean_embedding, matrix(experiment, values),
        experiment.ablated if ablated is None else ablated)
    return experiment.losses(run.final)


def learn_subnetwork_probing(
    experiment: Experiment, noise: Tensor, penalty: float, learning_rate: float,
) -> tuple[list[float], Tensor]:
    share = (0.9 - LOW) / (HIGH - LOW)
    log_odds = torch.full(
        noise.shape[1:], math.log(share / (1 - share)), dtype=noise.dtype, requires_grad=True)
    optimiser = torch.optim.Adam([log_odds], lr=learning_rate)
    found = []
    for drawn in noise:
        loss = losses(experiment, gate(log_odds, drawn)).mean()
        optimiser.zero_grad()
        (loss + penalty * open_probability(log_odds).mean()).backward()
        optimiser.step()
        found.append(loss.item())
    return found, log_odds.detach()


def learn_edge_pruning(
    experiment: Experiment, noise: Tensor, target: float, learning_rate: float,
) -> tuple[list[float], Tensor]:
    log_odds = torch.full(noise.shape[1:], 2.0, dtype=noise.dtype, requires_grad=True)
    multipliers = torch.zeros(2, dtype=noise.dtype, requires_grad=True)
    optimiser = torch.optim.Adam([log_odds], lr=learning_rate)
    climber = torch.optim.Adam([multipliers], lr=200 * learning_rate, maximize=True)
    found = []
    for step, drawn in enumerate(noise, 1):
        loss = losses(experiment, gate(log_odds, drawn)).mean()
        reached = 1 - open_probability(log_odds).mean()
        gap = reached - target * min(1, step / max(1, len(noise) * 3 // 4))
        optimiser.zero_grad()
        climber.zero_grad()
        (loss + multipliers[0] * gap + multipliers[1] * gap**2).backward()
        optimiser.step()
        climber.step()
        found.append(loss.item())
    return found, log_odds.detach()


def learn_uniform_gradient_sampling(
    experiment: Experiment, noise: Tensor, penalty: float, learning_rate: float,
) -> tuple[list[float], Tensor]:
    """`noise[step, pair, edge]`."""
    log_odds = torch.ones(noise.shape[2:], dtype=noise.dtype, requires_grad=True)
    optimiser = torch.optim.Adam([log_odds], lr=learning_rate, betas=(0.9, 0.995))
    found = []
    for drawn in noise:
        probability = log_odds.detach().sigmoid()
        window = probability * (1 - probability)
        mask = 1 - ((drawn - probability) / window + 0.5).clamp(0, 1)
        mask.requires_grad_()
        loss = losses(experiment, mask)
        slopes, = torch.autograd.grad(loss.sum(), mask)
        between = (mask > 0) & (mask < 1)
        slope = (slopes * between).sum(0) / between.sum(0).clamp(min=1)
        log_odds.grad = window * (slope + penalty)
        optimiser.step()
        found.append(loss.mean().item())
    return found, log_odds.detach()


def ablated_gradient(experiment: Experiment, values: Tensor) -> Tensor:
    """`[sender, d_model]`: the gradient of the mean loss at a mask by a constant added to what a
    sender's cut edges carry at every position."""
    shift = torch.zeros(
        len(experiment.graph.senders), 1, 1, experiment.clean.shape[-1],
        dtype=values.dtype, requires_grad=True)
    loss = losses(experiment, values, experiment.ablated + shift).mean()
    return torch.autograd.grad(loss, shift)[0][:, 0, 0]
