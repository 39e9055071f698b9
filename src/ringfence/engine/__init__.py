"""The machine: deterministic, integers only, no clock, no chance, no input or output."""
