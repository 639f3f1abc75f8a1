"""Measures the bot against its anchors; `python -m benchmarks --help` says how."""
