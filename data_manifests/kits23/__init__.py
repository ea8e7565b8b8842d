"""KiTS23: kidney tumours before surgery, with a contrast CT and a clinical record."""
