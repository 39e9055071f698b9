"""Benchmarks: what the engine does in a second, beside peers on the same flow."""
