// circuit-pairs
