"""What scripts/bench measures: whole raspc processes, and the files they write."""
