// circuit-score
