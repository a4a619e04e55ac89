// circuit-diff
