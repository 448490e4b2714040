"""Buttons, encoders, foot-switches and lights: the only floor that touches pins."""
