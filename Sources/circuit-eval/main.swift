// circuit-eval
