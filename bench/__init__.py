"""Benchmarks. They compare within one run on one machine; their absolute figures mean nothing elsewhere."""
