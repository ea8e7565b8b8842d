"""What is done to a volume before a network sees it."""
