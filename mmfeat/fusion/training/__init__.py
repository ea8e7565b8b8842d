"""How networks are trained: jobs, the loop of one, and the rounds of many heads."""
