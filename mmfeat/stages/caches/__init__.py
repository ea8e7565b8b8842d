"""What `mmfeat cache` does: look after, join, export, import."""
