"""Attribution graphs in plain numpy and float64, without autograd: what the Swift code is held to.

The rules are those of circuit-tracer (github.com/decoderesearch/circuit-tracer); check.py compares
this package with values that circuit-tracer gave.
"""
