"""Linear models whose penalties are chosen on unseen patients, and how they are combined."""
