// circuit-show
