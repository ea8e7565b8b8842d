"""Networks of the user's own: exported programs and folders that bring their code."""
