"""How either app is served: entry points, named command lines, start, readiness, stop."""
