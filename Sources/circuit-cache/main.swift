// circuit-cache
