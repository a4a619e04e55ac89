// circuit-run
