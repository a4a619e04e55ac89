// circuit-patch
