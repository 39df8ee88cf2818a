"""Training of grafted models: hosts around circuits that do not change."""
