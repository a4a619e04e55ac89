// circuit-prune
