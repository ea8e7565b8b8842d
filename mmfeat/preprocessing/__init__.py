"""From a volume to an encoder's input: orientation, spacing, intensity, crops; numpy throughout."""
