"""The words of the intercom as types: rooms, users, streams, frames, errors.

Pure: it knows no clock, no socket, no file and no thread.
"""
