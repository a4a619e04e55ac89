// circuit-convert
