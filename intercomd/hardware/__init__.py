"""Buttons, encoders and lights, as the pins and devices of this machine."""
