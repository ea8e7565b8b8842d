"""Many heads of one shape trained as one batched program.

Shape letters used throughout: heads of the stack, views, batch (cases in one step), modalities,
outputs, columns of labels. Everything random is a hash of what it is for (``counters.py``), so a
head is the same whoever is trained beside it.
"""
