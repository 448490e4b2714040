"""Microphones and loudspeakers: cards through ALSA, WAV files, a parrot.

It knows neither rooms nor codecs: frames go out and come in by `domain.audio`.
"""
