"""STOIC 2021: COVID-19 and its severity from a CT scan of the chest."""
