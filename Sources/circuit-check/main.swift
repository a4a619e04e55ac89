// circuit-check
