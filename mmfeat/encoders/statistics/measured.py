"""What the statistics of a scan are of: the numbers that its recipe states."""

PERCENTILES = (1, 5, 10, 15, 25, 50, 75, 90, 95, 99)
BODY_BANDS_HU = (-1024, -950, -700, -200, -30, 20, 80, 150, 300, 700)
"""Where bands begin: air, lung, dense lung, fat, water, tissue, contrast, spongy bone, bone."""
EMPHYSEMA_HU = (-980, -950, -930, -910, -880)
"""Shares of lung below these; -950 is the usual index of emphysema (Gevenois 1996, LAA-950)."""
DENSE_HU = (-700.0, -400.0, -100.0)
"""What counts as dense: ground glass, half solid, solid."""
RADII_MM = (3.0, 5.0, 7.0, 9.0, 12.0, 16.0)
LUMP_SCALES_MM = (2.5, 3.5, 5.0, 7.0, 10.0, 14.0)
"""Deviations of the smoothing; a ball answers most at its radius divided by the root of 3."""
