"""Nonlinear least squares by the method of Levenberg and Marquardt (Marquardt 1963, "An Algorithm for Least-Squares Estimation of
Nonlinear Parameters"), which PyTorch has no optimiser for: with some hundred parameters it takes the dozens of steps that first-order methods
do not get through in thousands, where the curvature of directions differs by a factor of a million."""

import torch
from torch.func import jacfwd

DAMPING = 1e-3  # at first, as a share of curvature
FACTOR = 4  # that damping is divided by after a step that helps, and multiplied by after one that does not
LIGHTEST = 1e-9  # damping
TRIES = 12  # steps that do not help, one after the other, at which there is none
LEAST = 1e-6  # curvature that damping takes a direction to have at least


@torch.no_grad()
def descended(residuals, w, steps, enough):
    """Returns parameters with a smaller sum of squared residuals, after so many steps or where the sum is small enough."""
    now, damping = residuals(w), DAMPING
    for _ in range(steps):
        if now.square().sum() < enough:
            break
        jacobian = jacfwd(residuals)(w).reshape(len(now), -1)
        curvature, slope = jacobian.T @ jacobian, jacobian.T @ now
        size = curvature.diagonal().clamp(min=LEAST)
        for _ in range(TRIES):
            factor, _ = torch.linalg.cholesky_ex(curvature + damping * size.diag())  # one that fails gives a step that does not help
            step = torch.cholesky_solve(slope[:, None], factor)
            then = residuals(w - step.reshape(w.shape))
            if then.square().sum() < now.square().sum():
                break
            damping *= FACTOR
        else:
            break
        w, now, damping = w - step.reshape(w.shape), then, max(LIGHTEST, damping / FACTOR)
    return w
