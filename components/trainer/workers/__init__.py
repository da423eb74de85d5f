"""Training with several processes: each computes its part of every batch, and their gradients are summed."""
